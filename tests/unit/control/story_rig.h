/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Scripted events and the exact sentences that they must become. */
#ifndef TESTS_CONTROL_STORY_RIG_H
#define TESTS_CONTROL_STORY_RIG_H

#include <stddef.h>

#include "control/story.h"

/* 2026-11-22 14:03:09 UTC. */
#define T0 UINT64_C(1795356189000)

/* An initialiser of tests. */
void utc(void);

struct told {
    struct story_record lines[STORY_LINES_MAX];
    size_t len;
};
/* As told an hour after T0. */
struct told tell(const struct event *events, size_t len);

void expect(const struct event *events, size_t len, const char *const *lines, size_t n);
#define EXPECT(events, ...)                                                                        \
    expect(events, sizeof(events) / sizeof(events)[0], (const char *const[]){__VA_ARGS__},         \
           sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

#endif
