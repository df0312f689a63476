/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Mounting onto a pinned directory and unmounting below a pinned parent. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "os/os.h"
#include "os/os_cifs.h"
#include "os/os_linux.h"

/* linux/mount.h: see os_linux.h why they are repeated here. */
enum {
    FS_CLOEXEC = 0x1,
    CONFIG_FLAG = 0,
    CONFIG_STRING = 1,
    CONFIG_CREATE = 6,
    ATTR_RDONLY = 0x1,
    ATTR_NOSUID = 0x2,
    ATTR_NODEV = 0x4,
    ATTR_NOEXEC = 0x8,
    ATTR_NOATIME = 0x10,
    ATTR_STRICTATIME = 0x20,
    ATTR_NODIRATIME = 0x80,
    ATTR_NOSYMFOLLOW = 0x200000,
    MOVE_FROM_FD = 0x4,
    MOVE_TO_FD = 0x40,
};
#define FLAG_NOSYMFOLLOW 256ul /* MS_NOSYMFOLLOW */

static const struct {
    unsigned long ms;
    unsigned attr;
} attributes[] = {
    {MS_RDONLY, ATTR_RDONLY},         {MS_NOEXEC, ATTR_NOEXEC},
    {MS_NOATIME, ATTR_NOATIME},       {MS_STRICTATIME, ATTR_STRICTATIME},
    {MS_NODIRATIME, ATTR_NODIRATIME}, {FLAG_NOSYMFOLLOW, ATTR_NOSYMFOLLOW},
};

/* Flags that mount(2) gives to the file system, not to the mount. */
static const struct {
    unsigned long ms;
    const char *key;
} superblock_flags[] = {
    {MS_RDONLY, "ro"},
    {MS_SYNCHRONOUS, "sync"},
    {MS_DIRSYNC, "dirsync"},
    {MS_LAZYTIME, "lazytime"},
};

static unsigned attributes_of(unsigned long ms_flags) {
    unsigned attr = ATTR_NOSUID | ATTR_NODEV;
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
        if ((ms_flags & attributes[i].ms) != 0)
            attr |= attributes[i].attr;
    if ((attr & ATTR_NOATIME) != 0)
        attr &= ~(unsigned)ATTR_STRICTATIME;
    return attr;
}

/* What the kernel says about the context, one message a read, until there is none. */
static void drain_context(int context, char *log, size_t log_size) {
    char text[512];
    for (int i = 0; i < 32; i++) {
        ssize_t n = read(context, text, sizeof text);
        if (n <= 0)
            return;
        while (n > 0 && text[n - 1] == '\n')
            n--;
        size_t used = strlen(log);
        if (used > 0 && used + 3 >= log_size)
            return;
        if (used > 0) {
            memcpy(log + used, "; ", 3);
            used += 2;
        }
        str_escape(log + used, log_size - used, text, (size_t)n);
    }
}

static int set(int context, unsigned command, const char *key, const char *value) {
    return syscall(SYS_fsconfig, context, command, key, value, 0) < 0 ? -errno : 0;
}

static int configure(int context, const char *source, const struct os_mount_option *options,
                     size_t options_len, unsigned long ms_flags) {
    int rc = set(context, CONFIG_STRING, "source", source);
    for (size_t i = 0; rc == 0 && i < sizeof superblock_flags / sizeof superblock_flags[0]; i++)
        if ((ms_flags & superblock_flags[i].ms) != 0)
            rc = set(context, CONFIG_FLAG, superblock_flags[i].key, NULL);
    for (size_t i = 0; rc == 0 && i < options_len; i++)
        rc = set(context, options[i].value != NULL ? CONFIG_STRING : CONFIG_FLAG, options[i].key,
                 options[i].value);
    return rc != 0 ? rc : set(context, CONFIG_CREATE, NULL, NULL);
}

static int detached(int context, unsigned attr, int *mount_fd) {
    *mount_fd = (int)syscall(SYS_fsmount, context, FS_CLOEXEC, attr);
    return *mount_fd < 0 ? -errno : 0;
}

int os_mount_create(const char *fstype, const char *source, const struct os_mount_option *options,
                    size_t options_len, unsigned long ms_flags, int *mount_fd, char *log,
                    size_t log_size) {
    *mount_fd = -1;
    if (log_size > 0)
        log[0] = '\0';
    CLEANUP_CLOSE int context = (int)syscall(SYS_fsopen, fstype, FS_CLOEXEC);
    if (context < 0)
        return -errno;
    int rc = configure(context, source, options, options_len, ms_flags);
    if (rc == 0)
        rc = detached(context, attributes_of(ms_flags), mount_fd);
    if (log_size > 0)
        drain_context(context, log, log_size);
    return rc;
}

int os_mount_attach(int mount_fd, int mountpoint_fd) {
    long rc = syscall(SYS_move_mount, mount_fd, "", mountpoint_fd, "", MOVE_FROM_FD | MOVE_TO_FD);
    return rc < 0 ? -errno : 0;
}

int os_mount_old(const char *fstype, const char *source, const char *data, unsigned long ms_flags,
                 int mountpoint_fd) {
    char target[32];
    snprintf(target, sizeof target, "/proc/self/fd/%d", mountpoint_fd);
    return mount(source, target, fstype, ms_flags | MS_NOSUID | MS_NODEV, data) == 0 ? 0 : -errno;
}

/* The parent folder, pinned, and the last component. */
static int split(const char *path, char *parent, size_t parent_size, const char **name) {
    if (path[0] != '/' || !str_copy(parent, parent_size, path))
        return path[0] != '/' ? -EINVAL : -ENAMETOOLONG;
    size_t len = strlen(parent);
    while (len > 1 && parent[len - 1] == '/')
        parent[--len] = '\0';
    char *slash = strrchr(parent, '/');
    *name = slash + 1;
    *slash = '\0';
    if (**name == '\0' || strcmp(*name, ".") == 0 || strcmp(*name, "..") == 0)
        return -EINVAL;
    return 0;
}

/* -ESTALE unless the mount on top of name is id. The descriptor is closed before the unmount: it
 * would keep the mount busy. */
static int check_id(int parent, const char *name, uint64_t id) {
    uint64_t found;
    CLEANUP_CLOSE int fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int rc = linux_fd_mount_id(fd, &found);
    return rc != 0 ? rc : found == id ? 0 : -ESTALE;
}

/* A second one works although the first still hangs. */
bool os_unmount_is_exclusive(void) {
    return false;
}

int os_unmount(const char *path, uint64_t id, bool force, bool detach) {
    char parent_path[PATH_MAX], target[NAME_MAX + 48];
    const char *name;
    int rc = split(path, parent_path, sizeof parent_path, &name);
    if (rc != 0)
        return rc;
    CLEANUP_CLOSE int parent = -1;
    rc = linux_open_path(parent_path[0] != '\0' ? parent_path : "/", &parent);
    if (rc == 0)
        rc = check_id(parent, name, id);
    if (rc != 0)
        return rc;
    /* Through our own descriptor, so that the calling process keeps its working directory. */
    int n = snprintf(target, sizeof target, "/proc/self/fd/%d/%s", parent, name);
    if (n < 0 || (size_t)n >= sizeof target)
        return -ENAMETOOLONG;
    int flags = UMOUNT_NOFOLLOW | (force ? MNT_FORCE : 0) | (detach ? MNT_DETACH : 0);
    return umount2(target, flags) == 0 ? 0 : -errno;
}
