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
#define EMPTY .state = 1, .ownerless = true, .bytes = 1
#define SENT(ms) .last_data_sent_ms = (ms)
#define HEARD(ms) .last_data_recv_ms = (ms)

Test(knock, judge) {
    static const struct row {
        struct diag_socket sockets[2];
        enum knock want;
        uint32_t silent_ms;
    } rows[] = {
        {{{.state = 0}}, KNOCK_NONE, 0},
        /* An old connection: its last request was answered, or waits; that proves nothing. */
        {{{OLD, SENT(900), HEARD(900)}}, KNOCK_NONE, 0},
        {{{OLD, SENT(9000), HEARD(9000)}}, KNOCK_NONE, 0},
        {{{OLD, SENT(100), HEARD(999)}}, KNOCK_NONE, 0},
        {{{OLD, SENT(100), HEARD(1000)}}, KNOCK_WAITS, 1000},
        {{{OLD, SENT(100), HEARD(24000)}}, KNOCK_WAITS, 24000},
        {{{OLD, SENT(100), HEARD(24001)}}, KNOCK_NONE, 0},
        /* A new one waits for the answer to its first request, or has sent none yet. */
        {{{NEW, SENT(0), HEARD(0)}}, KNOCK_MUTE, 0},
        {{{NEW, SENT(30000), HEARD(30000)}}, KNOCK_MUTE, 30000},
        {{{NEW, SENT(30001), HEARD(30001)}}, KNOCK_NONE, 0},
        {{{EMPTY, SENT(999), HEARD(999)}}, KNOCK_SOON, UINT32_MAX},
        {{{EMPTY, SENT(1000), HEARD(1000)}}, KNOCK_NONE, 0},
        /* It is not the kernel's, or not established. */
        {{{.state = 1, .bytes = 221, SENT(500)}}, KNOCK_NONE, 0},
        {{{.state = 5, .ownerless = true, .bytes = 221, SENT(500)}}, KNOCK_NONE, 0},
        /* Two mounts of one server: who hears a word speaks for both. */
        {{{OLD, SENT(100), HEARD(9000)}, {OLD, SENT(500), HEARD(500)}}, KNOCK_NONE, 0},
        {{{OLD, SENT(100), HEARD(9000)}, {OLD, SENT(4000), HEARD(4000)}}, KNOCK_WAITS, 4000},
        {{{NEW, SENT(2000)}, {OLD, SENT(990), HEARD(990)}}, KNOCK_NONE, 0},
        {{{NEW, SENT(2000)}, {OLD, SENT(1999), HEARD(1999)}}, KNOCK_NONE, 0},
        {{{NEW, SENT(2000)}, {OLD, SENT(2000), HEARD(2000)}}, KNOCK_MUTE, 2000},
        {{{NEW, SENT(2000)}, {NEW, SENT(7000)}}, KNOCK_MUTE, 7000},
        {{{NEW, SENT(2000)}, {EMPTY, SENT(100)}}, KNOCK_MUTE, 2000},
        /* What is not acknowledged does not arrive. */
        {{{OLD, SENT(999), HEARD(9000), .unacked = 1}}, KNOCK_WAITS, 9000},
        {{{OLD, SENT(1000), HEARD(9000), .unacked = 1}}, KNOCK_LOST, 0},
        {{{OLD, SENT(100), HEARD(9000), .unacked = 1, .retransmits = 2}}, KNOCK_LOST, 0},
        {{{NEW, SENT(500)}, {OLD, SENT(3000), HEARD(3000), .unacked = 2}}, KNOCK_LOST, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t silent_ms = 0;
        enum knock got = knock_judge(rows[i].sockets, 2, &silent_ms);
        cr_expect_eq(got, rows[i].want, "row %zu: %d", i, got);
        bool says = got != KNOCK_NONE && got != KNOCK_LOST;
        cr_expect(!says || silent_ms == rows[i].silent_ms, "row %zu: %u", i, silent_ms);
    }
}

static struct sockaddr_in address = {.sin_family = AF_INET};
static int listener, clients[2], servers[2];

static void connect_one(int i) {
    clients[i] = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(connect(clients[i], (struct sockaddr *)&address, sizeof address), 0);
    servers[i] = accept(listener, NULL, NULL);
}

static void set_up(void) {
    socklen_t len = sizeof address;

    listener = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    cr_assert_eq(bind(listener, (struct sockaddr *)&address, len), 0);
    cr_assert_eq(listen(listener, 4), 0);
    getsockname(listener, (struct sockaddr *)&address, &len);
    connect_one(0);
    connect_one(1);
}

/* As long as a NEGOTIATE and its answer are at least. */
static void say(int fd) {
    static const char words[120];
    cr_assert_eq(send(fd, words, sizeof words, 0), (ssize_t)sizeof words);
}

/* A second after it, another mount's connection: it had an answer, and nothing is asked on it. */
static void talk_on_the_other(void) {
    say(clients[1]);
    say(servers[1]);
    usleep(1200000);
}

/* What happens while the other end listens, after so long. */
static pid_t meanwhile(useconds_t us, void (*what)(void)) {
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        usleep(us);
        what();
        _exit(0);
    }
    return child;
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

static void answer(void) {
    say(servers[0]);
}
static void echo_on_the_other(void) {
    say(servers[1]);
}
static void hang_up(void) {
    shutdown(clients[0], SHUT_RDWR);
    shutdown(clients[1], SHUT_RDWR);
}

TestSuite(knocking, .init = set_up, .timeout = 30);

Test(knocking, nobody_asks) {
    uint64_t took_ms;

    usleep(1200000); /* nor will: these connections are no new ones */
    cr_expect_eq(listen_for(15000, &took_ms), KNOCK_NOT);
    cr_expect_lt(took_ms, 5000, "at once");
}

Test(knocking, no_answer) {
    uint64_t took_ms;

    say(clients[0]);
    cr_expect_eq(listen_for(300, &took_ms), for_root(KNOCK_SILENT));
    cr_expect_lt(took_ms, 5000);
}

Test(knocking, an_answer_ends_it) {
    uint64_t took_ms;

    say(clients[0]);
    pid_t child = meanwhile(300000, answer);
    cr_expect_eq(listen_for(15000, &took_ms), for_root(KNOCK_ANSWERED));
    cr_expect_lt(took_ms, 10000);
    waitpid(child, NULL, 0);
}

/* The worker of another mount is alive: whether the server takes new ones is not known by that. */
Test(knocking, an_echo_of_another_mount_does_not) {
    uint64_t took_ms;

    talk_on_the_other();
    say(clients[0]);
    pid_t child = meanwhile(300000, echo_on_the_other);
    cr_expect_eq(listen_for(15000, &took_ms), KNOCK_NOT);
    cr_expect(geteuid() || took_ms >= 300, "it listened until after that");
    waitpid(child, NULL, 0);
}

Test(knocking, when_the_kernel_stops_we_ask) {
    uint64_t took_ms;

    say(clients[0]);
    pid_t child = meanwhile(300000, hang_up);
    cr_expect_eq(listen_for(15000, &took_ms), KNOCK_NOT);
    cr_expect_lt(took_ms, 10000);
    waitpid(child, NULL, 0);
}
