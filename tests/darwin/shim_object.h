/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The objects of the made-up CoreFoundation. */
#ifndef TESTS_DARWIN_SHIM_OBJECT_H
#define TESTS_DARWIN_SHIM_OBJECT_H

#include <stddef.h>

#define OBJECT_MAX 16

enum kind { STRING, URL, NUMBER, BOOLEAN, DICTIONARY, ARRAY, OPAQUE };
struct object {
    enum kind kind;
    int references, number;
    char *text;
    size_t len;
    struct object *keys[OBJECT_MAX], *values[OBJECT_MAX];
};
struct object *object_new(enum kind kind, const void *bytes, size_t len);

/* NULL when the dictionary has no such key. */
const struct object *object_get(const void *dictionary, const char *key);

#endif
