/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A folder that root alone can write, for files that must be trusted: /tmp is not one. */
#ifndef TESTS_MOUNT_PLACE_H
#define TESTS_MOUNT_PLACE_H

#include <sys/types.h>

/* Private mount namespace with a fresh tmpfs on /run, mode 0755; the test is skipped when not
 * root. After it, files under /run are ours and gone with the test's process. */
void place_set_up(void);

/* Write a file with this mode; its path is returned. */
const char *place_file(const char *path, const char *bytes, size_t len, mode_t mode);

/* A shell script, mode 0755. */
const char *place_script(const char *path, const char *body);

#endif
