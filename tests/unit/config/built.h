/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Build a text with the fake plugins; shared by the tests of this folder. */
#ifndef TESTS_BUILT_H
#define TESTS_BUILT_H

#include <criterion/criterion.h>
#include <string.h>

#include "fake_plugins.h"

struct built {
    int rc;
    struct config config;
    struct yaml_problems problems;
};

static inline struct built build(const char *text, size_t len) {
    struct built b = {0};
    b.rc = config_build(text, len, &fake_registry, &b.config, &b.problems);
    return b;
}

static inline void drop(struct built *b) {
    config_finish(&b->config);
    yaml_problems_finish(&b->problems);
}

static inline struct built build_good(const char *text) {
    struct built b = build(text, strlen(text));
    cr_assert_eq(b.rc, 0, "%s\n%u:%u: %s", text, b.problems.len != 0 ? b.problems.items[0].line : 0,
                 b.problems.len != 0 ? b.problems.items[0].column : 0,
                 b.problems.len != 0 ? b.problems.items[0].text : "no reason given");
    cr_assert_eq(b.problems.len, 0);
    return b;
}

#define MEDIA "mounts:\n- {name: media, server: nas, share: media, mountpoint: /mnt/media"

#endif
