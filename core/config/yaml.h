/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * YAML, guarded: libyaml's event parser into a small tree whose nodes know line and column.
 * Refused: aliases, anchors, tags, directives, merge keys, duplicate keys, several documents, NUL,
 * control characters also when escaped, block text, depth over YAML_DEPTH_MAX, more than
 * YAML_NODES_MAX nodes, more than YAML_BYTES_MAX bytes (libyaml 0.2.5 needs 52 s for 200 kB of "[",
 * 0.5 s for 256 KiB of "%TAG" lines; so both are looked for before libyaml sees a byte).
 */
#ifndef CONFIG_YAML_H
#define CONFIG_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define YAML_BYTES_MAX (2048u * 1024u)
#define YAML_DEPTH_MAX 8
#define YAML_NODES_MAX 160000
#define YAML_SCALAR_MAX 4096
#define YAML_KEYS_MAX 64 /* of one mapping; looked through one by one */
#define YAML_PROBLEMS_MAX 100

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
    enum yaml_kind kind;
    unsigned line, column;   /* from 1 */
    bool quoted;             /* a scalar in quotes is always text */
    char *text;              /* scalar */
    struct yaml_node *items; /* list: the items; map: the values */
    char **keys;             /* map */
    struct yaml_mark {
        unsigned line, column;
    } * key_marks; /* map: where each key stands */
    size_t len, size;
};

/* Everything wrong with a file, in the order of lines. */
struct yaml_problem {
    unsigned line, column; /* 0, 0: the file as a whole */
    char text[ERR_TEXT_MAX];
};
struct yaml_problems {
    struct yaml_problem *items;
    size_t len, size;
    size_t dropped; /* past YAML_PROBLEMS_MAX */
};

/* Parse bytes into *root (released with yaml_finish also after a failure). 0, or -EINVAL/-E2BIG
 * with one problem added, or -ENOMEM. An empty document is an empty map. */
int yaml_parse(const void *bytes, size_t len, struct yaml_node *root,
               struct yaml_problems *problems);
void yaml_finish(struct yaml_node *root);

/* The value of a key, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);

void yaml_problem(struct yaml_problems *problems, unsigned line, unsigned column,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));
void yaml_problems_sort(struct yaml_problems *problems);
void yaml_problems_finish(struct yaml_problems *problems);

#endif
