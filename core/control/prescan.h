/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * A heap-free walk over MessagePack bytes before msgpack-c sees them: 5 hostile bytes can make
 * msgpack-c reserve gigabytes (security notes, section 3). Bounds depth, items, lengths; finds
 * where the first value ends, so a stream without length prefixes can be cut into messages.
 */
#ifndef CONTROL_PRESCAN_H
#define CONTROL_PRESCAN_H

#include <stddef.h>

#define PRESCAN_DEPTH_MAX 16 /* of any limits */

struct prescan_limits {
    size_t bytes, depth, items, text;
};
extern const struct prescan_limits prescan_request; /* 4 KiB, depth 4, 64 items, text 1 KiB */
extern const struct prescan_limits prescan_reply;   /* the client's: 64 MiB, depth 8 ... */

/* 1: a whole value of *len bytes stands at data. 0: more bytes are needed. -EPROTO: not
 * MessagePack, an ext type, or over a limit (*reason says which). */
int prescan(const void *data, size_t size, const struct prescan_limits *limits, size_t *len,
            const char **reason);

/* The same for data that grows and keeps its beginning: what was seen stays seen. Begin with a
 * zeroed one, and again after a 1. */
struct prescan {
    size_t open[PRESCAN_DEPTH_MAX]; /* values still to come in each open container */
    size_t depth, at;
    size_t pending; /* the sum of open: each takes a byte at least */
    size_t items;   /* seen and pending, beside the first */
};
int prescan_more(struct prescan *seen, const void *data, size_t size,
                 const struct prescan_limits *limits, size_t *len, const char **reason);

#endif
