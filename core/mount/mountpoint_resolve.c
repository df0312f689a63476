/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "base/walk.h"
#include "mount/believed.h"
#include "mount/mountpoint.h"

static bool is_roots_alone(const struct mount_table *table, const char *folder) {
    struct stat st;
    return mount_unbelieved(table, folder) == NULL && lstat(folder, &st) == 0 &&
           S_ISDIR(st.st_mode) && st.st_uid == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* Only root can have made this link, and nobody else can put another one in its place: else a user
 * or a server could lead root to any folder of the system. */
static bool is_trusted_link(const struct mount_table *table, const char *path) {
    char above[CONFIG_PATH_MAX];
    struct stat st;
    if (lstat(path, &st) != 0 || st.st_uid != 0 || !str_copy(above, sizeof above, path))
        return false;
    for (walk_up(above); above[0] != '\0'; walk_up(above))
        if (!is_roots_alone(table, above))
            return false;
    return is_roots_alone(table, "/");
}

static int look(const struct mount_table *table, struct walk *walk, struct err *err) {
    char target[PATH_MAX];
    if (mount_table_top(table, walk->done) != NULL)
        return 0; /* a mountpoint is no symlink, and may be dead */
    ssize_t len = readlink(walk->done, target, sizeof target - 1);
    if (len >= 0) {
        target[len] = '\0';
        if (!is_trusted_link(table, walk->done))
            return err_set(err, ELOOP,
                           "mountpoint %s: %s is a symlink that others than root could have made, "
                           "so it is not followed; give the real path as 'realpath' prints it",
                           walk->path, walk->done);
        return walk_follow(walk, target, err);
    }
    if (errno == EINVAL || (errno == ENOENT && walk_is_last(walk)))
        return 0;
    if (errno == ENOENT)
        return err_set(err, ENOENT, "mountpoint %s: folder %s does not exist (mkdir -p %s)",
                       walk->path, walk->done, walk->path);
    return err_sys(err, errno, "mountpoint %s: %s", walk->path, walk->done);
}

int mountpoint_resolve(const struct mount_table *table, const char *configured, char *resolved,
                       size_t size, struct err *err) {
    struct walk walk;
    if (!walk_begin(&walk, configured, CONFIG_PATH_MAX))
        return err_set(err, EINVAL, "mountpoint '%s': must be an absolute path", configured);
    int rc;
    while ((rc = walk_next(&walk, err)) > 0) {
        rc = look(table, &walk, err);
        if (rc != 0)
            return rc;
    }
    if (rc != 0)
        return rc;
    if (walk.done[0] == '\0')
        return err_set(err, EINVAL, "mountpoint '%s': is the root of the system", configured);
    if (!str_copy(resolved, size, walk.done))
        return err_set(err, ENAMETOOLONG, "mountpoint %s: too long", configured);
    return 0;
}

/* Whoever may write in a sticky folder cannot replace what is root's there. */
static bool keeps_entries(const struct mount_table *table, const char *folder, const char *entry) {
    struct stat st, inside;
    if (is_roots_alone(table, folder))
        return true;
    return lstat(folder, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == 0 &&
           (st.st_mode & S_ISVTX) != 0 && lstat(entry, &inside) == 0 && inside.st_uid == 0;
}

static int check_folder(const struct mount_table *table, const char *folder, const char *entry,
                        const char *resolved, struct err *err) {
    const struct mount_entry *on = mount_unbelieved(table, folder);
    if (on != NULL)
        return err_set(err, EPERM,
                       "mountpoint %s: whose the folder %s is, only the server of the %.63s mount "
                       "on %s says, so a command could be led elsewhere; mount below a folder of "
                       "this machine's own",
                       resolved, folder, on->fstype, on->mountpoint);
    if (keeps_entries(table, folder, entry))
        return 0;
    return err_set(
        err, EPERM,
        "mountpoint %s: others than root can change the folder %s, so a command could be "
        "led elsewhere; mount below a folder that is root's alone",
        resolved, folder);
}

int mountpoint_check_path(const char *resolved, struct err *err) {
    char entry[CONFIG_PATH_MAX], folder[CONFIG_PATH_MAX];
    struct mount_table table;
    if (!str_copy(entry, sizeof entry, resolved))
        return err_set(err, ENAMETOOLONG, "mountpoint %s: too long", resolved);
    int rc = mount_table_read(&table, err);
    while (rc == 0 && entry[0] != '\0') {
        (void)str_copy(folder, sizeof folder, entry);
        walk_up(folder);
        rc = check_folder(&table, folder[0] != '\0' ? folder : "/", entry, resolved, err);
        (void)str_copy(entry, sizeof entry, folder);
    }
    mount_table_finish(&table);
    return rc;
}
