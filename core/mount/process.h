/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Running one program of the administrator's: absolute argv, no shell, nothing inherited. */
#ifndef MOUNT_PROCESS_H
#define MOUNT_PROCESS_H

#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "config/config.h"

struct process_spec {
    const char *program; /* from process_check */
    const struct config_words *argv;
    char *const *env;
    int out, err; /* fds of its stdout and stderr; -1: /dev/null */
};

/* Resolve argv[0] (secure_resolve: through root's own symlinks only) and check what it leads to: a
 * trusted file, every folder above as well. What was checked is what is run. 0 or -errno. */
int process_check(const struct config_words *argv, uid_t trusted_uid, char program[PATH_MAX],
                  struct err *err);

/* Start it in a session of its own, with stdin from /dev/null. Its pid or -errno. */
pid_t process_start(const struct process_spec *spec, struct err *err);

/* Wait until it ends or boot time until_ms comes. 0 with its wait status, or -ETIMEDOUT. */
int process_wait(pid_t pid, uint64_t until_ms, int *status);

/* SIGKILL to its whole group (it is not reaped yet); the second also reaps it. */
void process_signal_group(pid_t pid);
void process_kill(pid_t pid);

/* "exit status 3", "killed by signal 9". */
void process_describe(int status, char *text, size_t size);

/* A place for stderr that never blocks or kills its writer and keeps the first 4 KiB; -1 when there
 * is none. Its text: the first line or lines, escaped, "" for fd -1. */
int process_capture_open(void);
void process_capture_text(int fd, char *text, size_t size);

/* poll(2)'s timeout until boot time until_ms; 0 when it is past. */
int process_timeout(uint64_t until_ms);

#endif
