/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Each call of trusted opening, of frames and of the log fails once. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secure.h"
#include "base/str.h"
#include "base/wire.h"
#include "fail.h"

static struct err err;

static int drop(int fd) {
    if (fd >= 0)
        close(fd);
    return fd < 0 ? fd : 0;
}

static int open_file(void *context) {
    err.text[0] = '\0';
    int rc = drop(secure_open_file(context, SECURE_TRUSTED, getuid(), &err));
    cr_assert(rc == 0 || err.text[0] != '\0');
    return rc;
}

static int open_dir(void *context) {
    return drop(secure_open_dir(context, SECURE_TRUSTED, getuid(), &err));
}

Test(failing, what_cannot_be_looked_at_is_not_trusted) {
    cr_assert_geq(fail_each("a file", FAIL_SURE, open_file, (char[]){"/etc/passwd"}), 5);
    cr_assert_geq(fail_each("a folder", FAIL_SURE, open_dir, (char[]){"/etc"}), 3);
}

static unsigned char frame[256];
static size_t frame_len;

static void fill_frame(void) {
    struct wire_out w;
    wire_begin(&w, frame, sizeof frame, 3);
    wire_put_str(&w, "hello");
    frame_len = wire_end(&w);
}

static int pass_frame(void *context) {
    static unsigned char buffer[WIRE_HEAD + WIRE_FRAME_MAX];
    const int *ends = context;
    struct wire_in payload;
    uint32_t type;
    char rest[256];
    int rc = wire_write(ends[0], frame, frame_len);
    if (rc == 0)
        rc = wire_read(ends[1], buffer, sizeof buffer, &type, &payload);
    cr_assert(rc != 0 || (type == 3 && strcmp(wire_get_str(&payload), "hello") == 0));
    while (recv(ends[1], rest, sizeof rest, MSG_DONTWAIT) > 0)
        continue;
    return rc;
}

Test(failing, a_frame_comes_whole_or_not_at_all) {
    int ends[2];
    fill_frame();
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    for (long n = 0; n < 3; n++) { /* write, head, payload */
        fail_after(n);
        cr_assert_lt(pass_frame(ends), 0, "call %ld", n);
        cr_assert_not_null(fail_end());
        fail_after_with(n, EINTR);
        cr_assert_eq(pass_frame(ends), 0, "call %ld", n);
        cr_assert_not_null(fail_end());
    }
    close(ends[0]);
    close(ends[1]);
}

static int open_log(void *context) {
    struct log log;
    log_init(&log);
    int rc = log_open_file(&log, context, &err);
    (void)fail_end();
    if (rc == 0)
        log_close(&log);
    return rc;
}

Test(failing, a_log_that_cannot_be_opened_is_told) {
    if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0)
        cr_skip_test("needs root and namespaces");
    cr_assert_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    cr_assert_eq(mount("x", "/mnt", "tmpfs", 0, "mode=0755"), 0);
    cr_assert_geq(fail_each("a log", FAIL_SURE, open_log, (char[]){"/mnt/log"}), 4);
}

Test(failing, an_interrupted_line_is_written_again) {
    struct log log;
    char text[64] = "";
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    log_init(&log);
    log.fd = ends[1];
    fail_after_with(0, EINTR);
    log_put(&log, LOG_ERROR, "once");
    cr_assert_str_eq(fail_end(), "write");
    close(ends[1]);
    cr_assert_gt(read(ends[0], text, sizeof text - 1), 0);
    cr_assert_not_null(strstr(text, "once\n"), "%s", text);
    close(ends[0]);
}

/* systemd says which device and inode its stream has; only if stderr is it, lines get a level. */
Test(failing, only_the_journals_own_stream_is_the_journal) {
    static const char *const others[] = {"", "x", "1:x", "1:1", ":"};
    struct log log;
    log_init(&log);
    unsetenv("JOURNAL_STREAM");
    cr_assert_eq(log_open_file(&log, "", &err), 0);
    cr_assert_not(log.journal);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        setenv("JOURNAL_STREAM", others[i], 1);
        cr_assert_eq(log_open_file(&log, "", &err), 0);
        cr_assert_not(log.journal, "%s", others[i]);
    }
    struct stat st;
    char own[64];
    cr_assert_eq(fstat(STDERR_FILENO, &st), 0);
    snprintf(own, sizeof own, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino + 1);
    setenv("JOURNAL_STREAM", own, 1);
    cr_assert_eq(log_open_file(&log, "", &err), 0);
    cr_assert_not(log.journal, "another stream of that device");
    snprintf(own, sizeof own, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    setenv("JOURNAL_STREAM", own, 1);
    cr_assert_eq(log_open_file(&log, "", &err), 0);
    cr_assert(log.journal);
    fail_after(0); /* stderr cannot be looked at */
    cr_assert_eq(log_open_file(&log, "", &err), 0);
    cr_assert_str_eq(fail_end(), "fstat");
    cr_assert_not(log.journal);
}

/* What is built without memory is empty and says so; what was there before stays. */
Test(failing, a_text_without_memory_is_cut_where_it_was) {
    struct str s;
    static char big[3000];
    memset(big, 'b', sizeof big - 1);
    str_init(&s, 100000);
    fail_after(0);
    str_add(&s, "%s", "x");
    cr_assert_str_eq(fail_end(), "realloc");
    cr_assert(s.failed && s.data == NULL);
    str_add_json(&s, "x");
    cr_assert_null(s.data);
    str_finish(&s);
    str_init(&s, 100000);
    str_add(&s, "before");
    fail_after(0);
    str_add(&s, "%s", big);
    cr_assert_str_eq(fail_end(), "realloc");
    cr_assert(s.failed);
    cr_assert_str_eq(s.data, "before");
    str_add_json(&s, "after");
    cr_assert_str_eq(s.data, "before", "it stays failed");
    str_finish(&s);
    str_init(&s, 100000);
    str_add(&s, "before");
    fail_after(0);
    str_add_json(&s, big);
    cr_assert_str_eq(fail_end(), "realloc");
    cr_assert_str_eq(s.data, "before", "no half of a value");
    str_finish(&s);
}
