/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define WRAP_MIN 16 /* in less room than this nothing is wrapped */

/* Ranges that are not one column wide: combining marks and invisible ones 0; East Asian wide and
 * emoji 2 (Unicode, EastAsianWidth.txt, merged over unassigned gaps). */
static const struct {
    uint32_t first, last;
    unsigned char width;
} ranges[] = {
    {0x0300, 0x036f, 0},   {0x0483, 0x0489, 0},   {0x0591, 0x05bd, 0},   {0x0610, 0x061a, 0},
    {0x064b, 0x065f, 0},   {0x0e34, 0x0e3a, 0},   {0x0e47, 0x0e4e, 0},   {0x1100, 0x115f, 2},
    {0x1ab0, 0x1aff, 0},   {0x1dc0, 0x1dff, 0},   {0x200b, 0x200f, 0},   {0x202a, 0x202e, 0},
    {0x2060, 0x2064, 0},   {0x2066, 0x2069, 0},   {0x20d0, 0x20ff, 0},   {0x2e80, 0x303e, 2},
    {0x3041, 0x33ff, 2},   {0x3400, 0x4dbf, 2},   {0x4e00, 0x9fff, 2},   {0xa000, 0xa4cf, 2},
    {0xac00, 0xd7a3, 2},   {0xf900, 0xfaff, 2},   {0xfe00, 0xfe0f, 0},   {0xfe20, 0xfe2f, 0},
    {0xfe30, 0xfe6f, 2},   {0xfeff, 0xfeff, 0},   {0xff00, 0xff60, 2},   {0xffe0, 0xffe6, 2},
    {0x1f300, 0x1f64f, 2}, {0x1f680, 0x1f6ff, 2}, {0x1f900, 0x1f9ff, 2}, {0x20000, 0x3fffd, 2},
};

/* The code point at text; *len its bytes. Text is clean; anything else counts as one column. */
static uint32_t decode(const char *text, size_t *len) {
    const unsigned char *p = (const unsigned char *)text;
    size_t n = p[0] < 0xc0 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    uint32_t code = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));
    *len = 1;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return p[0];
        code = code << 6 | (p[i] & 0x3fu);
    }
    *len = n;
    return code;
}

static size_t char_width(const char *text, size_t *len) {
    *len = 1;
    if ((unsigned char)*text < 0x80)
        return 1;
    uint32_t code = decode(text, len);
    if (code < ranges[0].first) /* nearly all text there is */
        return 1;
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return ranges[i].width;
    return 1;
}

/* Bytes of text that fit into width; *used the columns that they take. */
static size_t fit(const char *text, size_t width, size_t *used) {
    size_t at = 0, len;
    *used = 0;
    while (text[at] != '\0') {
        size_t w = char_width(text + at, &len);
        if (*used + w > width)
            break;
        *used += w;
        at += len;
    }
    return at;
}

size_t text_width(const char *text) {
    size_t used;
    fit(text, SIZE_MAX / 2, &used);
    return used;
}

size_t text_add_cut(struct str *to, const char *text, size_t width) {
    size_t used, len = fit(text, width, &used);
    if (text[len] == '\0') {
        str_add_bytes(to, text, len);
        return used;
    }
    if (width == 0)
        return 0;
    len = fit(text, width - 1, &used);
    str_add_bytes(to, text, len);
    str_add(to, "…");
    return used + 1;
}

/* Bytes of the next line: broken at the last space that fits, else in the middle of a word. */
static size_t line_len(const char *text, size_t width) {
    size_t used, len = fit(text, width, &used);
    if (text[len] == '\0' || text[len] == ' ')
        return len;
    for (size_t i = len; i > 0; i--)
        if (text[i - 1] == ' ')
            return i - 1;
    size_t first;
    char_width(text, &first);
    return len > 0 ? len : first;
}

void text_add_wrapped(struct str *to, const char *text, size_t width, size_t indent) {
    if (width < indent + WRAP_MIN) {
        str_add_bytes(to, text, strlen(text));
        return;
    }
    for (;;) {
        size_t len = line_len(text, width - indent);
        str_add_bytes(to, text, len);
        text += len;
        text += strspn(text, " ");
        if (*text == '\0')
            return;
        str_add_bytes(to, "\n", 1);
        text_add_spaces(to, indent);
    }
}

void text_add_escaped(struct str *to, const char *text) {
    size_t len = strlen(text);
    if (str_is_clean(text, len)) {
        str_add_bytes(to, text, len);
        return;
    }
    CLEANUP_FREE char *escaped = malloc(len * 4 + 1);
    if (escaped == NULL) {
        to->failed = true;
        return;
    }
    str_clean(escaped, len * 4 + 1, text, len);
    str_add_bytes(to, escaped, strlen(escaped));
}

void text_add_spaces(struct str *to, size_t count) {
    static const char blanks[] = "                                ";
    while (count > 0) {
        size_t len = count < sizeof blanks - 1 ? count : sizeof blanks - 1;
        str_add_bytes(to, blanks, len);
        count -= len;
    }
}
