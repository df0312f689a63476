/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "rig.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "control/prescan.h"

#define RUN_LIMIT_MS 20000

static void must(int ok, const char *what) {
    if (ok)
        return;
    perror(what);
    abort();
}

void rig_listen(struct rig *rig, int backlog) {
    *rig = (struct rig){.pid = -1};
    snprintf(rig->dir, sizeof rig->dir, "/tmp/smbm-cli-XXXXXX");
    must(mkdtemp(rig->dir) != NULL, "mkdtemp");
    snprintf(rig->path, sizeof rig->path, "%s/socket", rig->dir);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, rig->path, sizeof rig->path);
    rig->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(rig->listener >= 0, "socket");
    must(bind(rig->listener, (struct sockaddr *)&address, sizeof address) == 0, "bind");
    must(listen(rig->listener, backlog) == 0, "listen");
}

static pid_t start(void) {
    pid_t pid = fork();
    must(pid >= 0, "fork");
    if (pid == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    return pid;
}

void rig_serve(struct rig *rig, void (*connection)(int fd)) {
    rig_listen(rig, 16);
    rig->pid = start();
    if (rig->pid > 0)
        return;
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        int fd = accept(rig->listener, NULL, NULL);
        if (fd < 0)
            _exit(1);
        connection(fd);
        close(fd);
    }
}

void rig_send(int fd, struct control_reply *reply) {
    const char *data = reply->buffer.data;
    size_t left = reply->buffer.size;
    while (left > 0) {
        ssize_t sent = write(fd, data, left);
        if (sent <= 0)
            break;
        data += sent;
        left -= (size_t)sent;
    }
    control_reply_finish(reply);
}

void rig_rows(int fd, uint32_t id, enum record record, const void *rows, size_t len) {
    struct control_reply reply;
    control_reply_init(&reply);
    must(control_reply_begin(&reply, id, 1) == 0, "begin");
    must(control_reply_section(&reply, record, len) == 0, "section");
    for (size_t i = 0; i < len; i++)
        must(control_reply_row(&reply, record,
                               (const char *)rows + i * record_table[record].size) == 0,
             "row");
    rig_send(fd, &reply);
}

void rig_error(int fd, uint32_t id, enum control_error code, const char *message) {
    struct control_reply reply;
    control_reply_init(&reply);
    must(control_reply_error(&reply, id, code, message) == 0, "error");
    rig_send(fd, &reply);
}

static void serve_requests(int fd, rig_answer *answer) {
    static unsigned char in[8192];
    static struct control_request request;
    size_t have = 0, len;
    const char *reason;
    for (;;) {
        ssize_t got = read(fd, in + have, sizeof in - have);
        if (got <= 0)
            return;
        have += (size_t)got;
        while (prescan(in, have, &prescan_request, &len, &reason) == 1) {
            struct err err;
            must(control_decode_request(in, len, &request, &err) == 0, "decode");
            have -= len;
            memmove(in, in + len, have);
            static const struct version_record version = {
                .program = "smbmounter", .version = "9.9", .abi = "1.0", .pid = 4711};
            if (request.command == COMMAND_VERSION)
                rig_rows(fd, request.id, RECORD_VERSION, &version, 1);
            else
                answer(fd, &request);
        }
    }
}

void rig_answer_with(struct rig *rig, rig_answer *answer) {
    rig_listen(rig, 16);
    rig->pid = start();
    if (rig->pid > 0)
        return;
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        int fd = accept(rig->listener, NULL, NULL);
        if (fd < 0)
            _exit(1);
        serve_requests(fd, answer);
        close(fd);
    }
}

void rig_stop(struct rig *rig) {
    if (rig->pid > 0) {
        kill(rig->pid, SIGKILL);
        waitpid(rig->pid, NULL, 0);
    }
    close(rig->listener);
    unlink(rig->path);
    rmdir(rig->dir);
}

static void execute(const char *path, const char *const *words) {
    const char *argv[32] = {"smbmounter"};
    for (size_t i = 0; words[i] != NULL; i++)
        argv[i + 1] = words[i];
    if (path != NULL)
        setenv("SMBMOUNTER_SOCKET", path, 1);
    execv(CLI_PROGRAM, (char *const *)(uintptr_t)argv);
    _exit(127);
}

static void slurp(FILE *file, char *to, size_t size) {
    rewind(file);
    to[fread(to, 1, size - 1, file)] = '\0';
    fclose(file);
}

static int wait_status(pid_t pid) {
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

struct ran *run_program(const char *path, const char *input, const char *const *words) {
    struct ran *ran = calloc(1, sizeof *ran);
    FILE *in = tmpfile(), *out = tmpfile(), *err = tmpfile();
    must(ran != NULL && in != NULL && out != NULL && err != NULL, "tmpfile");
    fputs(input, in);
    fflush(in);
    rewind(in);
    uint64_t began = clock_awake_ms();
    pid_t pid = start();
    if (pid == 0) {
        alarm(RUN_LIMIT_MS / 1000);
        dup2(fileno(in), 0);
        dup2(fileno(out), 1);
        dup2(fileno(err), 2);
        execute(path, words);
    }
    ran->status = wait_status(pid);
    ran->took_ms = clock_awake_ms() - began;
    slurp(out, ran->out, sizeof ran->out);
    slurp(err, ran->err, sizeof ran->err);
    fclose(in);
    return ran;
}

struct ran *run_on_terminal(const char *path, unsigned short columns, const char *const *keys,
                            const char *const *words) {
    struct ran *ran = calloc(1, sizeof *ran);
    struct winsize size = {.ws_col = columns, .ws_row = 24};
    int master = -1;
    size_t have = 0;
    must(ran != NULL, "calloc");
    pid_t pid = forkpty(&master, NULL, NULL, &size);
    must(pid >= 0, "forkpty");
    if (pid == 0) {
        alarm(RUN_LIMIT_MS / 1000);
        execute(path, words);
    }
    for (;;) {
        ssize_t got = read(master, ran->out + have, sizeof ran->out - have - 1);
        if (got <= 0)
            break;
        have += (size_t)got;
        if (keys != NULL && *keys != NULL && have > 2 &&
            memcmp(ran->out + have - 2, ": ", 2) == 0) {
            must(write(master, *keys, strlen(*keys)) > 0, "write");
            keys++;
        }
    }
    ran->status = wait_status(pid);
    close(master);
    return ran;
}

int is_json(const char *text) {
    FILE *in = tmpfile();
    must(in != NULL, "tmpfile");
    fputs(text, in);
    fflush(in);
    rewind(in);
    pid_t pid = start();
    if (pid == 0) {
        dup2(fileno(in), 0);
        execlp("python3", "python3", "-c", "import json,sys; json.load(sys.stdin)", (char *)NULL);
        _exit(127);
    }
    fclose(in);
    return wait_status(pid) == 0;
}
