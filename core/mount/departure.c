/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "mount/departure.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "mount/process.h"
#include "os/os.h"

#define NO_PIDFD_MS 20

int watch_open(struct watch *watch, struct err *err) {
    watch->fd = os_mount_watch_open(&watch->prioritized, err);
    return watch->fd < 0 ? watch->fd : 0;
}

void watch_wait(const struct watch *watch, int fd, uint64_t until_ms) {
    struct pollfd p[] = {
        {.fd = watch->fd, .events = (short)(watch->prioritized ? POLLPRI : POLLIN)},
        {.fd = fd, .events = POLLIN},
    };
    int timeout = process_timeout(until_ms);
    if (poll(p, 2, timeout) > 0 && p[0].revents != 0)
        os_mount_watch_drain(watch->fd);
}

/* A table that cannot be read says nothing: then it counts as listed. */
static bool is_listed(uint64_t id) {
    struct mount_table table;
    if (mount_table_read(&table, NULL) != 0)
        return true;
    bool listed = mount_table_by_id(&table, id) != NULL;
    mount_table_finish(&table);
    return listed;
}

enum departure departure_wait(const struct watch *watch, uint64_t id, pid_t pid, uint64_t until_ms,
                              int *status) {
    CLEANUP_CLOSE int pidfd = os_pidfd(pid);
    for (;;) {
        /* Asked before the table is read, so that an end is never taken for a failure. */
        pid_t reaped = waitpid(pid, status, WNOHANG);
        if (!is_listed(id))
            return DEPARTURE_GONE;
        if (reaped == pid || (reaped < 0 && errno == ECHILD))
            return DEPARTURE_ENDED;
        uint64_t now = clock_boot_ms();
        if (now >= until_ms)
            return DEPARTURE_LATE;
        bool short_wait = pidfd < 0 && until_ms - now > NO_PIDFD_MS;
        watch_wait(watch, pidfd, short_wait ? now + NO_PIDFD_MS : until_ms);
    }
}
