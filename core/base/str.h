/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Bounded strings: copying, escaping, and a builder with a limit. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

/* Copy with a NUL always. False when text did not fit and was cut. */
bool str_copy(char *to, size_t size, const char *text);

/*
 * Copy for a log or a terminal: control bytes (C0, DEL, C1), bytes that are not UTF-8 and a
 * backslash become \xNN, so that no foreign text can move a cursor or forge a line.
 */
void str_escape(char *to, size_t size, const char *text, size_t len);

/* The same for a text that may have been escaped before: one that is clean stays as it is. */
void str_clean(char *to, size_t size, const char *text, size_t len);

/* True when text is valid UTF-8 without control characters. */
bool str_is_clean(const char *text, size_t len);

/* A growing text. Zeroed memory with a limit is an empty one. Additions past the limit, or without
 * memory, set failed and change nothing. data is NULL or NUL-terminated. */
struct str {
    char *data;
    size_t len, size, limit;
    bool failed;
};

void str_init(struct str *s, size_t limit);
void str_finish(struct str *s);
void str_add(struct str *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
void str_add_bytes(struct str *s, const void *bytes, size_t len);

/* As a JSON string with its quotes; invalid UTF-8 becomes U+FFFD. */
void str_add_json(struct str *s, const char *text);

#endif
