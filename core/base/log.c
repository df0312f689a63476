/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/secure.h"
#include "base/str.h"

#define LOG_LINE_MAX 2048

static const char *const level_names[] = {
#define X(id, name, priority) [LOG_##id] = name,
    LOG_LEVELS(X)
#undef X
};

static const int priorities[] = {
#define X(id, name, priority) [LOG_##id] = priority,
    LOG_LEVELS(X)
#undef X
};

static bool stderr_is_journal(void) {
    const char *stream = getenv("JOURNAL_STREAM");
    uintmax_t dev, ino;
    struct stat st;
    return stream != NULL && sscanf(stream, "%" SCNuMAX ":%" SCNuMAX, &dev, &ino) == 2 &&
           fstat(STDERR_FILENO, &st) == 0 && (uintmax_t)st.st_dev == dev && st.st_ino == ino;
}

void log_init(struct log *log) {
    *log = (struct log){.level = LOG_INFO, .fd = STDERR_FILENO, .journal = stderr_is_journal()};
}

/* Who could put something else in its place, or write in it, could lead our writing elsewhere. */
static int check_file(int fd, const char *path, struct err *err) {
    struct stat st;
    if (fstat(fd, &st) != 0)
        return err_sys(err, errno, "log file %s", path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, EINVAL, "log file %s: is not a regular file", path);
    if (st.st_uid != 0 && st.st_uid != geteuid())
        return err_set(err, EPERM, "log file %s: belongs to uid %u, must be root (chown root %s)",
                       path, (unsigned)st.st_uid, path);
    if ((st.st_mode & S_IWOTH) != 0)
        return err_set(err, EPERM, "log file %s: everybody can write it (chmod o-w %s)", path,
                       path);
    if (st.st_nlink > 1)
        return err_set(err, EPERM, "log file %s: is a second name of another file; remove it",
                       path);
    return 0;
}

static int open_file(const char *path, struct err *err) {
    const char *name;
    CLEANUP_CLOSE int folder = secure_open_above(path, SECURE_LOG, geteuid(), &name, err);
    if (folder < 0) {
        (void)err_wrap(err, "log_file");
        return folder;
    }
    /* Not blocking: a FIFO without a reader is refused instead of hung on. */
    CLEANUP_CLOSE int fd = openat(
        folder, name,
        O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0640);
    if (fd < 0)
        return err_sys(err, errno, "cannot write the log file %s", path);
    int rc = check_file(fd, path, err);
    return rc == 0 ? take_fd(&fd) : rc;
}

int log_open_file(struct log *log, const char *path, struct err *err) {
    int fd = STDERR_FILENO;
    if (strlen(path) >= sizeof log->path)
        return err_set(err, ENAMETOOLONG, "the path of the log file is longer than %zu bytes",
                       sizeof log->path - 1);
    if (path[0] != '\0')
        fd = open_file(path, err);
    if (fd < 0)
        return fd;
    log_close(log);
    log->fd = fd;
    log->journal = fd == STDERR_FILENO && stderr_is_journal();
    str_copy(log->path, sizeof log->path, path);
    return 0;
}

int log_reopen(struct log *log, struct err *err) {
    char path[sizeof log->path];
    str_copy(path, sizeof path, log->path);
    return path[0] != '\0' ? log_open_file(log, path, err) : 0;
}

void log_close(struct log *log) {
    if (log->fd > STDERR_FILENO)
        close(log->fd);
    log->fd = STDERR_FILENO;
}

static size_t prefix(const struct log *log, enum log_level level, char *line, size_t size) {
    int n;
    if (log->journal) {
        n = snprintf(line, size, "<%d>", priorities[level]);
    } else {
        char now[CLOCK_TEXT_MAX];
        uint64_t wall = clock_wall_ms();
        clock_format_wall(wall, now);
        n = snprintf(line, size, "%s.%03u %-7s ", now, (unsigned)(wall % 1000u),
                     level_names[level]);
    }
    return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

void log_put(const struct log *log, enum log_level level, const char *format, ...) {
    char text[LOG_LINE_MAX], line[LOG_LINE_MAX + 64];
    if (level > log->level)
        return;
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len < 0)
        return;
    size_t used = log->write != NULL ? 0 : prefix(log, level, line, sizeof line);
    str_clean(line + used, sizeof line - used - 1, text, strlen(text));
    if (log->write != NULL) {
        log->write(log->context, level, line);
        return;
    }
    used = strlen(line);
    line[used++] = '\n';
    /* A log that cannot be written has nobody to be told; the next line tries again. */
    while (write(log->fd, line, used) < 0 && errno == EINTR)
        continue;
}

const char *log_level_name(enum log_level level) {
    return level < LOG_LEVEL_COUNT ? level_names[level] : "?";
}

bool log_level_parse(const char *name, enum log_level *level) {
    for (unsigned i = 0; i < LOG_LEVEL_COUNT; i++) {
        if (strcmp(name, level_names[i]) == 0) {
            *level = (enum log_level)i;
            return true;
        }
    }
    return false;
}
