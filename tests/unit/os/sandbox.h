/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A mount namespace of the test's own with an empty tmpfs on SANDBOX; nothing of it stays. */
#ifndef UNIT_OS_SANDBOX_H
#define UNIT_OS_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SANDBOX "/mnt"

/* Skips the test when not root. */
void sandbox_enter(void);
/* Skips the test when not root: a network namespace with lo down. */
void sandbox_enter_net(void);
/* Bring lo up or down. */
void sandbox_lo(bool up);

void sandbox_mkdir(const char *path);
void sandbox_tmpfs(const char *source, const char *path);
/* The lines of our mountinfo that contain text. */
unsigned sandbox_count_mounts(const char *text);
/* Run in a child; its exit status, -1 when it was killed. */
int sandbox_run(int (*body)(void *context), void *context);
/* The same, left running after it wrote a byte to *ready; end it with sandbox_end. */
pid_t sandbox_start(int (*body)(void *context, int ready), void *context);
void sandbox_end(pid_t pid);
/* Whole /proc/self/status line value, e.g. "CapEff:". */
void sandbox_status(const char *key, char *value, size_t size);

#endif
