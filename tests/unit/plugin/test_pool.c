/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What calls come to, on a real loop with real host processes. */
#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

#include "plugin/pool_private.h"
#include "pool_rig.h"

#define SLACK_MS 3000 /* what a loaded machine may add */

Test(pool, healthy_probes_run_in_order) {
    struct heard heard = {0};
    start(2, 4);
    submit(POOL_PROBE, &heard, 5000, NAMES("healthy", "long-text", "server", "healthy"));
    cr_assert_eq(heard.len, 0, "never called from within");
    cr_assert(rig_run(&loop, &heard.done, 10000));
    cr_assert(heard.done_reaped);
    cr_assert_eq(heard.len, 3, "the server is not asked when all is well");
    cr_assert_eq(heard.answers[0].call, 0);
    cr_assert_eq(heard.answers[1].call, 1);
    cr_assert_eq(heard.answers[2].call, 3);
    cr_assert_str_eq(heard.answers[0].report.evidence, "all is well");
    cr_assert_eq(strlen(heard.answers[1].report.evidence), SMBM_TEXT_MAX - 1);
    cr_assert_eq(pool_stats(pool).calls, 3);
    stop();
}

Test(pool, a_sick_mount_asks_the_server_and_nothing_else) {
    struct heard heard = {0};
    start(1, 4);
    submit(POOL_PROBE, &heard, 5000, NAMES("healthy", "sick", "healthy", "server"));
    cr_assert(rig_run(&loop, &heard.done, 10000));
    cr_assert_eq(heard.len, 3);
    cr_assert_eq(heard.answers[1].report.verdict, SMBM_SUSPECT);
    cr_assert_eq(heard.answers[1].report.os_errno, 5);
    cr_assert_eq(heard.answers[1].report.flags, SMBM_REPORT_PROGRESS);
    cr_assert_eq(heard.answers[2].call, 3);
    cr_assert_eq(heard.answers[2].report.verdict, SMBM_ANSWERS);
    stop();
}

Test(pool, only_server_probes_of_a_well_mount_end_at_once) {
    struct heard heard = {0};
    start(1, 1);
    submit(POOL_PROBE, &heard, 5000, NAMES("server"));
    cr_assert(rig_run(&loop, &heard.done, 10000));
    cr_assert_eq(heard.len, 0);
    cr_assert(heard.done_reaped);
    stop();
}

Test(pool, options_carry_and_instances) {
    struct heard heard[3] = {0};
    int64_t numbers[] = {4, 5};
    char text[] = "hi";
    struct option_value items[] = {{.number = 3}, {.text = text}, {.list = numbers, .list_len = 2}};
    const struct option_values options = {items, 3};
    start(1, 1);
    for (int i = 0; i < 3; i++) {
        struct pool_job job = job_of(POOL_PROBE, &heard[i]);
        job.calls[0] = call_of("echo", 1234, &options);
        job.calls[0].carry[0] = 41;
        job.calls[0].carry[2] = 9;
        job.calls_len = 1;
        items[0].number = i < 2 ? 3 : 0;
        cr_assert_neq(pool_submit(pool, &job), 0);
    }
    cr_assert(rig_run(&loop, &heard[2].done, 10000));
    for (int i = 0; i < 2; i++) {
        const struct smbm_report *report = &heard[i].answers[0].report;
        cr_assert_str_eq(report->evidence, "media /mnt/media 445 number=3 text=hi list=2/5 "
                                           "timeout=1234 instance=1 loads=1");
        cr_assert_eq(report->carry[0], 42);
        cr_assert_eq(report->carry[2], 9);
        cr_assert_eq(report->took_us, 77);
    }
    cr_assert_eq(heard[2].answers[0].end, POOL_REFUSED);
    cr_assert_str_eq(heard[2].answers[0].report.evidence, "number must not be 0");
    cr_assert_eq(heard[2].answers[0].report.verdict, SMBM_BLIND);
    cr_assert_eq(heard[2].answers[0].report.carry[0], 41);
    stop();
}

Test(pool, a_hanging_call_is_late_at_its_deadline_and_delays_nobody) {
    struct heard hung = {0}, other[20] = {0};
    start(2, 4);
    uint64_t begin = uv_now(&loop);
    submit(POOL_PROBE, &hung, 5000, NAMES("hang", "healthy", "server"));
    rig_run_for(&loop, 100);
    for (int i = 0; i < 20; i++) {
        submit(POOL_PROBE, &other[i], 5000, NAMES("healthy"));
        cr_assert(rig_run(&loop, &other[i].done, 5000));
    }
    cr_assert_not(hung.done, "twenty others while one hangs");
    cr_assert(rig_run(&loop, &hung.done, 10000));
    cr_assert_eq(hung.len, 2, "late, then the server; the other mount probe is skipped");
    cr_assert_eq(hung.answers[0].end, POOL_LATE);
    cr_assert_eq(hung.answers[0].report.verdict, SMBM_SUSPECT);
    cr_assert_str_eq(hung.answers[0].report.evidence, "no answer within 5000 ms");
    cr_assert_eq(hung.answers[1].call, 2);
    cr_assert_eq(hung.answers[1].end, POOL_ANSWERED);
    cr_assert_geq(hung.done_at - begin, 4900);
    cr_assert_leq(hung.done_at - begin, 5000 + SLACK_MS);
    if (!hung.done_reaped && !hung.reaped)
        cr_assert(rig_run(&loop, &hung.reaped, 5000));
    cr_assert_eq(pool_stats(pool).late, 1);
    cr_assert_eq(pool_stats(pool).stuck, 0);
    stop();
}

Test(pool, late_alone_is_reaped_afterwards) {
    struct heard heard = {0};
    start(1, 2);
    submit(POOL_PROBE, &heard, 200, NAMES("hang"));
    cr_assert(rig_run(&loop, &heard.done, 5000));
    cr_assert_not(heard.done_reaped);
    cr_assert_eq(heard.stuck_when_done, 1);
    cr_assert(heard.reaped || rig_run(&loop, &heard.reaped, 5000));
    cr_assert_eq(pool_stats(pool).stuck, 0);
    stop();
}

Test(pool, all_goes_on_after_late_and_crash) {
    struct heard heard = {0};
    start(2, 4);
    submit(POOL_ALL, &heard, 300, NAMES("healthy", "hang", "sick", "crash", "server", "healthy"));
    cr_assert(rig_run(&loop, &heard.done, 10000));
    static const enum pool_end ends[] = {POOL_ANSWERED, POOL_LATE,     POOL_ANSWERED,
                                         POOL_CRASHED,  POOL_ANSWERED, POOL_ANSWERED};
    cr_assert_eq(heard.len, 6);
    for (size_t i = 0; i < 6; i++) {
        cr_assert_eq(heard.answers[i].call, i);
        cr_assert_eq(heard.answers[i].end, ends[i], "call %zu", i);
    }
    stop();
}

static void bad_end(const char *name, enum pool_end end, const char *word) {
    struct heard bad = {0}, good = {0};
    submit(POOL_PROBE, &bad, 3000, NAMES(name));
    cr_assert(rig_run(&loop, &bad.done, 10000), "%s", name);
    cr_assert(bad.done_reaped || bad.reaped || rig_run(&loop, &bad.reaped, 5000), "%s", name);
    cr_assert_eq(bad.len, 1);
    cr_assert_eq(bad.answers[0].end, end, "%s: %d", name, (int)bad.answers[0].end);
    cr_assert_eq(bad.answers[0].report.verdict, SMBM_BLIND);
    cr_assert_not_null(strstr(bad.answers[0].report.evidence, word), "%s: '%s' in '%s'", name, word,
                       bad.answers[0].report.evidence);
    submit(POOL_PROBE, &good, 3000, NAMES("healthy"));
    cr_assert(rig_run(&loop, &good.done, 10000));
    cr_assert_eq(good.answers[0].end, POOL_ANSWERED, "after %s", name);
}

Test(pool, bad_ends_are_told_apart) {
    start(1, 4);
    bad_end("crash", POOL_CRASHED, "SIGSEGV");
    bad_end("crash-load", POOL_CRASHED, "SIGSEGV");
    bad_end("quits", POOL_CRASHED, "status 3");
    bad_end("closes", POOL_CRASHED, "closed its end");
    bad_end("rubbish", POOL_REFUSED, "plugin host");
    bad_end("odd-verdict", POOL_REFUSED, "42");
    bad_end("server-verdict", POOL_REFUSED, "mount probe");
    bad_end("floods", POOL_REFUSED, "plugin host");
    bad_end("no-such-file", POOL_REFUSED, "reload");
    cr_assert_eq(pool_stats(pool).crashed, 8);
    stop();
}

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
static void says(const char *name, const char *evidence) {
    struct heard heard = {0};
    submit(POOL_PROBE, &heard, 3000, NAMES(name));
    cr_assert(rig_run(&loop, &heard.done, 10000));
    cr_assert_eq(heard.answers[0].end, POOL_ANSWERED, "%s", heard.answers[0].report.evidence);
    cr_assert_str_eq(heard.answers[0].report.evidence, evidence);
}

Test(pool, what_a_host_has_no_business_with_is_refused) {
    start(1, 1);
    says("forks", "fork 0: Operation not permitted");
    says("begs", "got:");
    stop();
}

Test(pool, a_plugin_cannot_write) {
#ifdef SMBMOUNTER_COVERAGE
    cr_skip_test("the counters have to be written");
#endif
    if (syscall(444, NULL, 0, 1) < 1) /* landlock_create_ruleset: which version? */
        cr_skip_test("this kernel has no Landlock");
    start(1, 1);
    says("scribbles", "got:");
    stop();
}
#endif

Test(pool, control_bytes_do_not_pass) {
    struct heard heard = {0};
    start(1, 1);
    submit(POOL_PROBE, &heard, 3000, NAMES("escapes"));
    cr_assert(rig_run(&loop, &heard.done, 10000));
    cr_assert_str_eq(heard.answers[0].report.evidence, "a\\x1b[2Jb\\x0ac");
    stop();
}

static void decide(struct heard *heard, int64_t step, enum pool_kind kind) {
    struct option_value item = {.number = step};
    const struct option_values options = {&item, 1};
    struct pool_job job = job_of(kind, heard);
    job.calls[0] = call_of("decide", 400, &options);
    job.calls[0].carry[3] = 6;
    job.calls_len = 1;
    job.situation = (struct smbm_situation){.attempt = 4,
                                            .outage_ms = 1500,
                                            .steps_len = 1,
                                            .steps = {{.step = SMBM_STEP_FORCE}},
                                            .evidence = "ENOTCONN"};
    cr_assert_neq(pool_submit(pool, &job), 0);
    cr_assert(rig_run(&loop, &heard->done, 10000));
    cr_assert_eq(heard->len, 1);
}

Test(pool, decisions) {
    struct heard heard[4] = {0};
    start(1, 2);
    decide(&heard[0], SMBM_STEP_WAIT, POOL_NEXT);
    const struct smbm_decision *decision = &heard[0].answers[0].decision;
    cr_assert_eq(heard[0].answers[0].end, POOL_ANSWERED);
    cr_assert_eq(decision->step, SMBM_STEP_WAIT);
    cr_assert_eq(decision->wait_ms, 1500);
    cr_assert_eq(decision->carry[3], 7);
    cr_assert_str_eq(decision->reason, "attempt 4 after 1 steps, last 6: ENOTCONN");
    decide(&heard[1], 0, POOL_RUN);
    cr_assert_eq(heard[1].answers[0].end, POOL_ANSWERED);
    cr_assert_str_eq(heard[1].answers[0].report.evidence, "called");
    decide(&heard[2], 12, POOL_NEXT);
    cr_assert_eq(heard[2].answers[0].end, POOL_REFUSED);
    cr_assert_eq(heard[2].answers[0].decision.step, SMBM_STEP_PASS);
    decide(&heard[3], 99, POOL_NEXT);
    decision = &heard[3].answers[0].decision;
    cr_assert_eq(heard[3].answers[0].end, POOL_LATE);
    cr_assert_eq(decision->step, SMBM_STEP_PASS);
    cr_assert_eq(decision->carry[3], 6);
    cr_assert_str_eq(decision->reason, "no answer within 400 ms");
    stop();
}

Test(pool, grows_over_hanging_mounts_and_never_above_its_limit) {
    struct heard hung[12] = {0}, good = {0};
    start(2, 8);
    for (int i = 0; i < 7; i++)
        submit(POOL_PROBE, &hung[i], 5000, NAMES("hang"));
    submit(POOL_PROBE, &good, 5000, NAMES("healthy"));
    uint64_t begin = uv_now(&loop);
    cr_assert(rig_run(&loop, &good.done, 10000));
    cr_assert_eq(pool_stats(pool).late, 0, "before the first of the hanging ones is killed");
    for (int i = 7; i < 12; i++)
        submit(POOL_PROBE, &hung[i], 500, NAMES("hang"));
    for (int i = 0; i < 12; i++)
        while (!hung[i].done) {
            rig_run_for(&loop, 20);
            cr_assert_leq(pool_stats(pool).hosts, 8);
            cr_assert_lt(uv_now(&loop) - begin, 30000);
        }
    cr_assert_eq(pool_stats(pool).late, 12);
    stop();
}

/* Their recovery could not go on otherwise before the last of them has been killed. */
Test(pool, questions_wait_for_no_hanging_probe) {
    struct heard hung[6] = {0}, question = {0}, server = {0};
    start(1, 2);
    for (int i = 0; i < 6; i++)
        submit(POOL_PROBE, &hung[i], 20000, NAMES("hang"));
    while (pool_stats(pool).busy < 2)
        rig_run_for(&loop, 10);
    submit(POOL_ALL, &server, 20000, NAMES("server"));
    decide(&question, SMBM_STEP_WAIT, POOL_NEXT);
    cr_assert_eq(question.answers[0].end, POOL_ANSWERED);
    rig_run_for(&loop, 100);
    cr_assert_eq(pool_stats(pool).hosts, 3);
    cr_assert_eq(pool_stats(pool).busy, 2, "the third is for questions");
    cr_assert_eq(pool_stats(pool).late, 0);
    stop();
}

Test(pool, a_slow_answer_in_time_is_an_answer) {
    struct heard heard = {0};
    start(1, 2);
    submit_slow(&heard, 300, 5000);
    cr_assert(rig_run(&loop, &heard.done, 10000));
    cr_assert_eq(heard.answers[0].end, POOL_ANSWERED);
    cr_assert_geq(heard.answers[0].report.took_us, 299000);
    stop();
}

/* The deadline counts for one call, not for the job. */
Test(pool, each_call_has_its_own_deadline) {
    struct heard heard = {0};
    start(1, 1);
    struct pool_job job = job_of(POOL_PROBE, &heard);
    delay_item.number = 500;
    for (; job.calls_len < 5; job.calls_len++)
        job.calls[job.calls_len] = call_of("slow", 2000, &delay);
    cr_assert_neq(pool_submit(pool, &job), 0);
    cr_assert(rig_run(&loop, &heard.done, 10000));
    cr_assert_eq(heard.len, 5);
    cr_assert_eq(heard.answers[4].end, POOL_ANSWERED);
    stop();
}
