/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Which mounts came and went: fanotify's events of a mount namespace (Linux 6.14), and where one of
 * them is (statmount, 6.8). Their ids are never used again. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/arrivals.h"

/* linux/fanotify.h and linux/mount.h: see os_linux.h why they are repeated here. */
enum {
    NOTIFY_MOUNTS = 0x4000,
    MARK_NAMESPACE = 0x110,
    MOUNT_CAME = 0x1000000,
    MOUNT_WENT = 0x2000000,
    INFO_MOUNT = 7,
    WANT_MOUNTPOINT = 0x10,
    CALL_STATMOUNT = 457, /* another one on alpha and MIPS: there the table is read */
};

struct notice {
    uint32_t len;
    uint8_t version, reserved;
    uint16_t head_len;
    uint64_t mask;
    int32_t fd, pid;
    uint8_t info_type, info_pad;
    uint16_t info_len;
    uint32_t info_more_pad;
    uint64_t id;
};
_Static_assert(sizeof(struct notice) == 40, "as the kernel writes it");

struct question {
    uint32_t size, spare;
    uint64_t id, mask;
};

struct answer {
    uint32_t size, options;
    uint64_t mask;
    unsigned char other[92];
    uint32_t mountpoint; /* where it begins in text */
    unsigned char more[400];
    char text[OS_MOUNTPOINT_MAX];
};
_Static_assert(offsetof(struct answer, mountpoint) == 108, "as the kernel writes it");
_Static_assert(offsetof(struct answer, text) == 512, "as the kernel writes it");

int os_arrivals_open(void) {
    CLEANUP_CLOSE int namespace = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
    if (namespace < 0)
        return -errno;
    CLEANUP_CLOSE int fd = fanotify_init(NOTIFY_MOUNTS | FAN_CLOEXEC | FAN_NONBLOCK, O_RDONLY);
    if (fd < 0 || fanotify_mark(fd, FAN_MARK_ADD | MARK_NAMESPACE, MOUNT_CAME | MOUNT_WENT,
                                namespace, NULL) != 0)
        return -errno;
    return take_fd(&fd);
}

static struct os_arrival understood(const struct notice *notice) {
    struct os_arrival arrival = {.kind = OS_MOUNT_UNSURE, .id = notice->id};
    bool whole = notice->len == sizeof *notice && notice->info_type == INFO_MOUNT;
    if (whole && notice->mask == MOUNT_CAME)
        arrival.kind = OS_MOUNT_CAME;
    else if (whole && notice->mask == MOUNT_WENT)
        arrival.kind = OS_MOUNT_WENT;
    return arrival;
}

size_t os_arrivals_read(int fd, struct os_arrival *arrivals, size_t max) {
    struct notice notices[OS_ARRIVALS_MAX];
    size_t whole = max < OS_ARRIVALS_MAX ? max : OS_ARRIVALS_MAX;
    ssize_t n = read(fd, notices, whole * sizeof notices[0]);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    /* One that is shorter (an overflow has no id), or longer one day, spoils the others. */
    size_t len = n > 0 ? (size_t)n / sizeof notices[0] : 0;
    bool even = len > 0 && (size_t)n % sizeof notices[0] == 0;
    for (size_t i = 0; even && i < len; i++) {
        arrivals[i] = understood(&notices[i]);
        even = notices[i].len == sizeof notices[0];
    }
    if (even)
        return len;
    arrivals[0] = (struct os_arrival){.kind = OS_MOUNT_UNSURE};
    return 1;
}

int os_mountpoint_of(uint64_t id, char *path, size_t size) {
    struct question question = {.size = sizeof question, .id = id, .mask = WANT_MOUNTPOINT};
    struct answer answer;
    if (syscall(CALL_STATMOUNT, &question, &answer, sizeof answer, 0u) != 0)
        return -errno;
    if ((answer.mask & WANT_MOUNTPOINT) == 0 || answer.mountpoint >= sizeof answer.text)
        return -ENODATA;
    const char *text = answer.text + answer.mountpoint;
    size_t len = strnlen(text, sizeof answer.text - answer.mountpoint);
    if (len >= sizeof answer.text - answer.mountpoint || len >= size)
        return -ENAMETOOLONG;
    memcpy(path, text, len + 1);
    return 0;
}
