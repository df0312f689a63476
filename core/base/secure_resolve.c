/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/secure.h"
#include "base/str.h"
#include "base/walk.h"

/* Only root can have made this link, and nobody else can put another one in its place. */
static bool is_trusted_link(const char *path, const struct stat *st, uid_t trusted_uid) {
    char above[PATH_MAX];
    if (st->st_uid != 0 && st->st_uid != trusted_uid)
        return false;
    (void)str_copy(above, sizeof above, path);
    walk_up(above);
    CLEANUP_CLOSE int folder =
        secure_open_dir(above[0] != '\0' ? above : "/", SECURE_TRUSTED, trusted_uid, NULL);
    return folder >= 0;
}

static int look(struct walk *walk, uid_t trusted_uid, struct err *err) {
    struct stat st;
    char target[PATH_MAX];
    if (lstat(walk->done, &st) != 0)
        return err_sys(err, errno, "%s", walk->done);
    if (!S_ISLNK(st.st_mode))
        return 0;
    if (!is_trusted_link(walk->done, &st, trusted_uid))
        return err_set(err, ELOOP,
                       "%s: %s is a symlink that others than root could have made, so it is not "
                       "followed; give the real path as 'realpath' prints it",
                       walk->path, walk->done);
    ssize_t len = readlink(walk->done, target, sizeof target - 1);
    if (len < 0)
        return err_sys(err, errno, "%s", walk->done);
    target[len] = '\0';
    return walk_follow(walk, target, err);
}

int secure_resolve(const char *path, uid_t trusted_uid, char resolved[PATH_MAX], struct err *err) {
    struct walk walk;
    if (path[0] != '/')
        return err_set(err, EINVAL, "%s: must be an absolute path", path);
    if (!walk_begin(&walk, path, sizeof walk.done))
        return err_set(err, ENAMETOOLONG, "the path is longer than %d bytes", PATH_MAX - 1);
    int rc;
    while ((rc = walk_next(&walk, err)) > 0) {
        rc = look(&walk, trusted_uid, err);
        if (rc != 0)
            break;
    }
    if (rc == 0)
        (void)str_copy(resolved, PATH_MAX, walk.done[0] != '\0' ? walk.done : "/");
    return rc;
}

int secure_open_above(const char *path, enum secure_rule rule, uid_t trusted_uid, const char **name,
                      struct err *err) {
    char above[PATH_MAX], folder[PATH_MAX];
    if (path[0] != '/')
        return err_set(err, EINVAL, "%s: must be an absolute path", path);
    if (!str_copy(above, sizeof above, path))
        return err_set(err, ENAMETOOLONG, "the path is longer than %d bytes", PATH_MAX - 1);
    walk_up(above);
    *name = path + strlen(above) + 1;
    if ((*name)[0] == '\0' || strcmp(*name, ".") == 0 || strcmp(*name, "..") == 0)
        return err_set(err, EINVAL, "%s: does not end with a name", path);
    int rc = secure_resolve(above[0] != '\0' ? above : "/", trusted_uid, folder, err);
    return rc == 0 ? secure_open_dir(folder, rule, trusted_uid, err) : rc;
}
