/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "plugin/child.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/os.h"
#include "plugin/slate.h"

/* How long the other sign of an end (process gone, socket closed) may take after the first. */
#define GRACE_MS 100
#define IN_SIZE_FIRST 4096u

static void settle(struct child *child);

static void say_lost(struct child *child) {
    uv_read_stop((uv_stream_t *)&child->pipe);
    child->lost = true;
    child->events->lost(child->context);
}

static void on_grace(uv_timer_t *timer);

/* A crash shows as an end of the socket and as an end of the process, in any order; a plugin may
 * also just close the socket, or leave it to a child of its own. */
static void settle(struct child *child) {
    if (child->closing)
        return;
    if (!child->lost && !(child->eof && child->exited)) {
        if (!uv_is_active((uv_handle_t *)&child->grace))
            uv_timer_start(&child->grace, on_grace, GRACE_MS, 0);
        return;
    }
    uv_timer_stop(&child->grace);
    if (!child->lost)
        say_lost(child);
    if (child->exited && !child->told && !child->closing) {
        child->told = true;
        child->events->reaped(child->context);
    }
}

static void on_exit_of(uv_process_t *process, int64_t status, int signal) {
    struct child *child = process->data;
    child->exited = true;
    child->status = status;
    child->signal = signal;
    if (child->pidfd >= 0)
        close(child->pidfd);
    child->pidfd = -1;
    settle(child);
}

static bool grow(struct child *child) {
    size_t size = child->in_size == 0 ? IN_SIZE_FIRST : child->in_size * 2;
    if (size > WIRE_HEAD + WIRE_FRAME_MAX)
        size = WIRE_HEAD + WIRE_FRAME_MAX;
    unsigned char *in = realloc(child->in, size);
    if (in == NULL)
        return false;
    child->in = in;
    child->in_size = size;
    return true;
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf) {
    struct child *child = handle->data;
    (void)suggested;
    if (child->in_len == child->in_size && !grow(child))
        *buf = uv_buf_init(NULL, 0);
    else
        *buf = uv_buf_init((char *)child->in + child->in_len,
                           (unsigned)(child->in_size - child->in_len));
}

/* True as long as what came is well formed and somebody wants to hear it. */
static bool hear(struct child *child) {
    size_t at = 0;
    int rc = 1;
    while (rc == 1 && !child->lost && !child->closing) {
        uint32_t type;
        struct wire_in payload;
        size_t whole;
        rc = wire_frame(child->in + at, child->in_len - at, &type, &payload, &whole);
        if (rc != 1)
            break;
        at += whole;
        if (!child->events->frame(child->context, type, &payload))
            rc = -EPROTO;
    }
    memmove(child->in, child->in + at, child->in_len - at);
    child->in_len -= at;
    return rc >= 0;
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf) {
    struct child *child = stream->data;
    (void)buf;
    if (n > 0) {
        child->in_len += (size_t)n;
        if (!hear(child) && !child->lost && !child->closing) {
            child->rubbish = true;
            say_lost(child);
            settle(child);
        }
    } else if (n < 0) {
        uv_read_stop(stream);
        child->eof = true;
        settle(child);
    }
}

/* On a busy machine the timer may come before the loop has read what the process left behind. */
static void read_rest(struct child *child) {
    uv_os_fd_t fd;
    if (uv_fileno((uv_handle_t *)&child->pipe, &fd) != 0)
        return;
    while (!child->lost && !child->closing && !child->eof) {
        if (child->in_len == child->in_size && !grow(child))
            return;
        ssize_t n = read(fd, child->in + child->in_len, child->in_size - child->in_len);
        if (n < 0 && errno != EINTR)
            return;
        child->eof = n == 0;
        child->in_len += n > 0 ? (size_t)n : 0;
        if (n > 0 && !hear(child))
            child->rubbish = true;
        if (child->rubbish)
            return;
    }
}

static void on_grace(uv_timer_t *timer) {
    struct child *child = timer->data;
    if (!child->lost && child->exited)
        read_rest(child);
    if (child->closing)
        return;
    if (!child->lost)
        say_lost(child);
    settle(child);
}

static int spawn(struct child *child, char *const argv[], int slate_fd) {
    char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", lang[] = "LANG=C";
    char *env[] = {path, lang, NULL};
    uv_stdio_container_t stdio[SLATE_FD + 1] = {
        {.flags = UV_IGNORE},
        {.flags = UV_IGNORE},
        {.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO},
        {.flags = (uv_stdio_flags)(UV_CREATE_PIPE | UV_READABLE_PIPE | UV_WRITABLE_PIPE),
         .data.stream = (uv_stream_t *)&child->pipe},
        {.flags = UV_INHERIT_FD, .data.fd = slate_fd},
    };
    uv_process_options_t options = {
        .exit_cb = on_exit_of,
        .file = argv[0],
        .args = (char **)argv,
        .env = env,
        .cwd = "/",
        .flags = UV_PROCESS_DETACHED, /* Ctrl-C is for the daemon */
        .stdio_count = slate_fd >= 0 ? SLATE_FD + 1 : SLATE_FD,
        .stdio = stdio,
    };
    return uv_spawn(child->process.loop, &child->process, &options);
}

int child_start(struct child *child, uv_loop_t *loop, const char *host_path, const char *mode,
                const char *path, unsigned uid, int slate_fd, const struct child_events *events,
                void *context, struct err *err) {
    char uid_text[16];
    snprintf(uid_text, sizeof uid_text, "%u", uid);
    char *const argv[] = {(char *)(uintptr_t)host_path, (char *)(uintptr_t)mode,
                          (char *)(uintptr_t)path, uid_text, NULL};
    *child = (struct child){.events = events, .context = context, .pidfd = -1, .handles = 3};
    child->process.data = child->pipe.data = child->grace.data = child;
    child->process.loop = loop;
    uv_timer_init(loop, &child->grace);
    uv_pipe_init(loop, &child->pipe, 0);
    int rc = spawn(child, argv, slate_fd);
    if (rc != 0)
        return err_set(err, -rc, "%s cannot be started: %s", host_path, uv_strerror(rc));
    child->started = true;
    child->pidfd = os_pidfd(child->process.pid);
    rc = uv_read_start((uv_stream_t *)&child->pipe, on_alloc, on_read);
    if (rc != 0) {
        child_kill(child);
        return err_set(err, -rc, "%s cannot be heard: %s", host_path, uv_strerror(rc));
    }
    return 0;
}

/* A write that waits, with its bytes behind it. */
static void on_written(uv_write_t *write, int status) {
    (void)status; /* a broken socket shows as an end on the reading side */
    free(write);
}

static int send_later(struct child *child, const uv_buf_t *bufs, unsigned bufs_len, size_t done) {
    size_t total = 0;
    for (unsigned i = 0; i < bufs_len; i++)
        total += bufs[i].len;
    uv_write_t *write = malloc(sizeof *write + total - done);
    if (write == NULL)
        return -ENOMEM;
    char *to = (char *)(write + 1);
    for (unsigned i = 0; i < bufs_len; i++) {
        size_t skip = done < bufs[i].len ? done : bufs[i].len;
        done -= skip;
        memcpy(to, bufs[i].base + skip, bufs[i].len - skip);
        to += bufs[i].len - skip;
    }
    uv_buf_t rest = uv_buf_init((char *)(write + 1), (unsigned)(to - (char *)(write + 1)));
    int rc = uv_write(write, (uv_stream_t *)&child->pipe, &rest, 1, on_written);
    if (rc != 0)
        free(write);
    return rc;
}

int child_send(struct child *child, const uv_buf_t *bufs, unsigned bufs_len) {
    size_t total = 0;
    for (unsigned i = 0; i < bufs_len; i++)
        total += bufs[i].len;
    int sent = uv_try_write((uv_stream_t *)&child->pipe, bufs, bufs_len);
    if (sent < 0 && sent != UV_EAGAIN)
        return sent;
    size_t done = sent > 0 ? (size_t)sent : 0;
    return done == total ? 0 : send_later(child, bufs, bufs_len, done);
}

void child_kill(struct child *child) {
    if (!child->started || child->exited)
        return;
    child->lost = true;
    uv_read_stop((uv_stream_t *)&child->pipe);
    uv_timer_stop(&child->grace);
    /* Its own children as well: it leads a session of its own and has not been reaped. */
    (void)kill(-child->process.pid, SIGKILL);
    os_kill(child->process.pid, child->pidfd);
}

static void on_handle_closed(uv_handle_t *handle) {
    struct child *child = handle->data;
    if (--child->handles > 0)
        return;
    free(child->in);
    child->in = NULL;
    child->closed(child);
}

void child_close(struct child *child, void (*closed)(struct child *child)) {
    if (child->closing)
        return;
    child->closing = true;
    child->closed = closed;
    if (child->pidfd >= 0)
        close(child->pidfd);
    child->pidfd = -1;
    uv_close((uv_handle_t *)&child->process, on_handle_closed);
    uv_close((uv_handle_t *)&child->pipe, on_handle_closed);
    uv_close((uv_handle_t *)&child->grace, on_handle_closed);
}

void child_end(const struct child *child, char text[CHILD_END_MAX]) {
    static const struct {
        int signal;
        const char *name;
    } names[] = {{SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"},   {SIGABRT, "SIGABRT"},
                 {SIGFPE, "SIGFPE"},   {SIGILL, "SIGILL"},   {SIGKILL, "SIGKILL"},
                 {SIGTERM, "SIGTERM"}, {SIGPIPE, "SIGPIPE"}, {SIGXCPU, "SIGXCPU"},
                 {SIGSYS, "SIGSYS"},   {SIGTRAP, "SIGTRAP"}, {SIGALRM, "SIGALRM"}};
    if (child->rubbish || !child->exited) {
        snprintf(text, CHILD_END_MAX, "%s",
                 child->rubbish ? "wrote into its socket what is no frame"
                                : "closed its end of the socket");
        return;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].signal == child->signal) {
            snprintf(text, CHILD_END_MAX, "was ended by %s", names[i].name);
            return;
        }
    if (child->signal != 0)
        snprintf(text, CHILD_END_MAX, "was ended by signal %d", child->signal);
    else
        snprintf(text, CHILD_END_MAX, "ended by itself (status %lld)", (long long)child->status);
}
