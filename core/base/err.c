/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 0))) static void set_text(struct err *err, const char *format,
                                                           va_list args) {
    char text[ERR_TEXT_MAX]; /* the arguments may point into err->text */
    if (vsnprintf(text, sizeof text, format, args) < 0)
        text[0] = '\0';
    memcpy(err->text, text, strlen(text) + 1);
}

int err_set(struct err *err, int code, const char *format, ...) {
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        set_text(err, format, args);
        va_end(args);
        err->code = code;
    }
    return -code;
}

int err_sys(struct err *err, int code, const char *format, ...) {
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        set_text(err, format, args);
        va_end(args);
        err->code = code;
        size_t used = strlen(err->text);
        snprintf(err->text + used, sizeof err->text - used, ": %s", strerror(code));
    }
    return -code;
}

int err_wrap(struct err *err, const char *format, ...) {
    if (err == NULL)
        return -1;
    char old[ERR_TEXT_MAX];
    memcpy(old, err->text, sizeof old);
    va_list args;
    va_start(args, format);
    set_text(err, format, args);
    va_end(args);
    size_t used = strlen(err->text);
    snprintf(err->text + used, sizeof err->text - used, ": %s", old);
    return -err->code;
}

void err_clear(struct err *err) {
    if (err != NULL) {
        err->code = 0;
        err->text[0] = '\0';
    }
}
