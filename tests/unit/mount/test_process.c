/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Running the administrator's programs: what is refused, how an end is told, what is kept of it. */
#include <criterion/criterion.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "mount/guard.h"
#include "mount/process.h"
#include "place.h"

static struct err err;

TestSuite(process, .init = place_set_up, .timeout = 60);

static char path[64];
static char *items[] = {path};
static char *const no_env[] = {NULL};

static pid_t start(const char *program, int out, int capture) {
    struct config_words argv = {items, 1};
    strcpy(path, "its own name");
    struct process_spec spec = {
        .program = program, .argv = &argv, .env = no_env, .out = out, .err = capture};
    return process_start(&spec, &err);
}

static int end_of(pid_t pid) {
    int status = -1;
    cr_assert_gt(pid, 0, "%s", err.text);
    cr_assert_eq(process_wait(pid, clock_boot_ms() + 10000, &status), 0);
    return status;
}

static int check(const char *program) {
    char real[PATH_MAX];
    struct config_words argv = {items, 1};
    strcpy(path, program);
    return process_check(&argv, 0, real, &err);
}

Test(process, only_what_is_there_and_trusted_is_run) {
    struct config_words none = {items, 0};
    char real[PATH_MAX];
    cr_assert_eq(process_check(&none, 0, real, &err), -EINVAL);
    cr_assert_not_null(strstr(err.text, "empty"), "%s", err.text);
    cr_assert_eq(check("run/script"), -EINVAL);
    cr_assert_eq(check("/run/script"), -ENOENT);
    cr_assert_not_null(strstr(err.text, "/run/script"), "%s", err.text);
    place_script("/run/script", "exit 0");
    cr_assert_eq(check("/run/script"), 0, "%s", err.text);
    cr_assert_eq(symlink("script", "/run/link"), 0);
    cr_assert_eq(check("/run/link"), 0, "what it leads to is checked: %s", err.text);
    cr_assert_eq(chmod("/run/script", 0757), 0);
    cr_assert_eq(check("/run/link"), -EPERM);
    cr_assert_eq(check("/run"), -EINVAL, "a folder");
}

Test(process, how_it_ended_is_told) {
    static const struct {
        const char *body, *words;
    } cases[] = {
        {"exit 0", "exit status 0"},
        {"exit 3", "exit status 3"},
        {"exit 127", "exit status 127 (it could not be executed)"},
        {"kill -TERM $$", "killed by signal 15"},
    };
    char words[64];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        place_script("/run/script", cases[i].body);
        process_describe(end_of(start("/run/script", -1, -1)), words, sizeof words);
        cr_assert_str_eq(words, cases[i].words);
    }
    cr_assert_eq(WEXITSTATUS(end_of(start("/run/none", -1, -1))), 127);
}

/* Rather not run than with somebody else's descriptors. */
Test(process, without_its_descriptors_it_is_not_run) {
    place_script("/run/script", "touch /run/went");
    cr_assert_eq(WEXITSTATUS(end_of(start("/run/script", 900, -1))), 126);
    cr_assert_eq(WEXITSTATUS(end_of(start("/run/script", -1, 900))), 126);
    cr_assert_neq(access("/run/went", F_OK), 0);
    cr_assert_eq(end_of(start("/run/script", -1, -1)), 0);
    cr_assert_eq(access("/run/went", F_OK), 0);
}

static void captured(const char *body, const char *want) {
    char text[64];
    int capture = process_capture_open();
    cr_assert_geq(capture, 0);
    place_script("/run/script", body);
    end_of(start("/run/script", -1, capture));
    process_capture_text(capture, text, sizeof text);
    cr_assert_str_eq(text, want);
    close(capture);
}

Test(process, what_it_said_becomes_one_line) {
    char text[64] = "before";
    captured("exit 0", "");
    captured("printf 'one\\ntwo \\n\\n' >&2", "one two");
    captured("printf '\\n \\n' >&2", "");
    captured("printf 'a\\033[2Jb' >&2; echo not this", "a\\x1b[2Jb");
    captured("i=0; while [ $i -lt 1000 ]; do echo 0123456789 >&2 || exit 0; i=$((i+1)); done",
             "0123456789 0123456789 0123456789 0123456789 0123456789 01234567");
    process_capture_text(-1, text, sizeof text);
    cr_assert_str_eq(text, "");
}

Test(process, waiting_has_an_end) {
    int status;
    place_script("/run/script", "sleep 100");
    pid_t pid = start("/run/script", -1, -1);
    cr_assert_eq(process_wait(pid, 0, &status), -ETIMEDOUT);
    cr_assert_eq(process_wait(pid, clock_boot_ms() + 30, &status), -ETIMEDOUT);
    process_kill(pid);
    cr_assert_eq(process_wait(pid, clock_boot_ms() + 5000, &status), -ECHILD, "it was reaped");
    cr_assert_eq(process_timeout(0), 0);
    cr_assert_eq(process_timeout(UINT64_MAX), INT_MAX, "no overflow into the past");
    int some = process_timeout(clock_boot_ms() + 60000);
    cr_assert(some > 0 && some <= 60000, "%d", some);
}

static int guarded(const char *body, bool keep) {
    struct helper helper = {.fd = -1};
    struct guard guard;
    struct config_words argv = {items, 1};
    struct process_spec spec = {
        .program = "/run/script", .argv = &argv, .env = no_env, .out = -1, .err = -1};
    int status = -1;
    strcpy(path, "script");
    if (body != NULL)
        place_script("/run/script", body);
    cr_assert_eq(guard_start(&guard, &helper, &spec, &err), 0, "%s", err.text);
    while (!guard_ended(&guard, &status))
        usleep(1000);
    guard_finish(&guard, keep);
    if (!keep) /* else the command, which may live on, has come to us */
        cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1, "something is left");
    return status;
}

Test(process, a_guard_tells_the_end_as_it_was) {
    int status = guarded("exit 3", false);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 3, "%x", (unsigned)status);
    status = guarded("exit 0", true);
    cr_assert_eq(status, 0);
    status = guarded("kill -USR1 $$", false);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1, "%x", (unsigned)status);
}
