/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "mount/mountpoint.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "mount/accounts.h"
#include "os/os.h"

#define ENTRIES_MAX 1000 /* counted for the message */

static int make_last(const char *path, struct err *err) {
    char above[CONFIG_PATH_MAX];
    struct stat st;
    int dir = -1;
    (void)str_copy(above, sizeof above, path);
    char *slash = strrchr(above, '/');
    *slash = '\0';
    int rc = os_open_mountpoint(slash == above ? "/" : above, &dir, err);
    CLEANUP_CLOSE int owned = dir;
    if (rc != 0)
        return rc;
    if (fstat(owned, &st) != 0)
        return err_sys(err, errno, "%s", above);
    if (st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return err_set(err, EPERM,
                       "mountpoint %s does not exist, and %s is not root's alone, so it is not "
                       "made there. Make it yourself: mkdir %s",
                       path, above, path);
    if (mkdirat(owned, slash + 1, 0755) != 0 && errno != EEXIST)
        return err_sys(err, errno, "mountpoint %s: cannot be created", path);
    return 0;
}

/* Counts what is in the folder; the first name goes into *name. */
static int count_entries(int fd, unsigned *count, char *name, size_t size) {
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (copy < 0)
        return -errno;
    DIR *dir = fdopendir(copy);
    if (dir == NULL) {
        close(copy);
        return -ENOMEM;
    }
    for (const struct dirent *e; *count < ENTRIES_MAX && (e = readdir(dir)) != NULL;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if ((*count)++ == 0)
            str_escape(name, size, e->d_name, strlen(e->d_name));
    }
    closedir(dir);
    return 0;
}

static int check_empty(int fd, const char *path, struct err *err) {
    unsigned count = 0;
    char name[128] = "";
    int rc = count_entries(fd, &count, name, sizeof name);
    if (rc != 0)
        return err_sys(err, -rc, "mountpoint %s: cannot be read", path);
    if (count > 0)
        return err_set(err, ENOTEMPTY,
                       "mountpoint %s is not empty: %u%s entries, e.g. '%s'; a mount would hide "
                       "them. Move them away",
                       path, count, count == ENTRIES_MAX ? " or more" : "", name);
    return 0;
}

static int settle_owner(int fd, const struct config_mount *mount, const char *path,
                        struct err *err) {
    struct stat st;
    uid_t uid = 0;
    gid_t gid = 0;
    bool has_user = mount->local_user[0] != '\0';
    int rc = has_user ? accounts_user(mount->local_user, &uid, &gid, err) : 0;
    if (rc != 0)
        return err_wrap(err, "local_user");
    if (fstat(fd, &st) != 0)
        return err_sys(err, errno, "mountpoint %s", path);
    if (st.st_uid != 0 && st.st_uid != uid)
        return err_set(err, EPERM,
                       "mountpoint %s belongs to uid %u, neither root nor 'local_user'. Set "
                       "local_user, or: chown root %s",
                       path, (unsigned)st.st_uid, path);
    if (has_user && (st.st_uid != uid || st.st_gid != gid) &&
        fchownat(fd, "", uid, gid, AT_EMPTY_PATH) != 0)
        return err_sys(err, errno, "mountpoint %s: cannot be given to %s", path, mount->local_user);
    return 0;
}

int mountpoint_prepare(const struct config_mount *mount, const char *resolved, char *note,
                       size_t note_size, struct err *err) {
    int fd = -1;
    int rc = os_open_mountpoint(resolved, &fd, err);
    if (rc == -ENOENT) {
        rc = make_last(resolved, err);
        if (rc == 0) {
            snprintf(note, note_size, "; folder %.200s created", resolved);
            rc = os_open_mountpoint(resolved, &fd, err);
        }
    }
    if (rc == 0)
        rc = check_empty(fd, resolved, err);
    if (rc == 0)
        rc = settle_owner(fd, mount, resolved, err);
    if (rc == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return rc;
}
