/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The hostile messages of the security notes, cuts and mutations: every answer is definite. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "control/prescan.h"

static int scan(const void *data, size_t size, const struct prescan_limits *limits) {
    const char *reason = NULL;
    size_t len = 0;
    int rc = prescan(data, size, limits, &len, &reason);
    cr_assert(rc >= -EPROTO && rc <= 1);
    if (rc == -EPROTO)
        cr_assert_not_null(reason);
    if (rc == 1)
        cr_assert(len > 0 && len <= size);
    return rc;
}

/* Nanoseconds of the fastest of 100 scans: the scan itself, not the machine's other work. */
static long fastest_ns(const void *data, size_t size, const struct prescan_limits *limits) {
    long best = 1000000000L;
    for (int i = 0; i < 100; i++) {
        struct timespec a, b;
        clock_gettime(CLOCK_MONOTONIC, &a);
        scan(data, size, limits);
        clock_gettime(CLOCK_MONOTONIC, &b);
        long ns = (b.tv_sec - a.tv_sec) * 1000000000L + b.tv_nsec - a.tv_nsec;
        best = ns < best ? ns : best;
    }
    return best;
}

static const struct {
    const char *what;
    const char bytes[16];
    size_t len, times; /* the bytes are repeated */
} hostile[] = {
    {"array32 of 2^32-1", "\xdd\xff\xff\xff\xff", 5, 1},
    {"map32 of 2^32-1", "\xdf\xff\xff\xff\xff", 5, 1},
    {"array32 of 10^8", "\xdd\x05\xf5\xe1\x00", 5, 1},
    {"map32 of 0x0aaaaaab", "\xdf\x0a\xaa\xaa\xab", 5, 1},
    {"array32 of 10^8, nested", "\xdd\x05\xf5\xe1\x00", 5, 31},
    {"array32 of 10^6, nested", "\xdd\x00\x0f\x42\x40", 5, 31},
    {"nested 32 deep", "\x91", 1, 32},
    {"nested 100,000 deep", "\x91", 1, 100000},
    {"maps nested 100,000 deep", "\x81", 1, 100000},
    {"str32 of 2^32-1", "\xdb\xff\xff\xff\xff", 5, 1},
    {"bin32 of 2^32-1", "\xc6\xff\xff\xff\xff", 5, 1},
    {"ext32 of 2^32-1", "\xc9\xff\xff\xff\xff\x01", 6, 1},
    {"fixext1", "\xd4\x01\x00", 3, 1},
    {"the byte that is nothing", "\xc1", 1, 1},
};

static unsigned char *repeat(size_t i, size_t *size) {
    *size = hostile[i].len * hostile[i].times;
    unsigned char *data = malloc(*size);
    for (size_t k = 0; k < hostile[i].times; k++)
        memcpy(data + k * hostile[i].len, hostile[i].bytes, hostile[i].len);
    return data;
}

Test(prescan, hostile_messages_are_refused_at_once) {
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        size_t size;
        unsigned char *data = repeat(i, &size);
        cr_expect_eq(scan(data, size, &prescan_request), -EPROTO, "%s", hostile[i].what);
        cr_expect_lt(fastest_ns(data, size, &prescan_request), 11000, "%s", hostile[i].what);
        free(data);
    }
}

Test(prescan, the_client_refuses_them_as_well) {
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        size_t size;
        unsigned char *data = repeat(i, &size);
        cr_expect_eq(scan(data, size, &prescan_reply), -EPROTO, "%s", hostile[i].what);
        free(data);
    }
}

Test(prescan, a_million_nils_are_refused_by_the_count) {
    unsigned char *data = malloc(1000005);
    memset(data, 0xc0, 1000005);
    memcpy(data, "\xdd\x00\x0f\x42\x40", 5);
    cr_expect_eq(scan(data, 1000005, &prescan_request), -EPROTO);
    cr_expect_lt(fastest_ns(data, 1000005, &prescan_request), 11000);
    free(data);
}

Test(prescan, a_full_buffer_is_always_decided) {
    /* Whatever 4 KiB are, "more bytes are needed" would mean waiting for ever. */
    unsigned char data[4096];
    srand(1);
    for (int round = 0; round < 20000; round++) {
        for (size_t i = 0; i < sizeof data; i++)
            data[i] = (unsigned char)rand();
        data[0] = (unsigned char)(0x90 + rand() % 16);
        cr_assert_neq(scan(data, sizeof data, &prescan_request), 0);
    }
    const struct prescan_limits tight = {.bytes = 16, .depth = 4, .items = 64, .text = 1024};
    cr_expect_eq(scan("\xd9\x0e", 2, &tight), 0, "14 bytes of text are the last that fit");
    cr_expect_eq(scan("\xd9\x0f", 2, &tight), -EPROTO);
    cr_expect_eq(scan("\x9f", 1, &tight), 0, "15 items of a byte each are the last that fit");
    cr_expect_eq(scan("\xdc\x00\x10", 3, &tight), -EPROTO);
}

/* [0, 7, "events", [true, "media", 3.5, {"a": -1}]], and a second message behind it. */
static const char good[] = "\x94\x00\x07\xa6"
                           "events"
                           "\x94\xc3\xa5media\xcb\x40\x0c\x00\x00\x00\x00\x00\x00\x81\xa1"
                           "a\xff";
#define GOOD_LEN (sizeof good - 1)

Test(prescan, a_whole_message_is_found_and_its_end) {
    char two[2 * GOOD_LEN];
    const char *reason;
    size_t len = 0;
    memcpy(two, good, GOOD_LEN);
    memcpy(two + GOOD_LEN, good, GOOD_LEN);
    cr_assert_eq(prescan(two, sizeof two, &prescan_request, &len, &reason), 1);
    cr_assert_eq(len, GOOD_LEN);
}

Test(prescan, every_cut_needs_more) {
    for (size_t size = 0; size < GOOD_LEN; size++) {
        unsigned char *exact = malloc(size != 0 ? size : 1); /* asan sees a read behind it */
        memcpy(exact, good, size);
        cr_expect_eq(scan(exact, size, &prescan_request), 0, "cut at %zu", size);
        free(exact);
    }
}

/* As it comes in pieces of so many bytes at most. */
static int scan_in_pieces(const unsigned char *data, size_t size, size_t piece, size_t *len) {
    struct prescan seen = {.at = 0};
    const char *reason;
    for (size_t have = 0; have < size;) {
        have = size - have < piece ? size : have + piece;
        unsigned char *exact = malloc(have);
        memcpy(exact, data, have);
        int rc = prescan_more(&seen, exact, have, &prescan_request, len, &reason);
        free(exact);
        if (rc != 0)
            return rc;
    }
    return 0;
}

Test(prescan, pieces_are_judged_as_the_whole) {
    unsigned refused = 0, found = 0;
    srand(4);
    for (int round = 0; round < 20000; round++) {
        unsigned char data[GOOD_LEN];
        const char *reason;
        size_t len = 0, pieces_len = 0;
        memcpy(data, good, GOOD_LEN);
        for (int k = rand() % 3; k > 0; k--)
            data[(size_t)rand() % GOOD_LEN] = (unsigned char)rand();
        int rc = prescan(data, GOOD_LEN, &prescan_request, &len, &reason);
        cr_assert_eq(scan_in_pieces(data, GOOD_LEN, 1 + (size_t)rand() % 9, &pieces_len), rc);
        cr_assert_eq(pieces_len, len);
        refused += rc < 0;
        found += rc > 0;
    }
    cr_expect_gt(refused, 100);
    cr_expect_gt(found, 1000);
}

Test(prescan, random_mutations_never_read_outside) {
    srand(2);
    for (int round = 0; round < 200000; round++) {
        size_t size = 1 + (size_t)rand() % GOOD_LEN;
        unsigned char *data = malloc(size);
        memcpy(data, good, size);
        for (int k = rand() % 4; k >= 0; k--)
            data[(size_t)rand() % size] = (unsigned char)rand();
        scan(data, size, &prescan_request);
        scan(data, size, &prescan_reply);
        free(data);
    }
}

Test(prescan, limits_hold_exactly) {
    const struct prescan_limits limits = {.bytes = 4096, .depth = 2, .items = 4, .text = 3};
    cr_expect_eq(scan("\x91\x91\xc0", 3, &limits), 1);
    cr_expect_eq(scan("\x91\x91\x91\xc0", 4, &limits), -EPROTO, "depth 3");
    cr_expect_eq(scan("\x93\xc0\xc0\xc0", 4, &limits), 1);
    cr_expect_eq(scan("\x94\xc0\xc0\xc0\xc0", 5, &limits), -EPROTO, "5 items");
    cr_expect_eq(scan("\xa3xyz", 4, &limits), 1);
    cr_expect_eq(scan("\xa4wxyz", 5, &limits), -EPROTO, "text of 4");
    cr_expect_eq(scan("\x90", 1, &limits), 1);
    cr_expect_eq(scan("\x92\x90\x80", 3, &limits), 1);
    /* More depth than the stack has is not given, whatever the limits say. */
    const struct prescan_limits deep = {.bytes = 4096, .depth = 40, .items = 64, .text = 3};
    char nested[24];
    memset(nested, 0x91, sizeof nested);
    nested[16] = '\xc0';
    cr_expect_eq(scan(nested, 17, &deep), 1);
    nested[16] = '\x91';
    cr_expect_eq(scan(nested, 18, &deep), -EPROTO);
}
