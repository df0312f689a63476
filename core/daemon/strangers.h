/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Mounts that are none of ours come and go on a busy machine (containers, users who log in), and
 * the whole table, which is long where mounts are many, need not be read for each of them.
 */
#ifndef DAEMON_STRANGERS_H
#define DAEMON_STRANGERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STRANGERS_MAX 128

struct daemon;

/* Those that came since the table was last read; of more than these nothing is known. */
struct strangers {
    uint64_t ids[STRANGERS_MAX];
    size_t len;
};

/* Take all that fd (os/arrivals.h) tells. True: it was about strangers alone. */
bool strangers_alone(struct daemon *daemon, int fd);

/* A mount of ours may be elsewhere now: it could be one of them. */
void strangers_forget(struct daemon *daemon);

#endif
