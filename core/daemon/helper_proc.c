/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/helper_inside.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "os/os.h"

#define BUFFER_SIZE 4096u

static void slot_next(struct daemon *daemon);

static void report(struct helper_proc *p, const struct helper_result *result, bool doubtful) {
    if (p->reported)
        return;
    p->reported = true;
    helper_leave_room(p);
    if (p->events.result != NULL)
        p->events.result(p->events.context, result, doubtful);
}

void helper_fail(struct helper_proc *p, bool doubtful, const char *what) {
    struct helper_result result = {.class = HELPER_TRANSIENT, .os_errno = ETIMEDOUT};
    str_copy(result.address, sizeof result.address, p->address);
    str_copy(result.text, sizeof result.text, what);
    report(p, &result, doubtful);
}

void helper_wait_in(struct helper_proc *p, struct helper_list *list) {
    p->waits_in = list;
    TAILQ_INSERT_TAIL(list, p, link);
}

void helper_wait_no_more(struct helper_proc *p) {
    if (p->waits_in != NULL)
        TAILQ_REMOVE(p->waits_in, p, link);
    p->waits_in = NULL;
}

static void slot_leave(struct helper_proc *p) {
    helper_wait_no_more(p);
    if (p->daemon->slot_holder != p)
        return;
    p->daemon->slot_holder = NULL;
    slot_next(p->daemon);
}

/* With the key to what logins' numbers mean. */
void helper_drop_frame(struct helper_proc *p) {
    if (p->frame != NULL)
        os_wipe(p->frame, p->request_len);
    free(p->frame);
    p->frame = NULL;
}

static void on_closed(uv_handle_t *handle) {
    struct helper_proc *p = handle->data;
    if (--p->closing > 0)
        return;
    if (p->pidfd >= 0)
        close(p->pidfd);
    helper_drop_frame(p);
    free(p->buffer);
    free(p);
}

void helper_close(struct helper_proc *p) {
    p->closing = p->spawned ? 3 : 2;
    uv_close((uv_handle_t *)&p->pipe, on_closed);
    uv_close((uv_handle_t *)&p->timer, on_closed);
    if (p->spawned)
        uv_close((uv_handle_t *)&p->process, on_closed);
}

/* It is gone, and all that it wrote has been read. */
static void finish(struct helper_proc *p) {
    char what[160];
    if (p->cancelled)
        str_copy(what, sizeof what, "cancelled");
    else if (p->killed)
        str_copy(what, sizeof what, "no result in time; the helper was ended");
    else
        snprintf(what, sizeof what, "the mount helper ended without a result (%s %d)",
                 p->signal != 0 ? "signal" : "status", p->signal != 0 ? p->signal : p->status);
    helper_fail(p, false, what);
    helper_close(p);
}

static void on_late(uv_timer_t *timer) {
    struct helper_proc *p = timer->data;
    if (p->exited)
        return;
    if (!p->killed) {
        p->killed = true;
        os_kill(p->process.pid, p->pidfd);
        uv_timer_start(&p->timer, on_late, HELPER_REAP_MS, 0);
        return;
    }
    /* It is in the kernel and cannot be killed now. The mount goes on without it; its lock keeps a
     * second one from starting. */
    p->stuck = true;
    p->daemon->helpers_stuck++;
    log_put(&p->daemon->log, LOG_WARNING,
            "mount '%s': a helper (pid %d) is stuck in the kernel and could not be ended", p->name,
            p->process.pid);
    slot_leave(p);
    helper_fail(p, true, "no result in time, and its helper is stuck in the kernel");
}

static void on_go_written(uv_write_t *write, int status) {
    (void)status; /* a helper that is gone is noticed by its exit */
    free(write);
}

static void grant(struct helper_proc *p) {
    if (p->killed)
        return; /* its end is near */
    unsigned char *frame = malloc(sizeof(uv_write_t) + LOGIN_LEAVE_FRAME_MAX);
    if (frame == NULL) {
        helper_proc_cancel(p);
        return;
    }
    struct login_leave leave = {.refused = false};
    if (p->events.result != NULL && p->events.turn != NULL)
        p->events.turn(p->events.context, p->login, &leave);
    unsigned char *payload = frame + sizeof(uv_write_t);
    size_t len = login_encode_leave(HELPER_GO, &leave, payload, LOGIN_LEAVE_FRAME_MAX);
    uv_buf_t buf = uv_buf_init((char *)payload, (unsigned)len);
    if (uv_write((uv_write_t *)(void *)frame, (uv_stream_t *)&p->pipe, &buf, 1, on_go_written) != 0)
        free(frame);
    uv_timer_start(&p->timer, on_late, p->mount_ms, 0);
}

static void slot_next(struct daemon *daemon) {
    struct helper_proc *p = TAILQ_FIRST(&daemon->slot_waiting);
    if (daemon->slot_holder != NULL || p == NULL)
        return;
    helper_wait_no_more(p);
    daemon->slot_holder = p;
    grant(p);
}

static void on_ready(struct helper_proc *p, struct wire_in *payload) {
    str_copy(p->address, sizeof p->address, wire_get_str(payload));
    p->login = wire_get_u32(payload);
    if (!p->needs_slot) {
        grant(p);
        return;
    }
    uv_timer_stop(&p->timer); /* each one before it has its own limit */
    helper_wait_in(p, &p->daemon->slot_waiting);
    slot_next(p->daemon);
}

static bool on_victims(struct helper_proc *p, struct wire_in *payload) {
    struct os_holders victims;
    if (!p->reported || helper_decode_victims(payload, &victims) != 0)
        return false;
    if (p->events.victims != NULL)
        p->events.victims(p->daemon, p->name, &victims);
    p->events.victims = NULL;
    return true;
}

/* False: what came is not what a helper says; it is ended. */
static bool on_frame(struct helper_proc *p, uint32_t type, struct wire_in *payload) {
    if (type == HELPER_VICTIMS)
        return on_victims(p, payload);
    if (type == HELPER_READY && p->op == HELPER_MOUNT && !p->ready) {
        p->ready = true;
        if (!p->exited)
            on_ready(p, payload);
        return true;
    }
    struct helper_result result;
    if (type != HELPER_RESULT || helper_decode_result(payload, &result) != 0)
        return false;
    /* Unmount helpers linger with a worker that may hang; give them their time, then end them. */
    if (!p->exited)
        uv_timer_start(&p->timer, on_late, HELPER_LINGER_MS + HELPER_REAP_MS, 0);
    report(p, &result, false);
    slot_leave(p); /* then only: the next one's leave depends on how this one's login ended */
    return true;
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf) {
    (void)size;
    struct helper_proc *p = handle->data;
    *buf = uv_buf_init((char *)p->buffer + p->have, (unsigned)(BUFFER_SIZE - p->have));
}

/* n more bytes came. False: it says what no helper says, or too much. */
static bool take(struct helper_proc *p, size_t n) {
    p->have += n;
    uint32_t type;
    struct wire_in payload;
    size_t whole = 0;
    int rc;
    while ((rc = wire_frame(p->buffer, p->have, &type, &payload, &whole)) == 1) {
        if (!on_frame(p, type, &payload))
            return false;
        memmove(p->buffer, p->buffer + whole, p->have - whole);
        p->have -= whole;
    }
    return rc == 0 && p->have < BUFFER_SIZE;
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf) {
    (void)buf;
    struct helper_proc *p = stream->data;
    if (n < 0) {
        uv_read_stop(stream); /* its exit follows */
    } else if (!take(p, (size_t)n)) {
        uv_read_stop(stream);
        helper_proc_cancel(p);
    }
}

/* Its exit may be seen before what it wrote just before. */
static void read_last_words(struct helper_proc *p) {
    uv_os_fd_t fd;
    ssize_t n;
    if (!uv_is_active((const uv_handle_t *)&p->pipe) ||
        uv_fileno((const uv_handle_t *)&p->pipe, &fd) != 0)
        return;
    uv_read_stop((uv_stream_t *)&p->pipe);
    do
        n = recv(fd, p->buffer + p->have, BUFFER_SIZE - p->have, MSG_DONTWAIT);
    while ((n < 0 && errno == EINTR) || (n > 0 && take(p, (size_t)n)));
}

static void on_ended(uv_process_t *process, int64_t status, int signal) {
    struct helper_proc *p = process->data;
    p->exited = true;
    p->status = (int)status;
    p->signal = signal;
    if (p->stuck)
        p->daemon->helpers_stuck--;
    read_last_words(p);
    slot_leave(p);
    finish(p);
}

static void on_written(uv_write_t *write, int status) {
    (void)status;
    helper_drop_frame(write->data);
}

int helper_run(struct helper_proc *p) {
    struct daemon *daemon = p->daemon;
    p->buffer = malloc(BUFFER_SIZE);
    if (p->buffer == NULL)
        return UV_ENOMEM;
    p->spawned = true;
    int rc = helper_proc_spawn(daemon, &p->process, &p->pipe, on_ended);
    if (rc != 0) {
        p->exited = true;
        return rc;
    }
    helper_take_room(p);
    p->pidfd = os_pidfd(p->process.pid);
    uv_buf_t buf = uv_buf_init((char *)p->frame, (unsigned)p->request_len);
    uv_write(&p->write, (uv_stream_t *)&p->pipe, &buf, 1, on_written);
    uv_read_start((uv_stream_t *)&p->pipe, on_alloc, on_read);
    uv_timer_start(&p->timer, on_late, p->limit_ms, 0);
    return 0;
}

void helper_proc_cancel(struct helper_proc *p) {
    if (p->exited || p->killed)
        return;
    p->cancelled = true;
    p->killed = true;
    if (!p->spawned) {
        helper_end_unstarted(p);
        return;
    }
    os_kill(p->process.pid, p->pidfd);
    uv_timer_start(&p->timer, on_late, HELPER_REAP_MS, 0);
}
