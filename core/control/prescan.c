/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "control/prescan.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

const struct prescan_limits prescan_request = {
    .bytes = 4u << 10, .depth = 4, .items = 64, .text = 1u << 10};
/* 10,000 mounts in one status reply are 350,000 items and 10 MB. */
const struct prescan_limits prescan_reply = {
    .bytes = 64u << 20, .depth = 8, .items = 1u << 20, .text = 4u << 10};

enum shape { SCALAR, TEXT, ARRAY, MAP, BAD };

/* By first byte: what it is, how many bytes of a number follow it, and for the fix forms the
 * number itself is in the byte. A scalar's number is its value, which nobody looks at here. */
struct form {
    enum shape shape;
    unsigned char extra;
    unsigned char fixed;
};

static struct form form_of(unsigned char first) {
    static const struct form forms[] = {
        [0xc0 - 0xc0] = {SCALAR, 0, 0}, [0xc1 - 0xc0] = {BAD, 0, 0},
        [0xc2 - 0xc0] = {SCALAR, 0, 0}, [0xc3 - 0xc0] = {SCALAR, 0, 0},
        [0xc4 - 0xc0] = {TEXT, 1, 0},   [0xc5 - 0xc0] = {TEXT, 2, 0},
        [0xc6 - 0xc0] = {TEXT, 4, 0},   [0xc7 - 0xc0] = {BAD, 0, 0},
        [0xc8 - 0xc0] = {BAD, 0, 0},    [0xc9 - 0xc0] = {BAD, 0, 0},
        [0xca - 0xc0] = {SCALAR, 4, 0}, [0xcb - 0xc0] = {SCALAR, 8, 0},
        [0xcc - 0xc0] = {SCALAR, 1, 0}, [0xcd - 0xc0] = {SCALAR, 2, 0},
        [0xce - 0xc0] = {SCALAR, 4, 0}, [0xcf - 0xc0] = {SCALAR, 8, 0},
        [0xd0 - 0xc0] = {SCALAR, 1, 0}, [0xd1 - 0xc0] = {SCALAR, 2, 0},
        [0xd2 - 0xc0] = {SCALAR, 4, 0}, [0xd3 - 0xc0] = {SCALAR, 8, 0},
        [0xd4 - 0xc0] = {BAD, 0, 0},    [0xd5 - 0xc0] = {BAD, 0, 0},
        [0xd6 - 0xc0] = {BAD, 0, 0},    [0xd7 - 0xc0] = {BAD, 0, 0},
        [0xd8 - 0xc0] = {BAD, 0, 0},    [0xd9 - 0xc0] = {TEXT, 1, 0},
        [0xda - 0xc0] = {TEXT, 2, 0},   [0xdb - 0xc0] = {TEXT, 4, 0},
        [0xdc - 0xc0] = {ARRAY, 2, 0},  [0xdd - 0xc0] = {ARRAY, 4, 0},
        [0xde - 0xc0] = {MAP, 2, 0},    [0xdf - 0xc0] = {MAP, 4, 0},
    };
    if (first < 0x80 || first >= 0xe0)
        return (struct form){SCALAR, 0, 0};
    if (first < 0x90)
        return (struct form){MAP, 0, first & 0x0f};
    if (first < 0xa0)
        return (struct form){ARRAY, 0, first & 0x0f};
    if (first < 0xc0)
        return (struct form){TEXT, 0, first & 0x1f};
    return forms[first - 0xc0];
}

struct scan {
    const unsigned char *data;
    size_t size;
    const struct prescan_limits *limits;
    struct prescan seen;
    const char *reason;
};

static int refuse(struct scan *s, const char *reason) {
    s->reason = reason;
    return -EPROTO;
}

/* 1: n bytes are there. 0: they can still come. */
static int need(struct scan *s, size_t n) {
    assert(s->seen.at <= s->limits->bytes); /* nothing is taken that was not needed before */
    if (n > s->limits->bytes - s->seen.at || s->seen.pending > s->limits->bytes - s->seen.at - n)
        return refuse(s, "the message is too long");
    return s->size - s->seen.at >= n;
}

static int push(struct scan *s, uint64_t count) {
    if (count > s->limits->items - 1 - s->seen.items)
        return refuse(s, "too many items");
    if (s->seen.depth >= s->limits->depth || s->seen.depth >= PRESCAN_DEPTH_MAX)
        return refuse(s, "nested too deeply");
    s->seen.open[s->seen.depth++] = (size_t)count;
    s->seen.items += (size_t)count;
    s->seen.pending += (size_t)count;
    return need(s, 0) < 0 ? -EPROTO : 1;
}

static uint64_t read_number(const unsigned char *p, unsigned len) {
    uint64_t number = 0;
    for (unsigned i = 0; i < len; i++)
        number = number << 8 | p[i];
    return number;
}

/* One value without what is inside of it. 1, 0, -EPROTO as prescan. */
static int take_value(struct scan *s) {
    int have = need(s, 1);
    if (have <= 0)
        return have;
    struct form form = form_of(s->data[s->seen.at]);
    if (form.shape == BAD)
        return refuse(s, "not MessagePack, or an extension type");
    have = need(s, 1u + form.extra);
    if (have <= 0)
        return have;
    uint64_t number =
        form.extra != 0 ? read_number(s->data + s->seen.at + 1, form.extra) : (uint64_t)form.fixed;
    s->seen.at += 1u + form.extra;
    if (form.shape == ARRAY)
        return push(s, number);
    if (form.shape == MAP)
        return push(s, number * 2u);
    if (form.shape == SCALAR)
        return 1;
    if (number > s->limits->text)
        return refuse(s, "a text is too long");
    have = need(s, (size_t)number);
    if (have == 1)
        s->seen.at += (size_t)number;
    return have;
}

/* The next value; when it is not whole yet all is as before. */
static int take_next(struct scan *s) {
    struct prescan *seen = &s->seen;
    size_t began = seen->at, *open = NULL;
    while (seen->depth > 0 && seen->open[seen->depth - 1] == 0)
        seen->depth--;
    if (seen->depth > 0) {
        open = &seen->open[seen->depth - 1];
        --*open;
        seen->pending--;
    }
    int rc = take_value(s);
    if (rc == 0 && open != NULL) {
        ++*open;
        seen->pending++;
    }
    if (rc == 0)
        seen->at = began;
    return rc;
}

int prescan_more(struct prescan *seen, const void *data, size_t size,
                 const struct prescan_limits *limits, size_t *len, const char **reason) {
    struct scan s = {.data = data, .size = size, .limits = limits, .seen = *seen};
    int rc;
    do
        rc = take_next(&s);
    while (rc > 0 && s.seen.pending > 0);
    if (rc < 0)
        *reason = s.reason;
    else if (rc > 0)
        *len = s.seen.at;
    *seen = s.seen;
    return rc;
}

int prescan(const void *data, size_t size, const struct prescan_limits *limits, size_t *len,
            const char **reason) {
    struct prescan seen = {.at = 0};
    return prescan_more(&seen, data, size, limits, len, reason);
}
