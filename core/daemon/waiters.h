/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Commands that wait for a mount to settle. */
#ifndef DAEMON_WAITERS_H
#define DAEMON_WAITERS_H

#include <stdbool.h>
#include <stdint.h>

#include "control/server.h"

struct supervisor;

/* A command that waits for the mount to settle. */
struct waiter {
    struct waiter *next;
    struct server_call *call;
    enum command command;
    uint64_t began_ms;
};

/* False without memory. */
bool waiters_add(struct supervisor *s, struct server_call *call, enum command command);
/* Answer those for which it has settled. */
void waiters_check(struct supervisor *s);
/* The client went away. */
void waiters_forget(struct supervisor *s, const struct server_call *call);
void waiters_fail(struct supervisor *s, const char *why);

#endif
