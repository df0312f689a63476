/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "client.h"
#include "rig.h"

#define LIMIT 300

static struct rig rig;
static struct err err;

/* One status call; returns what it gave, *took how long. */
static enum control_error call(const char *path, uint64_t *took) {
    struct client client;
    struct control_response response = {0};
    const struct client_call status = {.method = "status", .limit_ms = LIMIT};
    uint64_t began = clock_awake_ms();
    enum control_error rc = client_connect(&client, path, LIMIT, &err);
    if (rc == CONTROL_OK)
        rc = client_call(&client, &status, &response, &err);
    control_response_finish(&response);
    client_disconnect(&client);
    *took = clock_awake_ms() - began;
    return rc;
}

static void expect(void (*connection)(int fd), enum control_error want, const char *part) {
    uint64_t took;
    rig_serve(&rig, connection);
    enum control_error rc = call(rig.path, &took);
    rig_stop(&rig);
    cr_assert_eq(rc, want, "%d: %s", rc, err.text);
    cr_assert(strstr(err.text, part) != NULL, "%s", err.text);
    cr_assert_lt(took, 2 * LIMIT + 1000);
}

static void say_nothing(int fd) {
    char bytes[512];
    while (read(fd, bytes, sizeof bytes) > 0)
        ;
}

static void hang_up(int fd) {
    (void)fd;
}

static void read_and_hang_up(int fd) {
    char bytes[512];
    cr_expect(read(fd, bytes, sizeof bytes) > 0);
}

static void send_bytes(int fd, const void *bytes, size_t len) {
    read_and_hang_up(fd);
    cr_expect(write(fd, bytes, len) == (ssize_t)len);
    say_nothing(fd);
}

static void garbage(int fd) {
    send_bytes(fd, "\xc1\xc1\xc1", 3);
}

static void http(int fd) {
    send_bytes(fd, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
}

static void huge_array(int fd) {
    send_bytes(fd, "\xdd\xff\xff\xff\xff", 5);
}

static void huge_text(int fd) {
    send_bytes(fd, "\x94\x01\x01\xdb\xff\xff\xff\xff", 8);
}

static void half(int fd) {
    send_bytes(fd, "\x94\x01\x01", 3);
}

static void half_and_hang_up(int fd) {
    read_and_hang_up(fd);
    cr_expect(write(fd, "\x94\x01", 2) == 2);
}

/* A byte now and then must not prolong the deadline. */
static void drip(int fd) {
    read_and_hang_up(fd);
    while (write(fd, "\x94", 1) == 1)
        usleep(20000);
}

static void other_ids(int fd) {
    read_and_hang_up(fd);
    for (uint32_t id = 100; id < 103; id++)
        rig_error(fd, id, CONTROL_BUSY, "not for you");
    rig_error(fd, 1, CONTROL_NO_MOUNT, "for you");
    say_nothing(fd);
}

static void refuse_before_reading(int fd) {
    rig_error(fd, 1, CONTROL_BUSY, "too many connections");
}

Test(client, silent) {
    expect(say_nothing, CONTROL_UNREACHABLE, "does not answer");
}
Test(client, closes_at_once) {
    expect(hang_up, CONTROL_UNREACHABLE, "closed the connection");
}
Test(client, closes_early) {
    expect(read_and_hang_up, CONTROL_UNREACHABLE, "closed the connection");
}
Test(client, half_a_message) {
    expect(half, CONTROL_UNREACHABLE, "does not answer");
}
Test(client, half_a_message_and_closes) {
    expect(half_and_hang_up, CONTROL_UNREACHABLE, "closed the connection");
}
Test(client, garbage) {
    expect(garbage, CONTROL_UNREACHABLE, "not understood");
}
Test(client, another_protocol) {
    expect(http, CONTROL_UNREACHABLE, "not understood");
}
Test(client, huge_array) {
    expect(huge_array, CONTROL_UNREACHABLE, "not understood");
}
Test(client, huge_text) {
    expect(huge_text, CONTROL_UNREACHABLE, "not understood");
}
Test(client, drip) {
    expect(drip, CONTROL_UNREACHABLE, "");
}
Test(client, answers_to_others_are_passed_over) {
    expect(other_ids, CONTROL_NO_MOUNT, "for you");
}
Test(client, a_refusal_is_read_though_sending_failed) {
    expect(refuse_before_reading, CONTROL_BUSY, "too many connections");
}

Test(client, nobody_accepts) {
    uint64_t took;
    rig_listen(&rig, 1);
    cr_assert_eq(call(rig.path, &took), CONTROL_UNREACHABLE);
    cr_assert(strstr(err.text, "does not answer") != NULL, "%s", err.text);
    cr_assert_lt(took, LIMIT + 1000);
    rig_stop(&rig);
}

Test(client, backlog_full) {
    uint64_t took;
    int fds[8];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    rig_listen(&rig, 1);
    memcpy(address.sun_path, rig.path, sizeof rig.path);
    bool full = false;
    for (size_t i = 0; i < 8; i++) {
        fds[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        full |= connect(fds[i], (struct sockaddr *)&address, sizeof address) < 0;
    }
    cr_assert(full);
    cr_assert_eq(call(rig.path, &took), CONTROL_UNREACHABLE);
    cr_assert(strstr(err.text, "does not answer") != NULL, "%s", err.text);
    cr_assert_geq(took, LIMIT - 10);
    cr_assert_lt(took, LIMIT + 1000);
    rig_stop(&rig);
}

Test(client, nobody_there) {
    uint64_t took;
    cr_assert_eq(call("/nonexistent/socket", &took), CONTROL_UNREACHABLE);
    cr_assert(strstr(err.text, "is not running") != NULL, "%s", err.text);
    rig_listen(&rig, 1);
    close(rig.listener);
    cr_assert_eq(call(rig.path, &took), CONTROL_UNREACHABLE);
    cr_assert(strstr(err.text, "nobody listens") != NULL, "%s", err.text);
    rig_stop(&rig);
}

Test(client, path_too_long) {
    uint64_t took;
    char path[200];
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    cr_assert_eq(call(path, &took), CONTROL_USAGE);
}
