/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "mount/lock.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "config/config.h"

/* As configuration checks names; here it becomes the name of a file. */
static bool is_name(const char *name) {
    size_t len = strlen(name);
    if (len == 0 || len >= CONFIG_NAME_MAX || name[0] == '.' || name[0] == '-')
        return false;
    for (const char *p = name; *p != '\0'; p++)
        if (!isalnum((unsigned char)*p) && strchr("._-", *p) == NULL)
            return false;
    return true;
}

static void read_holder(int fd, char *pid, size_t size) {
    ssize_t len = pread(fd, pid, size - 1, 0);
    pid[len > 0 ? len : 0] = '\0';
    pid[strspn(pid, "0123456789")] = '\0';
}

static void write_holder(int fd) {
    char pid[24];
    int len = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    /* For messages only: the lock holds without it. */
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)len, 0) != len)
        return;
}

int lock_take(const char *directory, const char *name, struct err *err) {
    char file[CONFIG_NAME_MAX + 8], holder[24];
    if (!is_name(name))
        return err_set(err, EINVAL, "the mount's name cannot be the name of a lock file");
    snprintf(file, sizeof file, "%s.lock", name);
    CLEANUP_CLOSE int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return err_sys(err, errno, "runtime folder %s", directory);
    CLEANUP_CLOSE int fd =
        openat(dir, file, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_sys(err, errno, "%s/%s", directory, file);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        write_holder(fd);
        return take_fd(&fd);
    }
    if (errno != EWOULDBLOCK)
        return err_sys(err, errno, "%s/%s", directory, file);
    read_holder(fd, holder, sizeof holder);
    return err_set(err, EWOULDBLOCK,
                   "an earlier operation on '%s' is still at work (pid %s, %s/%s)", name,
                   holder[0] != '\0' ? holder : "unknown", directory, file);
}
