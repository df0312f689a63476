/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The kernel's knocking at a server: judged from counters, and listened to on the loopback. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/knock.h"
#include "common/report.h"

#define OLD .state = 1, .ownerless = true, .received = 4000, .bytes = 8000
#define NEW .state = 1, .ownerless = true, .received = 0, .bytes = 221
#define SENT(ms) .last_data_sent_ms = (ms)
#define HEARD(ms) .last_data_recv_ms = (ms)

Test(knock, judge) {
    static const struct row {
        struct diag_socket sockets[2];
        enum knock want;
        uint32_t silent_ms;
    } rows[] = {
        {{{.state = 0}}, KNOCK_NONE, 0},
        /* An old connection: its last request was answered, or waits. */
        {{{OLD, SENT(900), HEARD(900)}}, KNOCK_NONE, 0},
        {{{OLD, SENT(9000), HEARD(9000)}}, KNOCK_NONE, 0},
        {{{OLD, SENT(100), HEARD(999)}}, KNOCK_NONE, 0},
        {{{OLD, SENT(100), HEARD(1000)}}, KNOCK_WAITS, 1000},
        {{{OLD, SENT(100), HEARD(14999)}}, KNOCK_WAITS, 14999},
        {{{OLD, SENT(100), HEARD(15000)}}, KNOCK_MUTE, 15000},
        {{{OLD, SENT(100), HEARD(24000)}}, KNOCK_MUTE, 24000},
        {{{OLD, SENT(100), HEARD(24001)}}, KNOCK_NONE, 0},
        /* A new one waits for the answer to its first request, if it has sent one. */
        {{{NEW, SENT(0), HEARD(0)}}, KNOCK_MUTE, 0},
        {{{NEW, SENT(30000), HEARD(30000)}}, KNOCK_MUTE, 30000},
        {{{NEW, SENT(30001), HEARD(30001)}}, KNOCK_NONE, 0},
        {{{.state = 1, .ownerless = true, .bytes = 1, SENT(500), HEARD(500)}}, KNOCK_NONE, 0},
        /* It is not the kernel's, or not established. */
        {{{.state = 1, .bytes = 221, SENT(500)}}, KNOCK_NONE, 0},
        {{{.state = 5, .ownerless = true, .bytes = 221, SENT(500)}}, KNOCK_NONE, 0},
        /* Two mounts of one server: who hears a word speaks for both. */
        {{{OLD, SENT(100), HEARD(9000)}, {OLD, SENT(500), HEARD(500)}}, KNOCK_NONE, 0},
        {{{OLD, SENT(100), HEARD(9000)}, {OLD, SENT(4000), HEARD(4000)}}, KNOCK_WAITS, 4000},
        {{{NEW, SENT(2000)}, {OLD, SENT(990), HEARD(990)}}, KNOCK_NONE, 0},
        {{{NEW, SENT(2000)}, {NEW, SENT(7000)}}, KNOCK_MUTE, 7000},
        /* What is not acknowledged does not arrive. */
        {{{OLD, SENT(999), HEARD(9000), .unacked = 1}}, KNOCK_WAITS, 9000},
        {{{OLD, SENT(1000), HEARD(9000), .unacked = 1}}, KNOCK_NONE, 0},
        {{{OLD, SENT(100), HEARD(9000), .unacked = 1, .retransmits = 2}}, KNOCK_NONE, 0},
        {{{NEW, SENT(500)}, {OLD, SENT(3000), HEARD(3000), .unacked = 2}}, KNOCK_NONE, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t silent_ms = 0;
        enum knock got = knock_judge(rows[i].sockets, 2, &silent_ms);
        cr_expect_eq(got, rows[i].want, "row %zu: %d", i, got);
        cr_expect(got == KNOCK_NONE || silent_ms == rows[i].silent_ms, "row %zu: %u", i, silent_ms);
    }
}

Test(knock, heard) {
    const struct diag_socket old = {OLD, HEARD(300)}, new = {NEW, HEARD(0)};

    cr_expect(knock_heard(&old, 1, 300));
    cr_expect_not(knock_heard(&old, 1, 299));
    cr_expect_not(knock_heard(&new, 1, 5000), "nothing has come yet");
}

static struct sockaddr_in address = {.sin_family = AF_INET};
static int client, server;

static void set_up(void) {
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = 0;
    cr_assert_eq(bind(listener, (struct sockaddr *)&address, len), 0);
    cr_assert_eq(listen(listener, 4), 0);
    getsockname(listener, (struct sockaddr *)&address, &len);
    client = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(connect(client, (struct sockaddr *)&address, len), 0);
    server = accept(listener, NULL, NULL);
    close(listener);
}

static enum knock_end listen_for(uint64_t ms, uint64_t *took_ms) {
    uint32_t silent_ms = 0;
    uint64_t begin_us = monotonic_us();
    enum knock_end end =
        knock_listen((const struct sockaddr *)&address, begin_us + ms * 1000, &silent_ms);

    *took_ms = (monotonic_us() - begin_us) / 1000;
    return end;
}

/* Only root's sockets may be the kernel's. */
static enum knock_end for_root(enum knock_end end) {
    return geteuid() == 0 ? end : KNOCK_NOT;
}

TestSuite(knocking, .init = set_up, .timeout = 20);

Test(knocking, nobody_asks) {
    uint64_t took_ms;

    cr_expect_eq(listen_for(2000, &took_ms), KNOCK_NOT);
    cr_expect_lt(took_ms, 1000, "at once");
}

Test(knocking, no_answer) {
    uint64_t took_ms;

    cr_assert_eq(send(client, "?", 1, 0), 1);
    cr_expect_eq(listen_for(300, &took_ms), for_root(KNOCK_SILENT));
    cr_expect_leq(took_ms, 300);
}

Test(knocking, an_answer_ends_it) {
    uint64_t took_ms;
    pid_t child;

    cr_assert_eq(send(client, "?", 1, 0), 1);
    child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        usleep(250000);
        _exit(send(server, "!", 1, 0) != 1);
    }
    cr_expect_eq(listen_for(15000, &took_ms), for_root(KNOCK_ANSWERED));
    cr_expect_lt(took_ms, 15000);
    waitpid(child, NULL, 0);
}

Test(knocking, one_that_goes_away_is_waited_for_this_once) {
    uint64_t took_ms;
    pid_t child;

    cr_assert_eq(send(client, "?", 1, 0), 1);
    child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        close(server);
        usleep(150000);
        shutdown(client, SHUT_RDWR);
        _exit(0);
    }
    cr_expect_eq(listen_for(500, &took_ms), for_root(KNOCK_SILENT));
    waitpid(child, NULL, 0);
    cr_expect_eq(listen_for(500, &took_ms), KNOCK_NOT);
}
