/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Where output goes: a terminal with its width and colours, or a file or pipe without both. */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/str.h"

#define SCREEN_TEXT_MAX (256u * 1024u * 1024u)

struct screen {
    FILE *out;
    bool tty, color;
    bool escapes;    /* the terminal understands "erase to the end of the line" */
    size_t width;    /* 0: not a terminal, nothing is cut */
    uint64_t now_ms; /* wall clock, for spans */
};

void screen_init(struct screen *screen, FILE *out, uint64_t now_ms);

/* Pure: $NO_COLOR and $TERM as they are, NULL when unset. */
bool screen_wants_color(bool tty, const char *no_color, const char *term);

/* Write a text whole. False, with a line on stderr, when it is incomplete or cannot be written. */
bool screen_put(const struct screen *screen, const struct str *text);

/* One line that takes the place of the one before; "" removes it. Nothing unless on a terminal. */
void screen_progress(const struct screen *screen, const char *text);

#endif
