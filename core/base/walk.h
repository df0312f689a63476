/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * The parts of an absolute path one by one, by name only: what stands there is for the caller to
 * look at, and whether a symlink is followed is his decision.
 */
#ifndef BASE_WALK_H
#define BASE_WALK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct walk {
    const char *path;    /* for errors */
    size_t size;         /* done must fit into it */
    char done[PATH_MAX]; /* walked already, without symlinks, "." and ".."; "" is the root */
    char left[PATH_MAX]; /* still to go */
    unsigned links;
};

/* path is kept, not copied. False: it is not absolute, or longer than any path. */
bool walk_begin(struct walk *walk, const char *path, size_t size);

/* Add the next part to done. 1: look at it; 0: that was all; -ENAMETOOLONG. */
int walk_next(struct walk *walk, struct err *err);

/* done is a symlink to target: go on there. 0, -ELOOP or -ENAMETOOLONG. */
int walk_follow(struct walk *walk, const char *target, struct err *err);

/* Nothing is left after done. */
bool walk_is_last(const struct walk *walk);

/* Cut the last part off; "" for what is in the root. */
void walk_up(char *path);

#endif
