/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The server for slow, silent, greedy and rude clients: they cost themselves only. */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "server_client.h"

#define FIRST_UID 2000
#define SOON_MS 1900 /* less than any deadline of a client, whose end could be why it came */

static struct bench b;

static bool is_refused(void *least) {
    return server_stats(b.server).refused >= *(const unsigned *)least;
}

static bool is_placed(void *clients) {
    return server_stats(b.server).clients == *(const unsigned *)clients;
}

static void setup(void) {
    bench_open(&b);
}

static void teardown(void) {
    bench_close(&b);
}

TestSuite(abuse, .init = setup, .fini = teardown, .timeout = 100);

/* How long root waits for the answer to a status request. */
static uint64_t root_waits_ms(void) {
    uint64_t begin = clock_awake_ms();
    int fd = client_connect(&b, 0);
    client_request(fd, 1, "status", "");
    struct control_response response = client_response(&b, fd);
    cr_expect_eq(response.error, CONTROL_OK);
    control_response_finish(&response);
    close(fd);
    return clock_awake_ms() - begin;
}

Test(abuse, two_hundred_idle_and_two_hundred_dripping_clients_do_not_delay_root) {
    int fds[400];
    uint64_t worst = 0, late = 0;
    unsigned least = 400 - 56;
    for (size_t i = 0; i < 400; i++)
        fds[i] = client_connect(&b, (uid_t)(FIRST_UID + i % 40));
    cr_expect(bench_turn(&b, is_refused, &least, SOON_MS));
    cr_expect_leq(server_stats(b.server).clients, 56);
    for (int round = 0; round < 60; round++) {
        for (size_t i = 200; i < 400; i++)
            send(fds[i], round == 0 ? "\x94\x00\x01\xda\x03\xff" : "x", round == 0 ? 6 : 1,
                 MSG_NOSIGNAL);
        uint64_t ms = root_waits_ms();
        worst = ms > worst ? ms : worst;
        late += ms >= 100;
    }
    /* A busy machine may hold us up now and then; the clients would each time. */
    cr_expect(late <= 30 && worst < SOON_MS, "root waited long %u times, up to %u ms",
              (unsigned)late, (unsigned)worst);
    for (size_t i = 0; i < 400; i++)
        close(fds[i]);
}

Test(abuse, one_user_has_eight_places_and_others_have_theirs) {
    int fds[20];
    unsigned refused = 12, nine = 9;
    for (size_t i = 0; i < 20; i++)
        fds[i] = client_connect(&b, FIRST_UID);
    cr_expect(bench_turn(&b, is_refused, &refused, SOON_MS));
    cr_expect_eq(server_stats(b.server).clients, 8);
    cr_expect_eq(server_stats(b.server).refused, 12);
    int other = client_connect(&b, FIRST_UID + 1);
    cr_expect(bench_turn(&b, is_placed, &nine, SOON_MS));
    cr_expect(client_is_closed(&b, fds[8], SOON_MS));
    for (size_t i = 0; i < 20; i++)
        close(fds[i]);
    close(other);
}

Test(abuse, silence_and_dripping_have_a_deadline) {
    int idle = client_connect(&b, FIRST_UID), drip = client_connect(&b, FIRST_UID);
    uint64_t begin = clock_awake_ms();
    client_write(drip, "\x94", 1);
    cr_expect(client_is_closed(&b, idle, 4000));
    uint64_t idle_ms = clock_awake_ms() - begin;
    cr_expect(idle_ms >= 1900 && idle_ms < 4000, "first byte: %u ms", (unsigned)idle_ms);
    client_write(drip, "\x00", 1);
    cr_expect(client_is_closed(&b, drip, 8000));
    uint64_t drip_ms = clock_awake_ms() - begin;
    cr_expect(drip_ms >= 4900 && drip_ms < 8000, "request: %u ms", (unsigned)drip_ms);
    cr_expect_eq(server_stats(b.server).timed_out, 2);
    close(idle);
    close(drip);
}

Test(abuse, garbage_closes_only_its_sender) {
    static const struct {
        const char *bytes;
        size_t len;
    } garbage[] = {
        {"\xc1", 1},
        {"GET / HTTP/1.0\r\n\r\n", 18},
        {"\xdd\xff\xff\xff\xff", 5},
        {"\xdb\xff\xff\xff\xff", 5},
        {"\x94\x03\x01\xa6status\x90", 11},
        {"\x94\x01\x01\xc0\xc0", 5},
        {"\x94\x00\x01\x02\x90", 5},
    };
    int good = client_connect(&b, 0);
    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
        int fd = client_connect(&b, FIRST_UID);
        client_write(fd, garbage[i].bytes, garbage[i].len);
        cr_expect(client_is_closed(&b, fd, SOON_MS), "garbage %zu", i);
        close(fd);
    }
    client_request(good, 1, "status", "");
    struct control_response response = client_response(&b, good);
    cr_expect_eq(response.error, CONTROL_OK);
    control_response_finish(&response);
    cr_expect_eq(b.handled, 1);
    close(good);
}

Test(abuse, random_bytes_never_reach_a_handler_that_they_may_not) {
    srand(8);
    for (int round = 0; round < 500; round++) {
        unsigned char bytes[600];
        size_t len = 1 + (size_t)rand() % sizeof bytes;
        for (size_t i = 0; i < len; i++)
            bytes[i] = (unsigned char)rand();
        int fd = client_connect(&b, FIRST_UID);
        client_write(fd, bytes, len);
        bench_turn_ms(&b, 1);
        close(fd);
    }
    cr_expect_null(b.waiting);
    cr_expect_lt(root_waits_ms(), SOON_MS);
}

static bool is_empty(void *context) {
    (void)context;
    return server_stats(b.server).clients == 0;
}

Test(abuse, a_client_that_never_reads_is_closed_and_delays_nobody) {
    int fd = client_connect(&b, FIRST_UID);
    b.status_rows = 10000;
    client_request(fd, 1, "status", "");
    bench_turn_ms(&b, 300);
    b.status_rows = 1;
    cr_expect_lt(root_waits_ms(), 3000); /* it is closed after 5 s */
    cr_expect(bench_turn(&b, is_empty, NULL, 8000));
    cr_expect_eq(server_stats(b.server).timed_out, 1);
    close(fd);
}

Test(abuse, a_slow_follower_is_dropped_and_logged) {
    const char *const params[] = {"true", ""};
    int fd = client_connect(&b, FIRST_UID);
    msgpack_sbuffer out;
    msgpack_sbuffer_init(&out);
    control_encode_request(&out, 1, "events", params, 2);
    client_write(fd, out.data, out.size);
    msgpack_sbuffer_destroy(&out);
    bench_turn_ms(&b, 20);
    struct event_record event = {.mount = "media", .kind = "state"};
    memset(event.text, 'x', sizeof event.text - 1);
    for (int i = 0; i < 5000 && server_stats(b.server).clients == 1; i++) {
        server_publish(b.server, &event);
        bench_turn_ms(&b, 0);
    }
    cr_expect_eq(server_stats(b.server).clients, 0);
    cr_expect_not_null(strstr(b.logged, "reads too slowly and was dropped"), "%s", b.logged);
    close(fd);
}

Test(abuse, sent_descriptors_are_not_received) {
    int fd = client_connect(&b, FIRST_UID), ends[2];
    char control[CMSG_SPACE(sizeof(int))] = {0}, byte = '\x94';
    struct iovec iov = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    cr_assert_eq(pipe(ends), 0);
    *head = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(head), &ends[1], sizeof(int));
    cr_assert_eq(sendmsg(fd, &message, 0), 1);
    close(ends[1]);
    bench_turn_ms(&b, 30);
    cr_expect_eq(server_stats(b.server).clients, 1);
    /* The end of file comes only when nobody has the writing end. */
    struct pollfd p = {.fd = ends[0], .events = POLLIN};
    cr_expect_eq(poll(&p, 1, 0), 1);
    cr_expect_eq(read(ends[0], &byte, 1), 0);
    close(ends[0]);
    close(fd);
}

static void end_of_turn(uv_timer_t *timer) {
    (void)timer;
}

Test(abuse, without_descriptors_it_rests_and_comes_back) {
    struct rlimit old, tight;
    int fds[3];
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
    int next = dup(0);
    close(next);
    for (size_t i = 0; i < 3; i++)
        fds[i] = client_connect(&b, 0);
    tight = (struct rlimit){.rlim_cur = (rlim_t)next + 3, .rlim_max = old.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &tight), 0);
    unsigned turns = 0;
    uint64_t end = clock_awake_ms() + 1000;
    uv_timer_t stop;
    uv_timer_init(&b.loop, &stop);
    while (clock_awake_ms() < end) {
        uv_timer_start(&stop, end_of_turn, 100, 0);
        uv_run(&b.loop, UV_RUN_ONCE);
        turns++;
    }
    uv_close((uv_handle_t *)&stop, NULL);
    cr_expect_lt(turns, 100, "it spins: %u turns in a second", turns);
    cr_expect_not_null(strstr(b.logged, "turned away"), "%s", b.logged);
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
    cr_expect_lt(root_waits_ms(), 1000);
    for (size_t i = 0; i < 3; i++)
        close(fds[i]);
}
