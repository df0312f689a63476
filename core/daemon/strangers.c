/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/strangers.h"

#include <string.h>

#include "daemon/supervisor.h"
#include "os/arrivals.h"

#define BATCHES_MAX 64 /* a flood goes on at the next wake-up */

_Static_assert(OS_ARRIVALS_MAX <= STRANGERS_MAX, "a batch of them can be kept");

void strangers_forget(struct daemon *daemon) {
    daemon->strangers.len = 0;
}

static bool is_ours(const struct daemon *daemon, const char *mountpoint) {
    for (size_t i = 0; i < daemon->mounts_len; i++)
        if (strcmp(daemon->mounts[i]->mountpoint, mountpoint) == 0)
            return true;
    return false;
}

/* What is gone again before we could ask where it was may have been ours. */
static bool stranger_came(struct daemon *daemon, uint64_t id) {
    struct strangers *strangers = &daemon->strangers;
    char mountpoint[OS_MOUNTPOINT_MAX];
    if (strangers->len == STRANGERS_MAX) /* one that cannot be kept is no stranger when it goes */
        return false;
    if (os_mountpoint_of(id, mountpoint, sizeof mountpoint) != 0 || is_ours(daemon, mountpoint))
        return false;
    strangers->ids[strangers->len++] = id;
    return true;
}

static bool stranger_went(struct daemon *daemon, uint64_t id) {
    struct strangers *strangers = &daemon->strangers;
    for (size_t i = 0; i < strangers->len; i++)
        if (strangers->ids[i] == id) {
            strangers->ids[i] = strangers->ids[--strangers->len];
            return true;
        }
    return false;
}

static bool is_stranger(struct daemon *daemon, const struct os_arrival *arrival) {
    switch (arrival->kind) {
    case OS_MOUNT_CAME:
        return stranger_came(daemon, arrival->id);
    case OS_MOUNT_WENT:
        return stranger_went(daemon, arrival->id);
    case OS_MOUNT_UNSURE:
        break;
    }
    return false;
}

bool strangers_alone(struct daemon *daemon, int fd) {
    struct os_arrival arrivals[OS_ARRIVALS_MAX];
    bool alone = true;
    for (int batch = 0; batch < BATCHES_MAX; batch++) {
        size_t len = os_arrivals_read(fd, arrivals, OS_ARRIVALS_MAX);
        if (len == 0)
            break;
        /* After the first that is none, the table is read anyway. */
        for (size_t i = 0; alone && i < len; i++)
            alone = is_stranger(daemon, &arrivals[i]);
    }
    return alone;
}
