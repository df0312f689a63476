/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The daemon's start and end, with one mount that is not mounted: each call failing once, a
 * configuration with mistakes, a machine that sleeps. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "daemon/daemon.h"
#include "daemon/entry.h"
#include "fail.h"
#include "start_rig.h"

static struct daemon d;
static struct err err;
static char log_text[8192];

static uint64_t slept_ms;
uint64_t __real_clock_boot_ms(void);
uint64_t __wrap_clock_boot_ms(void);
uint64_t __wrap_clock_boot_ms(void) {
    return __real_clock_boot_ms() + slept_ms;
}

TestSuite(start, .init = start_rig_begin, .fini = start_rig_end, .timeout = 110);

static void keep_line(void *context, enum log_level level, const char *line) {
    size_t used = strlen(log_text);
    (void)context, (void)level;
    snprintf(log_text + used, sizeof log_text - used, "%s\n", line);
}

static int start(void) {
    d = (struct daemon){.setup = {.config_path = config_path, .any_namespace = true}};
    d.log = (struct log){.level = LOG_DEBUG, .fd = -1, .write = keep_line};
    return daemon_start(&d, &err);
}

static void close_one(uv_handle_t *handle, void *context) {
    (void)context;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

/* What a start that failed leaves to the end of the process. */
static void give_up(void) {
    uv_walk(&d.loop, close_one, NULL);
    uv_run(&d.loop, UV_RUN_DEFAULT);
    cr_assert_eq(uv_loop_close(&d.loop), 0);
    daemon_finish(&d);
}

static void end(void) {
    daemon_stop(&d);
    daemon_stop(&d);
    uv_run(&d.loop, UV_RUN_DEFAULT);
    daemon_finish(&d);
    uv_run(&d.loop, UV_RUN_DEFAULT);
    cr_assert_eq(uv_loop_close(&d.loop), 0, "nothing is left in the loop");
}

static void says(const char *words) {
    cr_assert_not_null(strstr(err.text, words), "'%s' in '%s'", words, err.text);
}

Test(start, supervises_and_ends) {
    cr_assert_eq(start(), 0, "%s", err.text);
    cr_assert_not_null(strstr(log_text, "supervising 1 mounts"));
    cr_assert_not_null(daemon_find(&d, "a"));
    cr_assert_null(daemon_find(&d, "b"));
    end();
    cr_assert_null(d.pool);
    cr_assert_not_null(strstr(log_text, "stopping; mounts are unmounted"), "%s", log_text);
}

Test(start, mistakes_in_the_configuration_are_told) {
    configure(DEFAULTS, "- {name: a, server: nas}\n");
    fflush(stderr);
    cr_assert_eq(start(), -EINVAL);
    says("not started: mend ");
    says("smbmounter check-config shows this");
    give_up();
}

Test(start, a_second_one_is_refused) {
    cr_assert_eq(start(), 0, "%s", err.text);
    pid_t pid = fork();
    if (pid == 0) {
        int rc = start();
        _exit(rc < 0 && strstr(err.text, "another smbmounter daemon") != NULL ? 0 : 1);
    }
    int status = -1;
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert_eq(status, 0);
    end();
}

Test(start, the_programs_have_to_be_there) {
    start_rig_self = NULL;
    cr_assert_eq(start(), -ENOENT);
    says("cannot find my own program file");
    give_up();
    if (access(INSTALLED_HOST, F_OK) == 0)
        cr_skip_test("a plugin host is installed");
    start_rig_self = "/no/such/folder/smbmounter";
    cr_assert_eq(start(), -ENOENT);
    says("smbmounter-plugin-host is missing; reinstall smbmounter");
    give_up();
}

/* As newsyslog and people do it. */
Test(start, signals_reopen_the_log_and_reload) {
    char more[RIG_PATH_MAX + 128];
    snprintf(more, sizeof more, DEFAULTS "log_file: %s/log\n", folder);
    configure(more, MOUNT);
    cr_assert_eq(start(), 0, "%s", err.text);
    configure(DEFAULTS, MOUNT "- {name: b, server: nas, share: b, mountpoint: /mnt/b, "
                              "username: u, mount_at_startup: false}\n");
    raise(SIGUSR1);
    rig_run_for(&d.loop, 50);
    cr_assert_eq(d.mounts_len, 1);
    raise(SIGHUP);
    for (int i = 0; i < 200 && d.mounts_len == 1; i++)
        rig_run_for(&d.loop, 50);
    cr_assert_eq(d.mounts_len, 2);
    raise(SIGTERM);
    uv_run(&d.loop, UV_RUN_DEFAULT);
    cr_assert(d.stopping);
    end();
}

static unsigned told(const char *words) {
    unsigned count = 0;
    for (const char *at = log_text; (at = strstr(at, words)) != NULL; at++)
        count++;
    return count;
}

Test(start, a_table_that_could_not_be_read_is_read_again) {
    struct rlimit limit;
    cr_assert_eq(start(), 0, "%s", err.text);
    rig_run_for(&d.loop, 200);
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    const struct rlimit none = {.rlim_cur = 3, .rlim_max = limit.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    daemon_read_table(&d);
    daemon_read_table(&d);
    cr_assert_not(daemon_have_table(&d));
    cr_assert_eq(told("until it can"), 1, "%s", log_text);
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    for (int i = 0; i < 100 && d.table_failed; i++)
        rig_run_for(&d.loop, 50);
    cr_assert_not(d.table_failed);
    end();
}

Test(start, a_sleep_is_noticed_by_the_next_beat) {
    char number[32];
    snprintf(number, sizeof number, "%d", (int)getpid());
    setenv("WATCHDOG_USEC", "100000", 1);
    setenv("WATCHDOG_PID", number, 1);
    cr_assert_eq(start(), 0, "%s", err.text);
    rig_run_for(&d.loop, 200);
    cr_assert_eq(d.woke_ms, 0);
    slept_ms = 3600000;
    for (int i = 0; i < 200 && d.woke_ms == 0; i++)
        rig_run_for(&d.loop, 50);
    cr_assert_neq(d.woke_ms, 0);
    cr_assert_not_null(strstr(log_text, "the machine woke after a sleep of 1 h"), "%s", log_text);
    end();
}

Test(start, a_sleep_is_noticed_before_what_is_due) {
    cr_assert_eq(start(), 0, "%s", err.text);
    rig_run_for(&d.loop, 200);
    slept_ms = 3600000;
    daemon_due(&d, clock_boot_ms());
    rig_run_for(&d.loop, 200);
    cr_assert_neq(d.woke_ms, 0, "the next beat may be 5 s away");
    end();
}

/* 0: it started and ended; 1: it said why it did not; 2: neither; 3: with nothing failing. */
static int start_failing(long n) {
    fail_after(n);
    int rc = start();
    const char *call = fail_end();
    if (rc != 0)
        return call != NULL && err.text[0] != '\0' ? 1 : 2;
    if (d.mounts_len != 1 && strstr(log_text, "no memory to supervise it") == NULL)
        return 2;
    end();
    return call != NULL ? 0 : 3;
}

Test(start, a_call_that_fails_is_told_or_done_without) {
    long counts[4] = {0};
    for (long n = 0; counts[3] == 0; n++) {
        int status = -1;
        pid_t pid = fork();
        if (pid == 0) {
            cr_assert_not_null(freopen("/dev/null", "w", stderr));
            _exit(start_failing(n));
        }
        cr_assert_eq(waitpid(pid, &status, 0), pid);
        cr_assert(WIFEXITED(status) && WEXITSTATUS(status) <= 3 && WEXITSTATUS(status) != 2,
                  "call %ld: %x", n, status);
        counts[WEXITSTATUS(status)]++;
    }
    cr_assert_gt(counts[1], 20, "those that it cannot do without");
    cr_assert_gt(counts[0], 5, "those that it can");
}
