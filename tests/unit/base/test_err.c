/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The text of an error, also when it is too long or wraps itself. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/err.h"

Test(err, code_and_text) {
    struct err err = {0};
    cr_assert_eq(err_set(&err, EINVAL, "a %d", 1), -EINVAL);
    cr_assert_str_eq(err.text, "a 1");
    cr_assert_eq(err_sys(&err, ENOENT, "open %s", "x"), -ENOENT);
    cr_assert_str_eq(err.text, "open x: No such file or directory");
    cr_assert_eq(err_wrap(&err, "%s:%d", "file", 3), -ENOENT);
    cr_assert_str_eq(err.text, "file:3: open x: No such file or directory");
    err_clear(&err);
    cr_assert_eq(err.code, 0);
    cr_assert_str_eq(err.text, "");
}

Test(err, null_is_allowed) {
    cr_assert_eq(err_set(NULL, EIO, "x"), -EIO);
    cr_assert_eq(err_sys(NULL, EIO, "x"), -EIO);
    cr_assert_lt(err_wrap(NULL, "x"), 0);
    err_clear(NULL);
}

Test(err, too_long_is_cut) {
    static char text[4 * ERR_TEXT_MAX];
    struct err err = {0};
    memset(text, 'a', sizeof text - 1);
    for (size_t len = ERR_TEXT_MAX - 4; len < ERR_TEXT_MAX + 4; len++) {
        err_sys(&err, EIO, "%.*s", (int)len, text);
        cr_assert_lt(strlen(err.text), ERR_TEXT_MAX);
        err_wrap(&err, "%s", text);
        cr_assert_eq(strlen(err.text), ERR_TEXT_MAX - 1);
    }
}

Test(err, arguments_may_be_its_own_text) {
    struct err err = {0};
    err_set(&err, EIO, "inner");
    err_set(&err, EINVAL, "<%s> and <%s>", err.text, err.text);
    cr_assert_str_eq(err.text, "<inner> and <inner>");
    err_wrap(&err, "%s", err.text);
    cr_assert_str_eq(err.text, "<inner> and <inner>: <inner> and <inner>");
}
