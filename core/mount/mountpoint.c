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

/* The new folder's fd, or that of one that was made meanwhile; -errno. */
static int make_last(const char *path, bool *made, struct err *err) {
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
    *made = mkdirat(owned, slash + 1, 0755) == 0;
    if (!*made && errno != EEXIST)
        return err_sys(err, errno, "mountpoint %s: cannot be created", path);
    int fd = os_open_folder_at(owned, slash + 1);
    return fd >= 0 ? fd : err_sys(err, -fd, "mountpoint %s", path);
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
    errno = 0;
    for (const struct dirent *e; *count < ENTRIES_MAX && (e = readdir(dir)) != NULL;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if ((*count)++ == 0)
            str_escape(name, size, e->d_name, strlen(e->d_name));
    }
    int rc = *count == 0 ? -errno : 0; /* what cannot be read is not empty */
    closedir(dir);
    return rc;
}

/* Everyone can list it, so a message may. */
static bool is_open_to_all(int fd) {
    struct stat st;
    return fstat(fd, &st) == 0 && (st.st_mode & S_IROTH) != 0 && (st.st_mode & S_IXOTH) != 0;
}

static int check_empty(int fd, const char *path, struct err *err) {
    unsigned count = 0;
    char name[128] = "";
    int rc = count_entries(fd, &count, name, sizeof name);
    if (rc != 0)
        return err_sys(err, -rc, "mountpoint %s: cannot be read", path);
    if (count == 0)
        return 0;
    bool shown = is_open_to_all(fd);
    return err_set(err, ENOTEMPTY,
                   "mountpoint %s is not empty: %u%s entries%s%s%s; a mount would hide them. "
                   "Move them away",
                   path, count, count == ENTRIES_MAX ? " or more" : "", shown ? ", e.g. '" : "",
                   shown ? name : "", shown ? "'" : "");
}

/* No symlink (nor "..") was on the way: the configured path is the resolved one, part for part. */
static bool is_spelled_out(const char *configured, const char *resolved) {
    for (;;) {
        while (configured[0] == '/' && (configured[1] == '/' || configured[1] == '\0'))
            configured++;
        if (configured[0] != *resolved)
            return configured[0] == '\0' && *resolved == '\0';
        if (*resolved == '\0')
            return true;
        configured++;
        resolved++;
    }
}

/* A folder that was there already is root's: only its own name says that this user may have it. */
static int give(int fd, const struct config_mount *mount, uid_t uid, gid_t gid, const char *path,
                bool made, struct err *err) {
    if (!made && !is_spelled_out(mount->mountpoint, path))
        return err_set(err, EPERM,
                       "mountpoint %s leads to %s, which is root's, so it is not given to %s. Give "
                       "the real path, or: chown %s %s",
                       mount->mountpoint, path, mount->local_user, mount->local_user, path);
    int rc = os_give_folder(fd, uid, gid);
    if (rc != 0)
        return err_sys(err, -rc, "mountpoint %s: cannot be given to %s", path, mount->local_user);
    return 0;
}

static int settle_owner(int fd, const struct config_mount *mount, const char *path, bool made,
                        uid_t *owner, struct err *err) {
    struct stat st;
    uid_t uid = 0;
    gid_t gid = 0;
    int rc = mount->local_user[0] != '\0' ? accounts_user(mount->local_user, &uid, &gid, err) : 0;
    *owner = uid;
    if (rc != 0)
        return err_wrap(err, "local_user");
    if (fstat(fd, &st) != 0)
        return err_sys(err, errno, "mountpoint %s", path);
    if (st.st_uid == uid)
        return 0;
    if (st.st_uid != 0)
        return err_set(err, EPERM,
                       "mountpoint %s belongs to uid %u, neither root nor 'local_user'. Set "
                       "local_user, or: chown root %s",
                       path, (unsigned)st.st_uid, path);
    return give(fd, mount, uid, gid, path, made, err);
}

int mountpoint_look_again(int fd, uid_t owner, const char *resolved, struct err *err) {
    struct stat st;
    if (fstat(fd, &st) != 0)
        return err_sys(err, errno, "mountpoint %s", resolved);
    if (st.st_uid != owner)
        return err_set(err, EPERM,
                       "mountpoint %s was given to uid %u while the mount was being made, so "
                       "nothing was mounted. If that is right, set local_user",
                       resolved, (unsigned)st.st_uid);
    return check_empty(fd, resolved, err);
}

int mountpoint_prepare(const struct config_mount *mount, const char *resolved, uid_t *owner,
                       char *note, size_t note_size, struct err *err) {
    bool made = false;
    int found = -1;
    int rc = os_open_mountpoint(resolved, &found, err);
    if (rc == -ENOENT)
        found = rc = make_last(resolved, &made, err);
    CLEANUP_CLOSE int fd = found;
    if (made)
        snprintf(note, note_size, "; folder %.200s created", resolved);
    if (rc >= 0)
        rc = check_empty(fd, resolved, err);
    if (rc == 0)
        rc = settle_owner(fd, mount, resolved, made, owner, err);
    return rc == 0 ? take_fd(&fd) : rc;
}
