/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Lets one call into the C library fail: of those that our own objects and the test make, the
 * libraries' own are not touched. For targets of smbmounter_failing (CMake). One test process, one
 * thread; nothing fails outside of fail_after and fail_end, nor in a child.
 */
#ifndef TESTS_UNIT_FAIL_H
#define TESTS_UNIT_FAIL_H

#include <stdbool.h>

/* The call after the next n ones fails, with an errno that is usual for it. */
void fail_after(long n);

/* With this errno instead. */
void fail_after_with(long n, int code);

/* The name of the call that failed; NULL when none did, as there were too few. */
const char *fail_end(void);

/* Run it (0 or -errno, with nothing left open) once with each of its calls failing, and once
 * without. Every time no descriptor may be left open; sure: every failure must be an error of it.
 * How many calls there were. */
enum fail_mode { FAIL_SURE, FAIL_PERHAPS };
long fail_each(const char *what, enum fail_mode mode, int (*run)(void *context), void *context);

#endif
