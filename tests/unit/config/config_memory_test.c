/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Every allocation of a build fails once: refused with -ENOMEM, nothing lost, nothing built. */
#include <errno.h>
#include <stdlib.h>

#include "built.h"

static long left = -1; /* allocations until the one that fails; -1: none does */

static bool fails(void) {
    return left >= 0 && left-- == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t len);

void *__wrap_malloc(size_t size) {
    return fails() ? NULL : __real_malloc(size);
}
void *__wrap_calloc(size_t n, size_t size) {
    return fails() ? NULL : __real_calloc(n, size);
}
void *__wrap_realloc(void *old, size_t size) {
    return fails() ? NULL : __real_realloc(old, size);
}
char *__wrap_strdup(const char *text) {
    return fails() ? NULL : __real_strdup(text);
}
char *__wrap_strndup(const char *text, size_t len) {
    return fails() ? NULL : __real_strndup(text, len);
}

static const char *const good =
    "defaults: {probe_timeout_sec: 7, mount_options: [soft, domain=X], log_level: debug}\n"
    "mounts:\n"
    "- {name: a, server: n, share: s, mountpoint: /a, credential: {command: [/x, y]}}\n"
    "- {name: b, server: n, share: s, mountpoint: /b, recover_backoff_sec: [1, 2],\n"
    "   probes: [{stat-timeout: {timeout_ms: 300}}]}\n"
    "- {name: f, mounter: command, mountpoint: /f, fstype: x, mount_command: [/b],\n"
    "   unmount_command: [/c]}\n";

Test(config_memory, each_failed_allocation_is_survived) {
    long at = 0;
    for (;; at++) {
        left = at;
        struct built b = build(good, strlen(good));
        bool reached = left < 0;
        left = -1;
        if (!reached) {
            cr_assert_eq(b.rc, 0);
            drop(&b);
            break;
        }
        cr_assert_eq(b.rc, -ENOMEM, "allocation %ld: %d", at, b.rc);
        cr_assert(b.config.mounts == NULL && b.config.socket == NULL);
        drop(&b);
    }
    cr_assert_gt(at, 100);
}

Test(config_memory, a_failed_copy_leaves_nothing) {
    struct built b = build_good(good);
    for (long at = 0;; at++) {
        struct config_mount copy;
        left = at;
        int rc = config_mount_copy(&copy, &b.config.mounts[0]);
        bool reached = left < 0;
        left = -1;
        cr_assert_eq(rc, reached ? -ENOMEM : 0, "allocation %ld", at);
        config_mount_finish(&copy);
        if (!reached)
            break;
    }
    drop(&b);
}
