/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Setting nosuid and nodev on a mount that somebody else made. Nothing here asks its file system:
 * its server may be dead, or slow to start. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/os.h"
#include "os/os_linux.h"

/* linux/mount.h: see os_linux.h why they are repeated here. */
enum { ATTR_NOSUID = 0x2, ATTR_NODEV = 0x4 };
#define FLAG_NOSYMFOLLOW 256ul /* MS_NOSYMFOLLOW */

/* A remount sets them all: what the mount has must be said again. */
static const struct {
    const char *word;
    unsigned long ms;
} kept[] = {
    {"ro", MS_RDONLY},         {"noexec", MS_NOEXEC},         {"noatime", MS_NOATIME},
    {"relatime", MS_RELATIME}, {"nodiratime", MS_NODIRATIME}, {"nosymfollow", FLAG_NOSYMFOLLOW},
};

static unsigned long flag_of(const char *word, size_t len) {
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        if (strlen(kept[i].word) == len && memcmp(kept[i].word, word, len) == 0)
            return kept[i].ms;
    return 0;
}

static unsigned long flags_of(const struct linux_mount_line *line) {
    unsigned long flags = 0;
    const char *end = line->options + line->options_len;
    for (const char *at = line->options; at < end;) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma != NULL ? comma : end;
        flags |= flag_of(at, (size_t)(stop - at));
        at = stop + 1;
    }
    return (flags & (MS_NOATIME | MS_RELATIME)) != 0 ? flags : flags | MS_STRICTATIME;
}

/* For kernels before 5.12, and filters that do not know the call. */
static int remount(int fd, uint64_t id) {
    CLEANUP_FREE char *text = NULL;
    size_t len;
    struct linux_mount_line line;
    char target[32];
    int rc = linux_read_all("/proc/self/mountinfo", &text, &len);
    if (rc != 0)
        return rc;
    snprintf(target, sizeof target, "/proc/self/fd/%d", fd);
    for (const char *at = text; linux_mount_line_next(&at, &line);) {
        if (line.id != id)
            continue;
        unsigned long flags = MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | flags_of(&line);
        return mount(NULL, target, NULL, flags, NULL) == 0 ? 0 : -errno;
    }
    return -ESTALE;
}

int os_harden_mount(const char *path, uint64_t id) {
    struct {
        uint64_t set, clear, propagation, userns_fd;
    } change = {.set = ATTR_NOSUID | ATTR_NODEV};
    uint64_t found;
    CLEANUP_CLOSE int fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int rc = linux_fd_mount_id(fd, &found);
    if (rc != 0 || found != id)
        return rc != 0 ? rc : -ESTALE;
    if (syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &change, sizeof change) == 0)
        return 0;
    return errno == ENOSYS || errno == EPERM ? remount(fd, id) : -errno;
}
