/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* An error that a person will read: a code to act on and one line of text. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stddef.h>

#define ERR_TEXT_MAX 512

struct err {
    int code; /* an errno value; 0 means no error */
    char text[ERR_TEXT_MAX];
};

/* Set code and text (printf). A NULL err is allowed and ignored. Returns -code. */
int err_set(struct err *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As err_set, with ": strerror(code)" appended. */
int err_sys(struct err *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Put "prefix: " (printf) in front of the text that is there. Keeps the code; returns -code. */
int err_wrap(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

void err_clear(struct err *err);

#endif
