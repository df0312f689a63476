/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/secure.h"
#include "base/str.h"

#define LINKS_MAX 40

struct way {
    const char *path;
    uid_t trusted_uid;
    char done[PATH_MAX]; /* no symlink in here; "" is the root */
    char left[PATH_MAX]; /* still to go */
    unsigned links;
};

/* Cut the next part off what is left; false at the end. */
static bool next_part(struct way *way, char part[NAME_MAX + 1]) {
    const char *start = way->left + strspn(way->left, "/");
    size_t len = strcspn(start, "/");
    if (len == 0 || len > NAME_MAX)
        return false;
    memcpy(part, start, len);
    part[len] = '\0';
    memmove(way->left, start + len, strlen(start + len) + 1);
    return true;
}

static void up(char *path) {
    char *slash = strrchr(path, '/');
    if (slash != NULL)
        *slash = '\0';
}

/* Only root can have made this link, and nobody else can put another one in its place. */
static bool is_trusted_link(const struct way *way, const struct stat *st) {
    char above[PATH_MAX];
    if (st->st_uid != 0 && st->st_uid != way->trusted_uid)
        return false;
    (void)str_copy(above, sizeof above, way->done);
    up(above);
    CLEANUP_CLOSE int folder =
        secure_open_dir(above[0] != '\0' ? above : "/", SECURE_TRUSTED, way->trusted_uid, NULL);
    return folder >= 0;
}

static int follow(struct way *way, struct err *err) {
    char target[PATH_MAX];
    ssize_t len = readlink(way->done, target, sizeof target);
    if (len < 0)
        return err_sys(err, errno, "%s", way->done);
    size_t rest = strlen(way->left);
    if (++way->links > LINKS_MAX)
        return err_set(err, ELOOP, "%s: too many symlinks", way->path);
    if ((size_t)len + 1 + rest >= sizeof way->left)
        return err_set(err, ENAMETOOLONG, "%s: its symlinks are too long", way->path);
    memmove(way->left + len + 1, way->left, rest + 1);
    memcpy(way->left, target, (size_t)len);
    way->left[len] = '/';
    if (target[0] == '/')
        way->done[0] = '\0';
    else
        up(way->done);
    return 0;
}

static int step(struct way *way, const char *part, struct err *err) {
    struct stat st;
    if (strcmp(part, ".") == 0)
        return 0;
    if (strcmp(part, "..") == 0) {
        up(way->done);
        return 0;
    }
    size_t used = strlen(way->done);
    if (used + 1 + strlen(part) >= sizeof way->done)
        return err_set(err, ENAMETOOLONG, "%s: too long", way->path);
    snprintf(way->done + used, sizeof way->done - used, "/%s", part);
    if (lstat(way->done, &st) != 0)
        return err_sys(err, errno, "%s", way->done);
    if (!S_ISLNK(st.st_mode))
        return 0;
    if (!is_trusted_link(way, &st))
        return err_set(err, ELOOP,
                       "%s: %s is a symlink that others than root could have made, so it is not "
                       "followed; give the real path as 'realpath' prints it",
                       way->path, way->done);
    return follow(way, err);
}

int secure_resolve(const char *path, uid_t trusted_uid, char resolved[PATH_MAX], struct err *err) {
    struct way way = {.path = path, .trusted_uid = trusted_uid};
    char part[NAME_MAX + 1];
    if (path[0] != '/')
        return err_set(err, EINVAL, "%s: must be an absolute path", path);
    if (!str_copy(way.left, sizeof way.left, path))
        return err_set(err, ENAMETOOLONG, "the path is longer than %d bytes", PATH_MAX - 1);
    while (next_part(&way, part)) {
        int rc = step(&way, part, err);
        if (rc != 0)
            return rc;
    }
    if (way.left[strspn(way.left, "/")] != '\0')
        return err_set(err, ENAMETOOLONG, "a name is too long in %s", path);
    (void)str_copy(resolved, PATH_MAX, way.done[0] != '\0' ? way.done : "/");
    return 0;
}

int secure_open_above(const char *path, enum secure_rule rule, uid_t trusted_uid, const char **name,
                      struct err *err) {
    char above[PATH_MAX], folder[PATH_MAX];
    if (path[0] != '/')
        return err_set(err, EINVAL, "%s: must be an absolute path", path);
    if (!str_copy(above, sizeof above, path))
        return err_set(err, ENAMETOOLONG, "the path is longer than %d bytes", PATH_MAX - 1);
    up(above);
    *name = path + strlen(above) + 1;
    if ((*name)[0] == '\0' || strcmp(*name, ".") == 0 || strcmp(*name, "..") == 0)
        return err_set(err, EINVAL, "%s: does not end with a name", path);
    int rc = secure_resolve(above[0] != '\0' ? above : "/", trusted_uid, folder, err);
    return rc == 0 ? secure_open_dir(folder, rule, trusted_uid, err) : rc;
}
