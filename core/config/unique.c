/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Names and mountpoints of all mounts against each other; sorted, as there may be thousands. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/build.h"
#include "config/names.h"

struct claim {
    const struct config_mount *mount;
    const struct yaml_node *node;
};

static int in_file_order(const struct claim *a, const struct claim *b) {
    return (a->node > b->node) - (a->node < b->node);
}

static int by_name(const void *left, const void *right) {
    const struct claim *a = left, *b = right;
    int order = strcmp(a->mount->name, b->mount->name);
    return order != 0 ? order : in_file_order(a, b);
}

/* A slash sorts before everything else, so that what is under a path follows it at once. */
static int by_path(const void *left, const void *right) {
    const struct claim *a = left, *b = right;
    const unsigned char *p = (const unsigned char *)a->mount->mountpoint;
    const unsigned char *q = (const unsigned char *)b->mount->mountpoint;
    while (*p != '\0' && *p == *q) {
        p++;
        q++;
    }
    if (*p == *q)
        return in_file_order(a, b);
    int x = *p == '/' ? 1 : *p == '\0' ? 0 : *p + 1;
    int y = *q == '/' ? 1 : *q == '\0' ? 0 : *q + 1;
    return x - y;
}

static void clash(struct build *b, const struct claim *later, const char *key, const char *what,
                  const struct claim *earlier) {
    const struct yaml_node *at = yaml_get(later->node, key);
    yaml_problem(b->problems, at->line, at->column, "mount '%s': %s mount '%s' (line %u)",
                 later->mount->name, what, earlier->mount->name, earlier->mount->line);
}

static void check_names(struct build *b, const struct claim *claims, size_t len) {
    for (size_t i = 1; i < len; i++)
        if (strcmp(claims[i - 1].mount->name, claims[i].mount->name) == 0)
            clash(b, &claims[i], "name", "the name is that of another", &claims[i - 1]);
}

static void check_paths(struct build *b, const struct claim *claims, size_t len) {
    const struct claim *root = NULL;
    for (size_t i = 0; i < len; i++) {
        const char *path = claims[i].mount->mountpoint;
        size_t under = root != NULL ? strlen(root->mount->mountpoint) : 0;
        bool inside = root != NULL && strncmp(path, root->mount->mountpoint, under) == 0 &&
                      (path[under] == '/' || path[under] == '\0');
        if (!inside)
            root = &claims[i];
        else if (path[under] == '\0')
            clash(b, &claims[i], "mountpoint", "the mountpoint is that of", root);
        else
            clash(b, &claims[i], "mountpoint", "the mountpoint is inside of", root);
    }
}

int build_check_unique(struct build *b, const struct yaml_node *mounts) {
    const struct config *config = b->config;
    size_t len = 0;
    if (config->mounts_len == 0)
        return 0;
    struct claim *claims = calloc(config->mounts_len, sizeof *claims);
    if (claims == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < config->mounts_len; i++) {
        const struct config_mount *mount = &config->mounts[i];
        if (mount->name == NULL || !names_is_mount(mount->name) || mount->mountpoint == NULL ||
            !names_is_path(mount->mountpoint))
            continue;
        claims[len++] = (struct claim){mount, &mounts->items[i]};
    }
    qsort(claims, len, sizeof *claims, by_name);
    check_names(b, claims, len);
    qsort(claims, len, sizeof *claims, by_path);
    check_paths(b, claims, len);
    free(claims);
    return 0;
}
