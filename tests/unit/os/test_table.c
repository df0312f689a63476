/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The table's text and lines, and what the watch tells. */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <unistd.h>

#include "os/os.h"
#include "os/os_linux.h"
#include "sandbox.h"

static int watch(int *epoll) {
    bool prioritized = false;
    struct err err;
    int fd = os_mount_watch_open(&prioritized, &err);
    cr_assert_geq(fd, 0, "%s", err.text);
    cr_assert(prioritized);
    *epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event want = {.events = EPOLLPRI};
    cr_assert_eq(epoll_ctl(*epoll, EPOLL_CTL_ADD, fd, &want), 0);
    return fd;
}

static bool fires(int epoll, int timeout_ms) {
    struct epoll_event got;
    return epoll_wait(epoll, &got, 1, timeout_ms) == 1 && (got.events & EPOLLPRI) != 0;
}

Test(os_table, text_is_the_whole_table) {
    char *text;
    size_t len;
    struct err err;
    sandbox_enter();
    cr_assert_eq(os_mount_table_text(&text, &len, &err), 0, "%s", err.text);
    cr_assert_eq(strlen(text), len);
    cr_assert_eq(text[len - 1], '\n');
    cr_assert_not_null(strstr(text, " " SANDBOX " "));
    free(text);
}

Test(os_table, a_text_without_end_is_refused, .timeout = 60) {
    char *text = NULL;
    size_t len = 0;
    cr_assert_eq(linux_read_all("/dev/zero", &text, &len), -EFBIG);
    cr_assert_null(text);
}

Test(os_table, text_grows_past_the_first_buffer) {
    char *text, path[64];
    size_t len;
    sandbox_enter();
    for (int i = 0; i < 1200; i++) {
        snprintf(path, sizeof path, SANDBOX "/a-rather-long-name-for-a-folder-%d", i);
        sandbox_mkdir(path);
        cr_assert_eq(mount(SANDBOX, path, NULL, MS_BIND, NULL), 0);
    }
    cr_assert_eq(os_mount_table_text(&text, &len, NULL), 0);
    cr_assert_gt(len, 65536u);
    cr_assert_eq(strlen(text), len);
    cr_assert_not_null(strstr(text, "folder-0 "));
    cr_assert_not_null(strstr(text, "folder-1199 "));
    free(text);
}

Test(os_table, watch_fires_for_every_kind_of_change) {
    int epoll;
    sandbox_enter();
    sandbox_mkdir(SANDBOX "/m");
    int fd = watch(&epoll);
    cr_assert_not(fires(epoll, 0));
    for (int i = 0; i < 20; i++) {
        sandbox_tmpfs("a", SANDBOX "/m");
        cr_assert(fires(epoll, 5000), "mount");
        cr_assert_eq(mount(NULL, SANDBOX "/m", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), 0);
        cr_assert(fires(epoll, 5000), "remount");
        cr_assert_eq(umount2(SANDBOX "/m", i % 2 == 0 ? 0 : MNT_DETACH), 0);
        cr_assert(fires(epoll, 5000), "umount");
    }
    close(fd);
}

/* What os_mount_watch_drain relies on: level-triggered, nothing read, and still no busy loop. */
Test(os_table, watch_is_quiet_after_one_event) {
    int epoll;
    sandbox_enter();
    sandbox_mkdir(SANDBOX "/m");
    int fd = watch(&epoll);
    for (int i = 0; i < 5; i++)
        sandbox_tmpfs("a", SANDBOX "/m");
    cr_assert(fires(epoll, 5000));
    os_mount_watch_drain(fd);
    cr_assert_not(fires(epoll, 50));
    sandbox_tmpfs("a", SANDBOX "/m");
    cr_assert(fires(epoll, 5000), "still alive after it went quiet");
    cr_assert_not(fires(epoll, 0));
    close(fd);
}

/* With poll(2); epoll loses what came before the fd was added (see os.h). */
Test(os_table, watch_counts_from_opening) {
    bool prioritized;
    sandbox_enter();
    sandbox_mkdir(SANDBOX "/m");
    struct pollfd wait = {.fd = os_mount_watch_open(&prioritized, NULL), .events = POLLPRI};
    cr_assert_eq(poll(&wait, 1, 0), 0);
    sandbox_tmpfs("a", SANDBOX "/m");
    cr_assert_eq(poll(&wait, 1, 0), 1);
    cr_assert_eq(poll(&wait, 1, 0), 0);
    close(wait.fd);
}

Test(os_table, lines_by_position_and_bad_ones_skipped) {
    const char *at = "36 35 98:7 / /a rw shared:1 master:2 - cifs //h/s rw\n"
                     "\n"
                     "garbage\n"
                     "1 2 3 / /no-device rw - x y z\n"
                     "99999999999999999999999 1 0:1 / /too-big rw - x y z\n"
                     "37 35 0:1 / /no-dash rw master:1\n"
                     "-5 35 0:1 / /negative rw - x y z\n"
                     "5 x 0:1 / /no-parent rw - x y z\n"
                     "5 35 x:1 / /no-major rw - x y z\n"
                     "5 35 0:x / /no-minor rw - x y z\n"
                     "5 35 4294967296:1 / /major-too-big rw - x y z\n"
                     "5 35 0:4294967296 / /minor-too-big rw - x y z\n"
                     "5 35 0:1 \n"
                     "5 35 0:1 / \n"
                     "5 35 0:1 / /no-options\n"
                     "5 35 0:1 / /no-dash-at-the-end rw \n"
                     "5 35 0:1  /two-blanks rw - x y z\n"
                     "38 35 0:41 / /b\\040c rw,x=master:9 - cifs //h/master:3 rw";
    struct linux_mount_line line;
    cr_assert(linux_mount_line_next(&at, &line));
    cr_assert_eq(line.id, 36);
    cr_assert_eq(line.device, LINUX_DEVICE(98, 7));
    cr_assert(line.slave);
    cr_assert(linux_mount_line_next(&at, &line));
    cr_assert_eq(line.id, 38);
    cr_assert_eq(line.mountpoint_len, strlen("/b\\040c"));
    cr_assert_not(line.slave);
    cr_assert_not(linux_mount_line_next(&at, &line));
}
