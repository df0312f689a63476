/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "story_rig.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

void utc(void) {
    setenv("TZ", "UTC", 1);
}

struct told tell(const struct event *events, size_t len) {
    static struct told told;
    memset(&told, 0, sizeof told);
    told.len =
        story_tell("media", "nas.local", events, len, T0 + 3600000, told.lines, STORY_LINES_MAX);
    return told;
}

void expect(const struct event *events, size_t len, const char *const *lines, size_t n) {
    struct told told = tell(events, len);
    for (size_t i = 0; i < told.len || i < n; i++)
        cr_expect_str_eq(i < told.len ? told.lines[i].text : "(nothing)",
                         i < n ? lines[i] : "(nothing)", "line %zu: %s", i, told.lines[i].text);
}
