/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Reaching a mountpoint by descriptor, without symlinks. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/os.h"

#define FOLDER (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

static int open_error(const char *path, int code, struct err *err) {
    switch (code) {
    case ELOOP:
        return err_set(err, ELOOP,
                       "mountpoint %s: a symlink is in the way; give the real path as 'realpath' "
                       "prints it",
                       path);
    case ENOENT:
        return err_set(err, ENOENT, "mountpoint %s does not exist (mkdir -p %s)", path, path);
    case ENOTDIR:
        return err_set(err, ENOTDIR, "mountpoint %s: a part of it is not a folder", path);
    case EPERM:
        return err_set(err, EPERM,
                       "mountpoint %s: macOS does not let this program look there. Choose a folder "
                       "outside of Desktop, Documents and the like, or give smbmounter Full Disk "
                       "Access",
                       path);
    default:
        return err_sys(err, code, "mountpoint %s", path);
    }
}

/* The mount table spells it as the folder itself does, whatever a file system without case takes.
 */
static int check_spelling(int fd, const char *path, struct err *err) {
    char real[PATH_MAX];
    if (fcntl(fd, F_GETPATH, real) != 0)
        return err_sys(err, errno, "mountpoint %s", path);
    if (strcmp(os_plain_path(real), os_plain_path(path)) == 0)
        return 0;
    return err_set(err, EINVAL, "mountpoint %s: is really called %s; write it like that", path,
                   os_plain_path(real));
}

int os_open_mountpoint(const char *path, int *fd, struct err *err) {
    if (path[0] != '/')
        return err_set(err, EINVAL, "mountpoint %s: must be an absolute path", path);
    CLEANUP_CLOSE int found = open(path, FOLDER | O_NOFOLLOW_ANY);
    if (found < 0)
        return open_error(path, errno, err);
    int rc = check_spelling(found, path, err);
    if (rc == 0)
        *fd = take_fd(&found);
    return rc;
}

int os_open_folder_at(int dir, const char *name) {
    int fd = openat(dir, name, FOLDER | O_NOFOLLOW);
    return fd >= 0 ? fd : -errno;
}

int os_give_folder(int fd, uid_t uid, gid_t gid) {
    return fchown(fd, uid, gid) == 0 ? 0 : -errno;
}
