/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The log: levels, escaping, rotation. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/log.h"

#define STRANGER 1234

static char folder[] = "/mnt/log", path[] = "/mnt/log/file", rotated[] = "/mnt/log/file.1";

static void enter(void) {
    if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0)
        cr_skip_test("needs root and namespaces");
    umask(022);
    cr_assert_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    cr_assert_eq(mount("x", "/mnt", "tmpfs", 0, "mode=0755"), 0);
    cr_assert_eq(mkdir(folder, 0755), 0);
}

TestSuite(log, .init = enter);

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

static void refused(int code, const char *says) {
    struct log log;
    struct err err = {0};
    log_init(&log);
    cr_assert_eq(log_open_file(&log, path, &err), -code, "%s", err.text);
    cr_assert_not_null(strstr(err.text, says), "%s", err.text);
    cr_assert_eq(log.fd, STDERR_FILENO);
}

static void accepted(void) {
    struct log log;
    struct err err = {0};
    log_init(&log);
    cr_assert_eq(log_open_file(&log, path, &err), 0, "%s", err.text);
    log_close(&log);
}

Test(log, a_folder_that_others_may_write_is_refused) {
    cr_assert_eq(chmod(folder, 01777), 0);
    refused(EPERM,
            "log_file: /mnt/log: mode 1777 is writable by group or others; choose another folder");
    cr_assert_neq(access(path, F_OK), 0, "nothing was made there");
    cr_assert_eq(chmod(folder, 0757), 0);
    refused(EPERM, "chmod go-w /mnt/log");
    cr_assert_eq(chmod(folder, 0755), 0);
    cr_assert_eq(chmod("/mnt", 01777), 0);
    refused(EPERM, "/mnt: mode 1777");
    cr_assert_eq(chmod("/mnt", 0755), 0);
    cr_assert_eq(chown(folder, STRANGER, 0), 0);
    refused(EPERM, "chown root /mnt/log");
    cr_assert_eq(chown(folder, 0, STRANGER), 0);
    cr_assert_eq(chmod(folder, 0775), 0);
    accepted(); /* as /var/log of Ubuntu */
}

Test(log, a_users_symlink_is_not_followed) {
    cr_assert_eq(rename(folder, "/mnt/real"), 0);
    cr_assert_eq(symlink("real", folder), 0);
    accepted();
    cr_assert_eq(access("/mnt/real/file", F_OK), 0);
    cr_assert_eq(lchown(folder, STRANGER, STRANGER), 0);
    refused(ELOOP, "/mnt/log is a symlink that others than root could have made");
}

Test(log, only_a_regular_file_of_roots_is_written) {
    accepted();
    cr_assert_eq(link(path, rotated), 0);
    refused(EPERM, "second name");
    cr_assert_eq(unlink(rotated), 0);
    cr_assert_eq(chmod(path, 0646), 0);
    refused(EPERM, "chmod o-w");
    cr_assert_eq(chmod(path, 0660), 0);
    accepted();
    cr_assert_eq(chown(path, STRANGER, 0), 0);
    refused(EPERM, "chown root /mnt/log/file");
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(mknod(path, S_IFCHR | 0600, makedev(1, 3)), 0);
    refused(EINVAL, "not a regular file");
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(symlink("/mnt/victim", path), 0);
    refused(ELOOP, path);
    cr_assert_neq(access("/mnt/victim", F_OK), 0);
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
