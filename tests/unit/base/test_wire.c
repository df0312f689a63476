/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Frames: what goes in comes out; cut, stretched and forged ones are refused. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/wire.h"

static size_t sample(void *buffer, size_t size) {
    struct wire_out w;
    wire_begin(&w, buffer, size, 7);
    wire_put_u32(&w, 42);
    wire_put_u64(&w, UINT64_MAX - 1);
    wire_put_str(&w, "text");
    wire_put_str(&w, NULL);
    wire_put_bytes(&w, "\0\1\2", 3);
    return wire_end(&w);
}

static bool read_sample(struct wire_in *r) {
    size_t len;
    bool same = wire_get_u32(r) == 42 && wire_get_u64(r) == UINT64_MAX - 1;
    same = strcmp(wire_get_str(r), "text") == 0 && same;
    same = strcmp(wire_get_str(r), "") == 0 && same;
    const void *bytes = wire_get_bytes(r, &len);
    return same && bytes != NULL && len == 3 && memcmp(bytes, "\0\1\2", 3) == 0;
}

Test(wire, round_trip) {
    unsigned char buffer[128];
    struct wire_in r;
    uint32_t type;
    size_t whole, len = sample(buffer, sizeof buffer);
    cr_assert_gt(len, 0);
    cr_assert_eq(wire_frame(buffer, len, &type, &r, &whole), 1);
    cr_assert_eq(type, 7);
    cr_assert_eq(whole, len);
    cr_assert(read_sample(&r));
    cr_assert(wire_done(&r));
}

Test(wire, writer_never_passes_its_end) {
    unsigned char whole[128];
    size_t len = sample(whole, sizeof whole);
    for (size_t size = 0; size < len; size++) {
        unsigned char *buffer = malloc(size > 0 ? size : 1);
        cr_assert_eq(sample(buffer, size), 0, "%zu", size);
        free(buffer);
    }
    cr_assert_eq(sample(whole, len), len);
}

Test(wire, stream_cut_at_every_byte_waits_for_more) {
    unsigned char whole[128];
    size_t len = sample(whole, sizeof whole), full;
    struct wire_in r;
    uint32_t type;
    for (size_t cut = 0; cut < len; cut++) {
        unsigned char *part = malloc(cut > 0 ? cut : 1);
        memcpy(part, whole, cut);
        cr_assert_eq(wire_frame(part, cut, &type, &r, &full), 0, "%zu", cut);
        free(part);
    }
}

Test(wire, payload_cut_at_every_byte_fails) {
    unsigned char whole[128];
    size_t len = sample(whole, sizeof whole) - WIRE_HEAD;
    for (size_t cut = 0; cut < len; cut++) {
        unsigned char *part = malloc(cut > 0 ? cut : 1);
        memcpy(part, whole + WIRE_HEAD, cut);
        struct wire_in r = {.data = part, .len = cut};
        cr_assert_not(read_sample(&r) && wire_done(&r), "%zu", cut);
        cr_assert(r.failed, "%zu", cut);
        cr_assert_eq(wire_get_u32(&r), 0);
        cr_assert_str_eq(wire_get_str(&r), "");
        free(part);
    }
}

Test(wire, every_forged_byte_is_survived) {
    unsigned char whole[128];
    size_t len = sample(whole, sizeof whole) - WIRE_HEAD;
    for (size_t at = 0; at < len; at++)
        for (unsigned value = 0; value < 256; value++) {
            unsigned char *forged = malloc(len);
            memcpy(forged, whole + WIRE_HEAD, len);
            forged[at] = (unsigned char)value;
            struct wire_in r = {.data = forged, .len = len};
            read_sample(&r);
            cr_assert_leq(r.at, r.len);
            free(forged);
        }
}

Test(wire, strings_end_at_their_end_and_nowhere_before) {
    static const struct {
        const char *bytes;
        uint32_t len;
    } bad[] = {{"", 0}, {"abc", 3}, {"a\0b", 4}, {"\0\0", 2}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        unsigned char buffer[64];
        struct wire_out w;
        wire_begin(&w, buffer, sizeof buffer, 1);
        wire_put_bytes(&w, bad[i].bytes, bad[i].len);
        struct wire_in r = {.data = buffer + WIRE_HEAD, .len = wire_end(&w) - WIRE_HEAD};
        cr_assert_str_eq(wire_get_str(&r), "");
        cr_assert(r.failed);
    }
}

Test(wire, leftovers_are_not_done) {
    struct wire_in r = {.data = (const unsigned char *)"\1\0\0\0\2", .len = 5};
    wire_get_u32(&r);
    cr_assert_not(wire_done(&r));
}

Test(wire, too_long_frames_are_refused_at_once) {
    uint32_t head[2] = {WIRE_FRAME_MAX + 1, 1}, type;
    struct wire_in r;
    size_t whole;
    cr_assert_eq(wire_frame(head, sizeof head, &type, &r, &whole), -EPROTO);
    static unsigned char big[WIRE_FRAME_MAX + 64], zeroes[WIRE_FRAME_MAX + 1];
    struct wire_out w;
    wire_begin(&w, big, sizeof big, 1);
    wire_put_bytes(&w, zeroes, WIRE_FRAME_MAX - 3);
    cr_assert_eq(wire_end(&w), 0);
    wire_begin(&w, big, sizeof big, 1);
    wire_put_bytes(&w, zeroes, (size_t)WIRE_FRAME_MAX + 1);
    cr_assert_eq(wire_end(&w), 0);
}

Test(wire, pipe) {
    unsigned char frame[128], buffer[128], tiny[WIRE_HEAD + 4];
    int fds[2];
    struct wire_in r;
    uint32_t type;
    size_t len = sample(frame, sizeof frame);
    cr_assert_eq(pipe(fds), 0);
    cr_assert_eq(wire_write(fds[1], frame, len), 0);
    cr_assert_eq(wire_read(fds[0], buffer, sizeof buffer, &type, &r), 0);
    cr_assert(read_sample(&r) && wire_done(&r));
    cr_assert_eq(wire_write(fds[1], frame, len), 0);
    cr_assert_eq(wire_read(fds[0], tiny, sizeof tiny, &type, &r), -EPROTO);
    cr_assert_eq(wire_read(fds[0], tiny, 3, &type, &r), -EINVAL);
    close(fds[0]);
    close(fds[1]);
}

Test(wire, pipe_that_ends_in_the_middle) {
    unsigned char frame[128], buffer[128];
    size_t len = sample(frame, sizeof frame);
    struct wire_in r;
    uint32_t type;
    for (size_t cut = 0; cut < len; cut++) {
        int fds[2];
        cr_assert_eq(pipe(fds), 0);
        cr_assert_eq(wire_write(fds[1], frame, cut), 0);
        close(fds[1]);
        cr_assert_eq(wire_read(fds[0], buffer, sizeof buffer, &type, &r), -EPIPE, "%zu", cut);
        close(fds[0]);
    }
}
