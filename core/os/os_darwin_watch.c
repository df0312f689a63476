/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What the kernel and the network tell by themselves: EVFILT_FS and notify(3). */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/event.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/arrivals.h"
#include "os/beat.h"
#include "os/darwin_sdk.h"
#include "os/os.h"

#define NETWORK_CHANGE "com.apple.system.config.network_change"
#define BATCHES_MAX 64 /* a flood goes on at the next wake-up */

/* Events carry no fsid: each one means that the table is read again. NOTRESP is told both when a
 * server falls silent and when it speaks again. */
#define HEALTH (VQ_NOTRESP | VQ_DEAD)
#define EVENTS (HEALTH | VQ_MOUNT | VQ_UNMOUNT | VQ_UPDATE)

int os_mount_watch_open(bool *prioritized, struct err *err) {
    struct kevent change;
    CLEANUP_CLOSE int fd = kqueue();
    if (fd < 0)
        return err_sys(err, errno, "cannot watch the mount table (kqueue)");
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    EV_SET(&change, 0, EVFILT_FS, EV_ADD | EV_CLEAR, EVENTS, 0, NULL);
    if (kevent(fd, &change, 1, NULL, 0, NULL) != 0)
        return err_sys(err, errno, "cannot watch the mount table (EVFILT_FS)");
    *prioritized = false;
    return take_fd(&fd);
}

bool os_mount_watch_drain(int fd) {
    static const struct timespec at_once = {0, 0};
    struct kevent events[8];
    bool health = false;
    for (int i = 0; i < BATCHES_MAX; i++) {
        int n = kevent(fd, NULL, 0, events, 8, &at_once);
        if (n <= 0)
            break;
        for (int k = 0; k < n; k++)
            health |= (events[k].fflags & HEALTH) != 0;
    }
    return health;
}

int os_net_watch_open(struct err *err) {
    int fd = -1, token = 0;
    if (notify_register_file_descriptor(NETWORK_CHANGE, &fd, 0, &token) != NOTIFY_STATUS_OK)
        return err_set(err, EIO, "cannot watch the network (notify(3): %s)", NETWORK_CHANGE);
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
        int code = errno;
        notify_cancel(token);
        return err_sys(err, code, "cannot watch the network");
    }
    return fd;
}

/* Tokens come out of it, one for each change; it is not said what changed. */
bool os_net_watch_drain(int fd) {
    uint32_t tokens[64];
    bool changed = false;
    for (int i = 0; i < BATCHES_MAX; i++) {
        ssize_t n = read(fd, tokens, sizeof tokens);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        changed = true;
    }
    return changed;
}

/* The loop's own timers must do: they stand still while the machine sleeps. */
int os_beat_open(uint32_t every_ms) {
    (void)every_ms;
    return -ENOTSUP;
}

void os_beat_drain(int fd) {
    (void)fd;
}

int os_arrivals_open(void) {
    return -ENOTSUP;
}

size_t os_arrivals_read(int fd, struct os_arrival *arrivals, size_t max) {
    (void)fd, (void)arrivals, (void)max;
    return 0;
}

int os_mountpoint_of(uint64_t id, char *path, size_t size) {
    (void)id, (void)path, (void)size;
    return -ENOTSUP;
}
