/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Every allocation of a reading fails once, and every field of a line is bad once. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mount/table.h"

static long left = -1; /* allocations until the one that fails; -1: none does */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);

static bool fails(void) {
    return left >= 0 && left-- == 0;
}
void *__wrap_malloc(size_t size) {
    return fails() ? NULL : __real_malloc(size);
}
void *__wrap_calloc(size_t n, size_t size) {
    return fails() ? NULL : __real_calloc(n, size);
}
void *__wrap_realloc(void *old, size_t size) {
    return fails() ? NULL : __real_realloc(old, size);
}

Test(table_memory, each_failed_allocation_leaves_an_empty_table) {
    long at = 0;
    for (;; at++) {
        struct mount_table t;
        struct err err;
        left = at;
        int rc = mount_table_read(&t, &err);
        bool reached = left < 0;
        left = -1;
        cr_assert_eq(rc, reached ? -ENOMEM : 0, "allocation %ld", at);
        cr_assert_eq(t.len == 0, reached);
        mount_table_finish(&t);
        if (!reached)
            break;
    }
    cr_assert_geq(at, 3);
    struct mount_table t;
    cr_assert_eq(mount_table_parse(&t, malloc(1), UINT32_MAX, NULL), -ENOMEM);
}

Test(table_memory, each_field_is_bad_once) {
    static const char *const fields[] = {"1",  "2", "0:3",  "/",     "/mnt/a",
                                         "rw", "-", "cifs", "//n/s", "ro"};
    static const char *const bad[] = {"",      "x",      "1x",  "0:", ":1",          "1:2x",
                                      "\\000", "a\\000", "9:x", "-1", "4294967296:1"};
    for (size_t i = 0; i < 10; i++)
        for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
            char *line = calloc(1, 256);
            struct mount_table t;
            for (size_t f = 0; f < 10; f++) {
                strcat(line, f > 0 ? " " : "");
                strcat(line, f == i ? bad[k] : fields[f]);
            }
            cr_assert_eq(mount_table_parse(&t, line, strlen(line), NULL), 0);
            const struct mount_entry *entry = mount_table_top(&t, "/mnt/a");
            bool text = i == 5 || i == 8 || i == 9; /* may be anything but NUL, or empty */
            if (!text && i != 3 && i != 7)
                cr_assert_null(entry, "field %zu as '%s'", i, bad[k]);
            if (strstr(bad[k], "000") != NULL)
                cr_assert_null(entry, "field %zu as '%s'", i, bad[k]);
            mount_table_finish(&t);
        }
}
