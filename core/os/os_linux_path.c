/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Reaching a mountpoint by descriptor, without symlinks and without asking what is mounted there.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "os/os.h"
#include "os/os_linux.h"

#define RESOLVE_WITHOUT_MAGICLINKS 0x02u
#define RESOLVE_WITHOUT_SYMLINKS 0x04u
#define PATH_FLAGS (O_PATH | O_DIRECTORY | O_CLOEXEC)

struct open_how_v0 {
    uint64_t flags, mode, resolve;
};

/* O_DIRECTORY turns ELOOP into ENOTDIR on a symlink: tell them apart. */
static int open_part(int dir, const char *name) {
    char target;
    int fd = openat(dir, name, PATH_FLAGS | O_NOFOLLOW);
    if (fd >= 0)
        return fd;
    int code = errno;
    return code == ENOTDIR && readlinkat(dir, name, &target, 1) >= 0 ? -ELOOP : -code;
}

int linux_walk_path(const char *path, int *fd, size_t *failed_len) {
    char copy[PATH_MAX];
    *failed_len = 0;
    if (path[0] != '/' || !str_copy(copy, sizeof copy, path))
        return path[0] != '/' ? -EINVAL : -ENAMETOOLONG;
    CLEANUP_CLOSE int dir = open("/", PATH_FLAGS);
    if (dir < 0)
        return -errno;
    char *save = NULL;
    for (char *name = strtok_r(copy, "/", &save); name != NULL; name = strtok_r(NULL, "/", &save)) {
        int next = open_part(dir, name);
        *failed_len = (size_t)(name - copy) + strlen(name);
        if (next < 0)
            return next;
        close(dir);
        dir = next;
    }
    *fd = take_fd(&dir);
    return 0;
}

int linux_open_path(const char *path, int *fd) {
    struct open_how_v0 how = {.flags = PATH_FLAGS,
                              .resolve = RESOLVE_WITHOUT_SYMLINKS | RESOLVE_WITHOUT_MAGICLINKS};
    size_t failed_len;
    if (path[0] != '/')
        return -EINVAL;
    long rc = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
    if (rc >= 0) {
        *fd = (int)rc;
        return 0;
    }
    /* EPERM: seccomp filters that do not know the call; opening with O_PATH never gives it. */
    return errno == ENOSYS || errno == EPERM ? linux_walk_path(path, fd, &failed_len) : -errno;
}

/* Which part of the path stands in the way; all of it when a second look finds nothing. */
static int blame(const char *path, size_t *len) {
    CLEANUP_CLOSE int fd = -1;
    int rc = linux_walk_path(path, &fd, len);
    if (rc == 0 || *len == 0)
        *len = strlen(path);
    return rc;
}

int os_open_mountpoint(const char *path, int *fd, struct err *err) {
    size_t len;
    int rc = linux_open_path(path, fd);
    if (rc == 0)
        return 0;
    blame(path, &len);
    int shown = len < PATH_MAX ? (int)len : PATH_MAX;
    switch (-rc) {
    case EINVAL:
        return err_set(err, EINVAL, "mountpoint %s: must be an absolute path", path);
    case ELOOP:
        return err_set(err, ELOOP,
                       "mountpoint %s: a symlink is in the way (%.*s); give the real path as "
                       "'realpath' prints it",
                       path, shown, path);
    case ENOENT:
        return err_set(err, ENOENT, "mountpoint %s: %.*s does not exist (mkdir -p %s)", path, shown,
                       path, path);
    case ENOTDIR:
        return err_set(err, ENOTDIR, "mountpoint %s: %.*s is not a folder", path, shown, path);
    default:
        return err_sys(err, -rc, "mountpoint %s", path);
    }
}

int linux_fd_mount_id(int fd, uint64_t *id) {
    char name[48], text[512];
    snprintf(name, sizeof name, "/proc/self/fdinfo/%d", fd);
    CLEANUP_CLOSE int info = open(name, O_RDONLY | O_CLOEXEC);
    if (info < 0)
        return -errno;
    ssize_t n = read(info, text, sizeof text - 1);
    if (n < 0)
        return -errno;
    text[n] = '\0';
    const char *at = strstr(text, "mnt_id:");
    if (at == NULL)
        return -EOPNOTSUPP;
    *id = strtoull(at + strlen("mnt_id:"), NULL, 10);
    return 0;
}

uint64_t linux_fd_mount_number(int fd) {
    enum { MOUNT_NUMBER = 0x001, ANY_FILE = 0x200 }; /* AT_HANDLE_MNT_ID_UNIQUE, AT_HANDLE_FID */
    struct file_handle handle = {.handle_bytes = 0};
    uint64_t number = 0;
    /* There is no room for the handle: its length and the mount are written all the same. */
    long rc = syscall(SYS_name_to_handle_at, fd, "", &handle, &number,
                      AT_EMPTY_PATH | ANY_FILE | MOUNT_NUMBER);
    return rc == 0 || errno == EOVERFLOW ? number : 0;
}

int os_open_folder_at(int dir, const char *name) {
    int fd = openat(dir, name, PATH_FLAGS | O_NOFOLLOW);
    return fd >= 0 ? fd : -errno;
}

int os_give_folder(int fd, uid_t uid, gid_t gid) {
    return fchownat(fd, "", uid, gid, AT_EMPTY_PATH) == 0 ? 0 : -errno;
}

int os_mount_id_at(const char *path, uint64_t *id, uint64_t *device) {
    CLEANUP_CLOSE int fd = -1;
    CLEANUP_FREE char *text = NULL;
    size_t len;
    uint64_t found = 0;
    int rc = linux_open_path(path, &fd);
    if (rc == 0)
        rc = linux_fd_mount_id(fd, &found);
    if (rc == 0)
        rc = linux_read_all("/proc/self/mountinfo", &text, &len);
    if (rc != 0)
        return rc;
    struct linux_mount_line line;
    for (const char *at = text; linux_mount_line_next(&at, &line);) {
        if (line.id == found) {
            *id = found;
            *device = line.device;
            return 0;
        }
    }
    return -ENOENT;
}
