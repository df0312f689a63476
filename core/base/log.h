/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * The log. Three sinks: stderr with sd-daemon priority prefixes ("<6>...", when the journal reads
 * it), stderr with the time, or a file that can be reopened after rotation. Every text is escaped.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* id, name in YAML, syslog priority */
#define LOG_LEVELS(X)                                                                              \
    X(ERROR, "error", 3)                                                                           \
    X(WARNING, "warning", 4) X(NOTICE, "notice", 5) X(INFO, "info", 6) X(DEBUG, "debug", 7)

enum log_level {
#define X(id, name, priority) LOG_##id,
    LOG_LEVELS(X)
#undef X
        LOG_LEVEL_COUNT
};

/* Set up by log_init, then passed around; no global. write replaces the sinks in tests. */
struct log {
    enum log_level level;
    int fd;
    bool journal; /* priority prefixes instead of the time */
    char path[256];
    void (*write)(void *context, enum log_level level, const char *line);
    void *context;
};

/* To stderr; with journal prefixes when $JOURNAL_STREAM names stderr (sd_journal docs). */
void log_init(struct log *log);

/* To a regular file of root's (created 0640, O_APPEND) where only root can have put it, see
 * secure_open_above; "" goes back to stderr. 0 or -errno. */
int log_open_file(struct log *log, const char *path, struct err *err);

/* Open the same file again (after rotation). Keeps the old one when that fails. */
int log_reopen(struct log *log, struct err *err);

void log_close(struct log *log);

void log_put(const struct log *log, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

const char *log_level_name(enum log_level level);
bool log_level_parse(const char *name, enum log_level *level);

#endif
