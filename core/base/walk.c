/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "base/walk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define LINKS_MAX 40 /* as the kernel's own walk (path_resolution(7)) */

bool walk_begin(struct walk *walk, const char *path, size_t size) {
    *walk = (struct walk){.path = path, .size = size};
    return path[0] == '/' && str_copy(walk->left, sizeof walk->left, path);
}

bool walk_is_last(const struct walk *walk) {
    return walk->left[strspn(walk->left, "/")] == '\0';
}

void walk_up(char *path) {
    char *slash = strrchr(path, '/');
    if (slash != NULL)
        *slash = '\0';
}

/* Cut the next part off what is left. Its length. */
static size_t cut(struct walk *walk, char part[PATH_MAX]) {
    const char *start = walk->left + strspn(walk->left, "/");
    size_t len = strcspn(start, "/");
    memcpy(part, start, len);
    part[len] = '\0';
    memmove(walk->left, start + len, strlen(start + len) + 1);
    return len;
}

int walk_next(struct walk *walk, struct err *err) {
    char part[PATH_MAX];
    size_t len;
    while ((len = cut(walk, part)) > 0) {
        size_t used = strlen(walk->done);
        if (len > NAME_MAX)
            return err_set(err, ENAMETOOLONG, "a name is too long in %s", walk->path);
        if (strcmp(part, ".") == 0)
            continue;
        if (strcmp(part, "..") == 0) {
            walk_up(walk->done);
            continue;
        }
        if (used + 1 + len >= walk->size)
            return err_set(err, ENAMETOOLONG, "%s: longer than %zu bytes", walk->path,
                           walk->size - 1);
        snprintf(walk->done + used, sizeof walk->done - used, "/%s", part);
        return 1;
    }
    return 0;
}

int walk_follow(struct walk *walk, const char *target, struct err *err) {
    char left[PATH_MAX];
    if (++walk->links > LINKS_MAX)
        return err_set(err, ELOOP, "%s: too many symlinks", walk->path);
    int len = snprintf(left, sizeof left, "%s/%s", target, walk->left);
    if (len < 0 || (size_t)len >= sizeof left)
        return err_set(err, ENAMETOOLONG, "%s: its symlinks are too long", walk->path);
    memcpy(walk->left, left, (size_t)len + 1);
    if (target[0] == '/')
        walk->done[0] = '\0';
    else
        walk_up(walk->done);
    return 0;
}
