/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Cancelling, renewing and destroying a pool; hosts that cannot be started. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "plugin/pool_private.h"
#include "pool_rig.h"

Test(pool_life, cancelled_jobs_are_silent) {
    struct heard waiting = {0}, running = {0}, hung = {0}, last = {0};
    start(1, 1);
    uint64_t hung_id = submit(POOL_PROBE, &hung, 500, NAMES("hang", "server"));
    uint64_t waiting_id = submit(POOL_PROBE, &waiting, 500, NAMES("healthy"));
    uint64_t running_id = submit_slow(&running, 100, 5000);
    pool_cancel(pool, waiting_id);
    rig_run_for(&loop, 200);
    pool_cancel(pool, hung_id);
    pool_cancel(pool, 12345);
    submit(POOL_PROBE, &last, 5000, NAMES("healthy"));
    cr_assert(rig_run(&loop, &running.done, 10000));
    pool_cancel(pool, running_id);
    cr_assert(rig_run(&loop, &last.done, 10000));
    cr_assert_eq(waiting.len + hung.len, 0);
    cr_assert_not(waiting.done || hung.done || hung.reaped);
    cr_assert_eq(pool_stats(pool).late, 1);
    stop();
}

/* Under way, and in the same batch behind it, and waiting: each ends at once. */
Test(pool_life, expired_jobs_end_at_once) {
    struct heard warm = {0}, hung = {0}, behind = {0}, waiting = {0}, last = {0};
    start(1, 1);
    submit(POOL_PROBE, &warm, 5000, NAMES("healthy"));
    cr_assert(rig_run(&loop, &warm.done, 10000));
    uint64_t hung_id = submit(POOL_ALL, &hung, 60000, NAMES("hang", "healthy"));
    uint64_t behind_id = submit(POOL_PROBE, &behind, 60000, NAMES("hang"));
    rig_run_for(&loop, 5);
    uint64_t waiting_id = submit(POOL_PROBE, &waiting, 60000, NAMES("hang"));
    pool_expire(pool, behind_id, "the machine slept");
    pool_expire(pool, waiting_id, "the machine slept");
    pool_expire(pool, hung_id, "the machine slept");
    pool_expire(pool, 12345, "nobody knows it");
    submit(POOL_PROBE, &last, 5000, NAMES("healthy"));
    cr_assert(rig_run(&loop, &last.done, 10000));
    cr_assert_eq(last.answers[0].end, POOL_ANSWERED);
    cr_assert(hung.done && behind.done && waiting.done, "none was waited for");
    cr_assert_eq(hung.len, 1, "it was asked nothing more");
    cr_assert_eq(hung.answers[0].end, POOL_UNASKED);
    cr_assert_str_eq(hung.answers[0].report.evidence, "the machine slept");
    cr_assert_eq(waiting.len, 0);
    cr_assert_eq(pool_stats(pool).late, 0, "which is nobody's fault");
    stop();
}

/* A host that stands still has asked nobody: that says nothing about the mount. */
Test(pool_life, a_host_that_never_begins_makes_blind) {
    struct heard warm = {0}, heard = {0};
    start(1, 2);
    submit(POOL_PROBE, &warm, 5000, NAMES("healthy"));
    cr_assert(rig_run(&loop, &warm.done, 10000));
    cr_assert_eq(kill(TAILQ_FIRST(&pool->procs)->child.process.pid, SIGSTOP), 0);
    submit(POOL_PROBE, &heard, 300, NAMES("healthy", "healthy"));
    cr_assert(rig_run(&loop, &heard.done, 10000));
    cr_assert_eq(heard.answers[0].end, POOL_UNASKED);
    cr_assert_eq(heard.answers[0].report.verdict, SMBM_BLIND);
    cr_assert_str_eq(heard.answers[0].report.evidence,
                     "its plugin host did not begin within 300 ms: too much to do?");
    cr_assert_eq(heard.answers[1].end, POOL_ANSWERED, "by another host");
    cr_assert_eq(pool_stats(pool).late, 0);
    stop();
}

Test(pool_life, renew_loads_the_files_afresh) {
    struct heard before = {0}, after = {0}, busy = {0};
    char path[RIG_PATH_MAX + 32];
    start(1, 2);
    submit(POOL_PROBE, &before, 5000, NAMES("healthy"));
    cr_assert(rig_run(&loop, &before.done, 10000));
    submit_slow(&busy, 300, 5000);
    rig_run_for(&loop, 50);
    snprintf(path, sizeof path, "%s/healthy.so", folder);
    unlink(path);
    rig_add(folder, "sick", "healthy");
    pool_renew(pool, folder, 2);
    submit(POOL_PROBE, &after, 5000, NAMES("healthy"));
    cr_assert(rig_run(&loop, &after.done, 10000));
    cr_assert_eq(after.answers[0].report.verdict, SMBM_SUSPECT, "the new file is what runs");
    cr_assert(busy.done || rig_run(&loop, &busy.done, 10000));
    cr_assert_eq(busy.answers[0].end, POOL_ANSWERED, "a busy host finishes");
    stop();
}

Test(pool_life, changing_a_loaded_file_harms_nobody) {
    struct heard before = {0}, after = {0};
    char path[RIG_PATH_MAX + 32];
    start(1, 1);
    submit(POOL_PROBE, &before, 5000, NAMES("healthy"));
    cr_assert(rig_run(&loop, &before.done, 10000));
    snprintf(path, sizeof path, "%s/healthy.so", folder);
    cr_assert_eq(truncate(path, 0), 0);
    submit(POOL_PROBE, &after, 5000, NAMES("healthy"));
    cr_assert(rig_run(&loop, &after.done, 10000));
    cr_assert_eq(after.answers[0].end, POOL_ANSWERED);
    stop();
}

static struct heard after_hung;
static uint64_t asked_at;
static unsigned hosts_then;

static void note_hosts(void *context, bool reaped) {
    struct heard *heard = context;
    heard->done = true;
    heard->done_reaped = reaped;
    heard->done_at = uv_now(&loop);
    hosts_then = pool_stats(pool).hosts;
}

static void ask_at_once(void *context, bool reaped) {
    struct heard *heard = context;
    heard->done = true;
    heard->done_reaped = reaped;
    struct pool_job job = job_of(POOL_PROBE, &after_hung);
    job.on_done = note_hosts;
    job.calls[job.calls_len++] = call_of("healthy", 5000, NULL);
    asked_at = uv_now(&loop);
    cr_assert_neq(pool_submit(pool, &job), 0);
}

Test(pool_life, a_lost_host_is_replaced_after_the_answer_that_is_waited_for) {
    struct heard hung = {0};
    start(2, 4);
    while (pool_count(pool, PROC_IDLE) < 2)
        rig_run_for(&loop, 10);
    struct pool_job job = job_of(POOL_PROBE, &hung);
    job.on_done = ask_at_once;
    job.calls[job.calls_len++] = call_of("hang", 300, NULL);
    cr_assert_neq(pool_submit(pool, &job), 0);
    cr_assert(rig_run(&loop, &hung.done, 10000));
    cr_assert(rig_run(&loop, &after_hung.done, 10000));
    /* A busy machine may take longer for the answer than the new host is put off. */
    if (after_hung.done_at - asked_at < POOL_STALL_MS)
        cr_assert_eq(hosts_then, 1);
    for (unsigned waited = 0; waited < 500 && pool_stats(pool).hosts < 2; waited++)
        rig_run_for(&loop, 10);
    cr_assert_eq(pool_stats(pool).hosts, 2);
    stop();
}

Test(pool_life, destroy_with_hanging_and_waiting_jobs) {
    struct heard hung = {0}, waiting = {0};
    start(1, 1);
    submit(POOL_PROBE, &hung, 60000, NAMES("hang"));
    submit(POOL_PROBE, &waiting, 60000, NAMES("healthy"));
    while (pool_stats(pool).busy < 1 || pool_stats(pool).waiting < 1)
        rig_run_for(&loop, 10);
    uint64_t begin = uv_now(&loop);
    stop();
    cr_assert_lt(uv_hrtime() / 1000000 - begin, 10000);
    cr_assert_not(hung.done || waiting.done || hung.len > 0);
}

static void destroy_in_report(void *context, size_t call, enum pool_end end,
                              const struct smbm_report *report,
                              const struct smbm_decision *decision) {
    (void)call;
    (void)end;
    (void)report;
    (void)decision;
    if (!*(bool *)context)
        pool_destroy(pool, set_flag, &destroyed);
    *(bool *)context = true;
}

static void destroy_from(const char *name) {
    struct heard heard = {0};
    bool called = false;
    start(1, 2);
    destroyed = false;
    struct pool_job job = job_of(POOL_ALL, &heard);
    job.calls[0] = job.calls[1] = call_of(name, 300, NULL);
    job.calls_len = 2;
    job.on_report = destroy_in_report;
    job.context = &called;
    cr_assert_neq(pool_submit(pool, &job), 0);
    cr_assert(rig_run(&loop, &destroyed, 10000));
    cr_assert_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    cr_assert_eq(uv_loop_close(&loop), 0);
    rig_remove(folder);
}

Test(pool_life, may_be_destroyed_by_a_callback) {
    destroy_from("healthy");
    destroy_from("hang");
    destroy_from("crash");
    destroy_from("rubbish");
}

Test(pool_life, without_a_host_program_every_job_is_told) {
    struct heard heard = {0};
    start_with("/nonexistent/host", 2, 4);
    submit(POOL_PROBE, &heard, 5000, NAMES("healthy", "server"));
    cr_assert(rig_run(&loop, &heard.done, 5000));
    cr_assert_eq(heard.len, 2);
    cr_assert_eq(heard.answers[0].end, POOL_UNASKED);
    cr_assert_not_null(strstr(heard.answers[0].report.evidence, "/nonexistent/host"));
    stop();
}

Test(pool_life, a_host_program_that_ends_at_once_is_no_endless_loop) {
    struct heard heard = {0};
    start_with("/bin/true", 2, 4);
    submit(POOL_PROBE, &heard, 5000, NAMES("healthy"));
    cr_assert(rig_run(&loop, &heard.done, 5000));
    cr_assert_eq(heard.answers[0].end, POOL_UNASKED);
    stop();
}

Test(pool_life, jobs_that_cannot_be_are_refused) {
    struct heard heard = {0};
    start(1, 1);
    struct pool_job job = job_of(POOL_NEXT, &heard);
    cr_assert_eq(pool_submit(pool, &job), 0);
    job.calls[0] = job.calls[1] = call_of("decide", 1, NULL);
    job.calls_len = 2;
    cr_assert_eq(pool_submit(pool, &job), 0);
    stop();
}

Test(pool_life, thousands_of_jobs_pass) {
    static struct heard heard[3000];
    unsigned left = 3000;
    bool all_done = false;
    start(2, 4);
    for (int i = 0; i < 3000; i++) {
        heard[i].left = &left;
        heard[i].all_done = &all_done;
        submit(POOL_PROBE, &heard[i], 5000, NAMES("healthy", "healthy"));
    }
    cr_assert(rig_run(&loop, &all_done, 60000));
    cr_assert_eq(pool_stats(pool).calls, 6000);
    cr_assert_eq(pool_stats(pool).late + pool_stats(pool).crashed, 0);
    stop();
}
