/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Watching for a mount to leave the table, while a process tries to take it away. */
#ifndef MOUNT_DEPARTURE_H
#define MOUNT_DEPARTURE_H

#include "mount/helper_parts.h"

enum departure {
    DEPARTURE_GONE,  /* the table does not list it any more */
    DEPARTURE_ENDED, /* the process ended, and it is still listed: *status */
    DEPARTURE_LATE,  /* neither in time */
};

/* An open watch on the mount table. */
struct watch {
    int fd;
    bool prioritized;
};
int watch_open(struct watch *watch, struct err *err);

/* Wait for a change of the table, for fd to become readable (-1: none), or boot time until_ms. */
void watch_wait(const struct watch *watch, int fd, uint64_t until_ms);

/* Wait until mount id has left, pid (not yet reaped) has ended, or until_ms. */
enum departure departure_wait(const struct watch *watch, uint64_t id, pid_t pid, uint64_t until_ms,
                              int *status);

#endif
