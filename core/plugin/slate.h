/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Memory that the daemon shares with one plugin host: the host writes its answers there, so that a
 * batch of jobs costs one wake-up of the daemon and not one for each answer. The host begins each
 * job of a batch by claiming it here, so the daemon can take back those that a late host has not
 * begun. What the host may write is believed no more than what it sends.
 */
#ifndef PLUGIN_SLATE_H
#define PLUGIN_SLATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SLATE_FD 4                   /* in the host, until it has joined */
#define SLATE_ANSWERS (255u * 1024u) /* only what is written takes memory */

struct slate {
    _Atomic uint64_t turn;     /* number of the batch << 32 | SLATE_RECALLED | jobs begun */
    _Atomic uint64_t since_ms; /* when the call under way began (clock_awake_ms), 0: none */
    _Atomic uint32_t filled;   /* bytes of answers */
    unsigned char answers[SLATE_ANSWERS];
};

/* Daemon: make one; *fd is for the host. Host: join it. NULL with err; then
 * *fd is none. */
struct slate *slate_create(int *fd, struct err *err);
struct slate *slate_join(int fd, struct err *err);
void slate_leave(struct slate *slate); /* NULL is well */

/* Daemon: a new batch. The host has nothing to answer any more. */
void slate_begin(struct slate *slate, uint32_t batch);
/* Daemon: how many jobs have begun. After slate_recall no further one does. */
unsigned slate_begun(const struct slate *slate);
unsigned slate_recall(struct slate *slate);
/* Daemon: copy what was written behind the first at bytes, which is whole frames. */
size_t slate_take(const struct slate *slate, size_t at, void *to, size_t size);

/* Host: may the next job of this batch begin? */
bool slate_claim(struct slate *slate, uint32_t batch);
/* Host: the next call begins now. */
void slate_mark(struct slate *slate);
/* Host: an answer. False when there is no room, which the daemon sees to. */
bool slate_put(struct slate *slate, const void *frame, size_t len);

#endif
