/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The log: levels, escaping, rotation. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

static char folder[64], path[96], rotated[96];

static void enter(void) {
    snprintf(folder, sizeof folder, "/tmp/smbmounter-log-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/log", folder);
    snprintf(rotated, sizeof rotated, "%s/log.1", folder);
}

static void leave(void) {
    unlink(path);
    unlink(rotated);
    rmdir(folder);
}

TestSuite(log, .init = enter, .fini = leave);

struct capture {
    int lines;
    enum log_level level;
    char text[4096];
};

static void keep(void *context, enum log_level level, const char *line) {
    struct capture *c = context;
    c->lines++;
    c->level = level;
    snprintf(c->text, sizeof c->text, "%s", line);
}

static size_t slurp(const char *file, char *text, size_t size) {
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, size - 1) : 0;
    text[n > 0 ? n : 0] = '\0';
    if (fd >= 0)
        close(fd);
    return n > 0 ? (size_t)n : 0;
}

Test(log, levels_and_escaping) {
    struct capture c = {0};
    struct log log;
    log_init(&log);
    log.write = keep;
    log.context = &c;
    log_put(&log, LOG_DEBUG, "not at this level");
    cr_assert_eq(c.lines, 0);
    log_put(&log, LOG_WARNING, "server says %s", "\x1b[31mhi\n<0>forged\xff");
    cr_assert_eq(c.lines, 1);
    cr_assert_eq(c.level, LOG_WARNING);
    cr_assert_str_eq(c.text, "server says \\x1b[31mhi\\x0a<0>forged\\xff");
    log_put(&log, LOG_WARNING, "probe: %s", "no file b\\xff, escaped where it came in");
    cr_assert_str_eq(c.text, "probe: no file b\\xff, escaped where it came in");
}

Test(log, long_lines_are_cut) {
    struct capture c = {0};
    struct log log;
    static char text[10000];
    log_init(&log);
    log.write = keep;
    log.context = &c;
    memset(text, '\n', sizeof text - 1);
    log_put(&log, LOG_ERROR, "%s", text);
    cr_assert_lt(strlen(c.text), 2200);
    cr_assert_null(strchr(c.text, '\n'));
}

Test(log, file_has_one_line_each) {
    struct log log;
    char text[8192];
    static char big[5000];
    log_init(&log);
    cr_assert_eq(log_open_file(&log, path, NULL), 0);
    log_put(&log, LOG_NOTICE, "one\ntwo");
    memset(big, '\x1b', sizeof big - 1);
    log_put(&log, LOG_INFO, "%s", big);
    size_t len = slurp(path, text, sizeof text);
    cr_assert_not_null(strstr(text, " notice  one\\x0atwo\n"), "%s", text);
    cr_assert_eq(text[len - 1], '\n');
    unsigned lines = 0;
    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n';
    cr_assert_eq(lines, 2);
    struct stat st;
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(st.st_mode & 0137 & 0777, 0, "%o", st.st_mode);
    log_close(&log);
}

Test(log, journal_prefix_is_the_priority) {
    struct log log;
    char text[256];
    log_init(&log);
    cr_assert_eq(log_open_file(&log, path, NULL), 0);
    log.journal = true;
    log_put(&log, LOG_ERROR, "x");
    slurp(path, text, sizeof text);
    cr_assert_str_eq(text, "<3>x\n");
    log_close(&log);
}

Test(log, reopen_after_rotation) {
    struct log log;
    char text[256];
    log_init(&log);
    cr_assert_eq(log_open_file(&log, path, NULL), 0);
    log_put(&log, LOG_INFO, "before");
    cr_assert_eq(rename(path, rotated), 0);
    log_put(&log, LOG_INFO, "still the old one");
    cr_assert_eq(log_reopen(&log, NULL), 0);
    log_put(&log, LOG_INFO, "after");
    slurp(rotated, text, sizeof text);
    cr_assert_not_null(strstr(text, "still the old one\n"));
    slurp(path, text, sizeof text);
    cr_assert_null(strstr(text, "before"));
    cr_assert_not_null(strstr(text, "after\n"));
    cr_assert_neq(fcntl(log.fd, F_GETFD) & FD_CLOEXEC, 0);
    log_close(&log);
    cr_assert_eq(log.fd, STDERR_FILENO);
}

Test(log, reopen_that_fails_keeps_the_old_file) {
    struct log log;
    struct err err;
    char text[256];
    log_init(&log);
    cr_assert_eq(log_open_file(&log, path, NULL), 0);
    cr_assert_eq(rename(path, rotated), 0);
    cr_assert_eq(symlink("/etc/passwd", path), 0);
    cr_assert_eq(log_reopen(&log, &err), -ELOOP);
    cr_assert_not_null(strstr(err.text, path));
    log_put(&log, LOG_INFO, "kept");
    slurp(rotated, text, sizeof text);
    cr_assert_not_null(strstr(text, "kept\n"));
    log_close(&log);
}

Test(log, bad_paths_are_refused_without_hanging, .timeout = 10) {
    struct log log;
    struct err err;
    char big[400];
    log_init(&log);
    memset(big, 'a', sizeof big);
    big[0] = '/';
    big[sizeof big - 1] = '\0';
    cr_assert_eq(log_open_file(&log, big, &err), -ENAMETOOLONG);
    cr_assert_eq(log_open_file(&log, folder, &err), -EISDIR);
    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_assert_eq(log_open_file(&log, path, &err), -ENXIO);
    cr_assert_eq(log.fd, STDERR_FILENO);
    cr_assert_eq(log_reopen(&log, &err), 0, "stderr needs none");
}

Test(log, level_names) {
    enum log_level level = LOG_DEBUG;
    for (unsigned i = 0; i < LOG_LEVEL_COUNT; i++) {
        cr_assert(log_level_parse(log_level_name((enum log_level)i), &level));
        cr_assert_eq(level, i);
    }
    cr_assert_not(log_level_parse("", &level));
    cr_assert_not(log_level_parse("INFO", &level));
    cr_assert_str_eq(log_level_name(LOG_LEVEL_COUNT), "?");
}
