/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Groups that the kernel does not tell: asked in a process of its own, with a deadline. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/membership.h"

static unsigned answers;
static bool member;

static void on_done(void *context, bool is_member) {
    (void)context;
    answers++;
    member = is_member;
}

static void ask(const char *program, uint32_t limit_ms) {
    uv_loop_t loop;
    answers = 0;
    cr_assert_eq(uv_loop_init(&loop), 0);
    struct membership_question question = {
        .program = program, .uid = 501, .gid = 20, .limit_ms = limit_ms, .done = on_done};
    int rc = membership_ask(&loop, &question);
    uv_run(&loop, UV_RUN_DEFAULT);
    cr_assert_eq(uv_loop_close(&loop), 0, "nothing is left in the loop");
    cr_assert_eq(answers, rc == 0 ? 1u : 0u, "exactly once when it was asked");
}

Test(membership, yes_and_no) {
    ask("/bin/true", 60000);
    cr_assert(member);
    ask("/bin/false", 60000);
    cr_assert_not(member);
}

Test(membership, a_directory_that_does_not_answer_means_no) {
    char path[] = "/tmp/smbmounter-member-XXXXXX";
    static const char script[] = "#!/bin/sh\nexec sleep 600\n";
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, script, sizeof script - 1), (ssize_t)(sizeof script - 1));
    cr_assert_eq(fchmod(fd, 0700), 0);
    close(fd);
    ask(path, 100);
    unlink(path);
    cr_assert_not(member);
    cr_assert_eq(answers, 1);
}

Test(membership, what_cannot_be_started_is_not_asked) {
    ask("/nonexistent/smbmounter", 1000);
    cr_assert_eq(answers, 0);
}

Test(membership, numbers_only) {
    cr_assert_eq(membership_main("0x10", "20"), EXIT_FAILURE);
    cr_assert_eq(membership_main("-1", "20"), EXIT_FAILURE);
    cr_assert_eq(membership_main("99999999999999999999", "20"), EXIT_FAILURE);
    cr_assert_eq(membership_main("4294967296", "20"), EXIT_FAILURE);
    cr_assert_eq(membership_main("0", ""), EXIT_FAILURE);
    cr_assert_eq(membership_main("0", "0 "), EXIT_FAILURE);
    cr_assert_eq(membership_main("0", ":"), EXIT_FAILURE);
}
