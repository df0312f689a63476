/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "server_client.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "control/prescan.h"

static void handle(void *context, struct server_call *call, const struct control_request *request) {
    struct bench *b = context;
    b->handled++;
    strcpy(b->last_method, request->method);
    strcpy(b->last_param, request->params[0]);
    if (request->command == COMMAND_MOUNT) {
        b->waiting = call;
        return;
    }
    if (request->command == COMMAND_EVENTS)
        server_follow(call, request->params[1]);
    struct control_reply reply;
    static struct status_record row = {.name = "media", .state = "mounted"};
    control_reply_init(&reply);
    control_reply_begin(&reply, server_call_id(call), 1);
    control_reply_section(&reply, RECORD_STATUS, b->status_rows);
    for (size_t i = 0; i < b->status_rows; i++)
        control_reply_row(&reply, RECORD_STATUS, &row);
    server_reply(call, &reply);
}

static void gone(void *context, struct server_call *call) {
    struct bench *b = context;
    cr_assert_eq(call, b->waiting);
    b->waiting = NULL;
    b->gone++;
}

static void write_log(void *context, enum log_level level, const char *line) {
    struct bench *b = context;
    size_t len = strlen(b->logged);
    if (level <= LOG_NOTICE)
        snprintf(b->logged + len, sizeof b->logged - len, "%s\n", line);
}

void bench_open(struct bench *b) {
    struct err err = {0};
    *b = (struct bench){.status_rows = 1};
    if (geteuid() != 0)
        cr_skip_test("clients of several users need root");
    b->log = (struct log){.level = LOG_DEBUG, .write = write_log, .context = b};
    strcpy(b->folder, "/tmp/smbmounter-control-XXXXXX");
    cr_assert_not_null(mkdtemp(b->folder));
    chmod(b->folder, 0755);
    snprintf(b->path, sizeof b->path, "%s/socket", b->folder);
    cr_assert_eq(uv_loop_init(&b->loop), 0);
    const struct server_setup setup = {.loop = &b->loop,
                                       .log = &b->log,
                                       .path = b->path,
                                       .admin_group = "",
                                       .listen_fd = -1,
                                       .handle = handle,
                                       .gone = gone,
                                       .context = b};
    b->server = server_create(&setup, &err);
    cr_assert_not_null(b->server, "%s", err.text);
}

void bench_close(struct bench *b) {
    if (b->server == NULL)
        return;
    server_destroy(b->server);
    cr_expect_eq(uv_run(&b->loop, UV_RUN_DEFAULT), 0);
    cr_expect_eq(uv_loop_close(&b->loop), 0, "a handle was left");
    cr_expect_eq(access(b->path, F_OK), -1, "the socket file was left");
    rmdir(b->folder);
}

static void stop_waiting(uv_timer_t *timer) {
    (void)timer;
}

bool bench_turn(struct bench *b, bool (*done)(void *), void *context, unsigned limit_ms) {
    uint64_t end = clock_awake_ms() + limit_ms;
    uv_timer_t tick; /* so that a turn ends when nothing happens in the server */
    uv_timer_init(&b->loop, &tick);
    uv_timer_start(&tick, stop_waiting, 2, 2);
    bool is_done = done != NULL && done(context);
    while (!is_done && clock_awake_ms() < end) {
        uv_run(&b->loop, UV_RUN_ONCE);
        is_done = done != NULL && done(context);
    }
    uv_close((uv_handle_t *)&tick, NULL);
    uv_run(&b->loop, UV_RUN_NOWAIT);
    return is_done;
}

void bench_turn_ms(struct bench *b, unsigned ms) {
    bench_turn(b, NULL, NULL, ms);
}

int client_connect(struct bench *b, uid_t uid) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, b->path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    cr_assert_geq(fd, 0, "%s", strerror(errno));
    for (int i = 0;; i++) {
        if (uid != 0)
            cr_assert_eq(seteuid(uid), 0);
        int rc = connect(fd, (struct sockaddr *)&address, sizeof address);
        int code = errno;
        if (uid != 0)
            cr_assert_eq(seteuid(0), 0);
        if (rc == 0)
            return fd;
        cr_assert(code == EAGAIN && i < 1000, "connect: %s", strerror(code));
        bench_turn_ms(b, 1); /* the backlog is full */
    }
}

void client_write(int fd, const void *data, size_t len) {
    cr_assert_eq(send(fd, data, len, MSG_NOSIGNAL), (ssize_t)len, "%s", strerror(errno));
}

void client_request(int fd, uint32_t id, const char *method, const char *param) {
    const char *const params[] = {param};
    msgpack_sbuffer out;
    msgpack_sbuffer_init(&out);
    cr_assert_eq(control_encode_request(&out, id, method, params, 1), 0);
    client_write(fd, out.data, out.size);
    msgpack_sbuffer_destroy(&out);
}

static bool is_readable(void *context) {
    struct pollfd p = {.fd = *(int *)context, .events = POLLIN};
    return poll(&p, 1, 0) == 1;
}

struct control_response client_response(struct bench *b, int fd) {
    static char data[8 << 20];
    struct control_response response;
    struct err err = {0};
    const char *reason = "";
    size_t have = 0, len = 0;
    uint64_t end = clock_awake_ms() + 3000;
    for (;;) {
        /* No byte of the next message may be taken: look first, then take the message alone. */
        ssize_t n = recv(fd, data, sizeof data, MSG_PEEK);
        cr_assert_neq(n, 0, "closed instead of answered");
        have = n > 0 ? (size_t)n : 0;
        int rc = prescan(data, have, &prescan_reply, &len, &reason);
        cr_assert_geq(rc, 0, "%s", reason);
        if (rc == 1)
            break;
        cr_assert_lt(clock_awake_ms(), end, "no answer within 3 s");
        if (have > 100000)
            cr_assert_fail("too long for this client");
        bench_turn_ms(b, have == 0 ? 0 : 2);
        bench_turn(b, is_readable, &fd, 100);
    }
    cr_assert_eq(recv(fd, data, len, 0), (ssize_t)len);
    cr_assert_eq(control_decode_response(data, len, &response, &err), 0, "%s", err.text);
    return response;
}

static bool is_closed(void *context) {
    static char rest[65536];
    ssize_t n;
    do
        n = recv(*(int *)context, rest, sizeof rest, 0);
    while (n > 0);
    return n == 0 || (errno != EAGAIN && errno != EINTR);
}

bool client_is_closed(struct bench *b, int fd, unsigned limit_ms) {
    return bench_turn(b, is_closed, &fd, limit_ms);
}
