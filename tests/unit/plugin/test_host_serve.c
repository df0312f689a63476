/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A host that serves what a socket says: jobs in order, and nothing that is none. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host_rig.h"
#include "plugin/slate.h"

static int ends[2];
static struct slate *slate;
static unsigned char letter[8 * (WIRE_HEAD + 4096)];
static size_t letter_len;

static void set_up(void) {
    int fd;
    host_begin((const char *const[]){"healthy", "slow", "server", "decide", "sick", NULL});
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    slate = slate_create(&fd, &err);
    cr_assert_not_null(slate);
    close(fd);
    slate_begin(slate, 1);
}

static void tear_down(void) {
    slate_leave(slate);
    close(ends[0]);
    close(ends[1]);
    host_end();
}

TestSuite(host_serve, .init = set_up, .fini = tear_down);

static void *room(size_t *size) {
    *size = sizeof letter - letter_len;
    return letter + letter_len;
}

static void add_head(uint32_t kind, uint32_t count, uint32_t batch) {
    size_t size;
    void *to = room(&size);
    struct smbm_mount mount = rig_mount();
    struct call_job head = {.id = 9, .kind = kind, .count = count, .batch = batch};
    letter_len += call_put_job(to, size, &head);
    to = room(&size);
    letter_len += call_put_mount(to, size, &mount);
}

static void add_run(uint32_t index, const char *file, uint32_t subject) {
    static const uint64_t carry[SMBM_CARRY_WORDS];
    size_t size;
    void *to = room(&size);
    struct call_request request = {
        .index = index, .subject = subject, .timeout_ms = 1000, .file = file, .carry = carry};
    letter_len += call_put_run(to, size, &request);
}

/* All of the letter is there when the host begins, and then its end. */
static int serve(void) {
    cr_assert_eq(write(ends[0], letter, letter_len), (ssize_t)letter_len);
    cr_assert_eq(shutdown(ends[0], SHUT_WR), 0);
    return host_serve(&host, ends[1], slate);
}

/* The next answer on the slate; 0: none. */
static uint32_t next_answer(size_t *at, struct call_reply *reply) {
    static unsigned char piece[CALL_ANSWER_MAX];
    struct wire_in payload;
    uint32_t type;
    size_t whole, len = slate_take(slate, *at, piece, sizeof piece);
    if (len == 0 || wire_frame(piece, len, &type, &payload, &whole) != 1)
        return 0;
    *at += whole;
    cr_assert_eq(call_get_reply(type, &payload, reply, &err), 0, "%s", err.text);
    cr_assert_eq(reply->id, 9);
    return type;
}

/* HELLO, then so many bells. */
static void rang(unsigned bells) {
    unsigned char said[WIRE_HEAD + 16];
    for (unsigned i = 0; i <= bells; i++) {
        struct wire_in payload;
        uint32_t type = 0;
        size_t whole = 0;
        cr_assert_eq(recv(ends[0], said, WIRE_HEAD, MSG_DONTWAIT), WIRE_HEAD);
        cr_assert_eq(wire_frame(said, WIRE_HEAD, &type, &payload, &whole), 1);
        cr_assert_eq(type, i == 0 ? CALL_HELLO : CALL_BELL);
    }
    cr_assert_eq(recv(ends[0], said, 1, MSG_DONTWAIT), -1);
}

Test(host_serve, answers_what_is_due_and_rings_once) {
    struct call_reply reply;
    size_t at = 0;
    add_head(CALL_KIND_ALL, 2, 1);
    add_run(0, "healthy.so", SMBM_ON_MOUNT);
    add_run(1, "missing.so", SMBM_ON_MOUNT);
    add_head(CALL_KIND_PROBE, 3, 1);
    add_run(0, "sick.so", SMBM_ON_MOUNT);
    add_run(1, "healthy.so", SMBM_ON_MOUNT);
    add_run(2, "server.so", SMBM_ON_SERVER);
    cr_assert_eq(serve(), 0);
    cr_assert_eq(next_answer(&at, &reply), CALL_REPORT);
    cr_assert_eq(reply.report.verdict, SMBM_HEALTHY);
    cr_assert_eq(next_answer(&at, &reply), CALL_FAILED);
    cr_assert_not_null(strstr(reply.report.evidence, "was not in the plugin folder"));
    cr_assert_eq(next_answer(&at, &reply), CALL_REPORT);
    cr_assert_eq(reply.index, 0);
    uint32_t type = next_answer(&at, &reply);
    cr_assert(type == CALL_REPORT && reply.index == 2, "after a bad verdict the server is asked");
    cr_assert_eq(next_answer(&at, &reply), 0);
    cr_assert_eq(slate_begun(slate), 2);
    rang(1);
}

Test(host_serve, a_recalled_job_is_read_but_not_begun) {
    struct call_reply reply;
    size_t at = 0;
    add_head(CALL_KIND_ALL, 1, 0); /* of a batch before this one */
    add_run(0, "healthy.so", SMBM_ON_MOUNT);
    add_head(CALL_KIND_ALL, 1, 1);
    add_run(0, "sick.so", SMBM_ON_MOUNT);
    cr_assert_eq(serve(), 0);
    cr_assert_eq(next_answer(&at, &reply), CALL_REPORT);
    cr_assert_neq(reply.report.verdict, SMBM_HEALTHY);
    cr_assert_eq(next_answer(&at, &reply), 0);
    cr_assert_eq(slate_begun(slate), 1);
}

static void refused(void) {
    struct call_reply reply;
    size_t at = 0;
    cr_assert_eq(serve(), -EPROTO);
    cr_assert_eq(next_answer(&at, &reply), 0);
}

Test(host_serve, a_call_without_its_job_is_refused) {
    add_run(0, "healthy.so", SMBM_ON_MOUNT);
    refused();
}

Test(host_serve, fewer_calls_than_promised_are_refused) {
    add_head(CALL_KIND_NEXT, 1, 1);
    add_run(0, "decide.so", SMBM_ON_MOUNT); /* where the situation is due */
    refused();
}

Test(host_serve, a_job_without_its_mount_is_refused) {
    struct call_job head = {.id = 9, .kind = CALL_KIND_ALL, .count = 1, .batch = 1};
    letter_len = call_put_job(letter, sizeof letter, &head);
    add_run(0, "healthy.so", SMBM_ON_MOUNT);
    refused();
}

/* The head of a frame says how long it is: each of these is cut in its middle. */
Test(host_serve, frames_with_too_little_in_them_are_refused) {
    static const uint32_t types[] = {CALL_JOB, CALL_MOUNT, CALL_RUN};
    for (size_t i = 0; i < 3; i++) {
        struct wire_out out;
        struct call_job head = {.id = 9, .kind = CALL_KIND_ALL, .count = 1, .batch = 1};
        letter_len = 0;
        if (types[i] == CALL_MOUNT)
            letter_len = call_put_job(letter, sizeof letter, &head);
        else if (types[i] == CALL_RUN)
            add_head(CALL_KIND_ALL, 1, 1);
        wire_begin(&out, letter + letter_len, 64, types[i]);
        wire_put_u32(&out, 1);
        letter_len += wire_end(&out);
        refused();
        close(ends[0]);
        close(ends[1]);
        cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    }
}

Test(host_serve, answers_that_find_no_room_end_it) {
    atomic_store(&slate->filled, SLATE_ANSWERS - 4);
    add_head(CALL_KIND_ALL, 1, 1);
    add_run(0, "healthy.so", SMBM_ON_MOUNT);
    cr_assert_eq(serve(), -ENOBUFS);
}

/* Each call failing once, a signal first: nothing is answered twice, and every answer is whole. */
static void fail_at_each(int code, bool harmless) {
    size_t quiet = letter_len;
    for (long n = 0;; n++) {
        struct call_reply reply;
        size_t at = 0;
        unsigned answers = 0;
        slate_begin(slate, 1);
        letter_len = quiet;
        cr_assert_eq(write(ends[0], letter, letter_len), (ssize_t)letter_len);
        cr_assert_eq(shutdown(ends[0], SHUT_WR), 0);
        fail_after_with(n, code);
        int rc = host_serve(&host, ends[1], slate);
        const char *call = fail_end();
        while (next_answer(&at, &reply) != 0)
            answers++;
        cr_assert_leq(answers, 1);
        bool no_memory = call != NULL && strstr(call, "alloc") != NULL;
        cr_assert(rc == 0 || (call != NULL && (!harmless || no_memory)), "call %ld (%s): %d", n,
                  call, rc);
        cr_assert(rc != 0 || answers == 1, "call %ld (%s)", n, call);
        close(ends[0]);
        close(ends[1]);
        cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        if (call == NULL)
            break;
    }
}

Test(host_serve, a_failing_call_ends_it_or_costs_nothing) {
    add_head(CALL_KIND_ALL, 1, 1);
    add_run(0, "healthy.so", SMBM_ON_MOUNT);
    fail_at_each(0, false);
    fail_at_each(EINTR, true);
}
