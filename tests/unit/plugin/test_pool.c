/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The pool, on a real loop with real host processes. */
#include "plugin/pool.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "rig.h"

#define SLACK_MS 1500 /* what a loaded machine may add */

struct answer {
    size_t call;
    enum pool_end end;
    struct smbm_report report;
    struct smbm_decision decision;
};

/* What one job's owner heard. */
struct heard {
    struct answer answers[16];
    size_t len;
    bool done, done_reaped, reaped;
    unsigned stuck_when_done;
    uint64_t done_at;
    uv_loop_t *loop;
    unsigned *left; /* jobs that are not done */
    bool *all_done;
};

static uv_loop_t loop;
static struct pool *pool;
static char folder[RIG_PATH_MAX];
static struct log quiet;
static bool destroyed;

static void ignore_line(void *context, enum log_level level, const char *line) {
    (void)context;
    (void)level;
    (void)line;
}

static void on_report(void *context, size_t call, enum pool_end end,
                      const struct smbm_report *report, const struct smbm_decision *decision) {
    struct heard *heard = context;
    struct answer *answer = &heard->answers[heard->len++];
    cr_assert_not(heard->done, "no report after done");
    cr_assert_leq(heard->len, 16);
    answer->call = call;
    answer->end = end;
    if (report != NULL)
        answer->report = *report;
    if (decision != NULL)
        answer->decision = *decision;
}

static void on_done(void *context, bool reaped) {
    struct heard *heard = context;
    cr_assert_not(heard->done, "done once");
    heard->done = true;
    heard->done_reaped = reaped;
    heard->done_at = uv_now(&loop);
    heard->stuck_when_done = pool_stats(pool).stuck;
    if (heard->left != NULL && --*heard->left == 0)
        *heard->all_done = true;
}

static void on_reaped(void *context) {
    struct heard *heard = context;
    cr_assert(heard->done && !heard->done_reaped && !heard->reaped);
    heard->reaped = true;
}

static void start_with(const char *host, unsigned min_hosts, unsigned max_hosts) {
    struct err err;
    signal(SIGPIPE, SIG_IGN);
    rig_folder(folder,
               (const char *const[]){"healthy", "sick", "server", "slow", "echo", "decide", "hang",
                                     "crash", "quits", "rubbish", "closes", "long-text", "escapes",
                                     "odd-verdict", "server-verdict", "crash-load", NULL});
    uv_loop_init(&loop);
    quiet = (struct log){.level = LOG_ERROR, .fd = -1, .write = ignore_line};
    const struct pool_setup setup = {.loop = &loop,
                                     .log = &quiet,
                                     .host_path = host,
                                     .directory = folder,
                                     .trusted_uid = rig_uid(),
                                     .min_hosts = min_hosts,
                                     .max_hosts = max_hosts};
    pool = pool_create(&setup, &err);
    cr_assert_not_null(pool);
}

static void start(unsigned min_hosts, unsigned max_hosts) {
    start_with(HOST, min_hosts, max_hosts);
}

static void on_destroyed(void *context) {
    *(bool *)context = true;
}

static void stop(void) {
    destroyed = false;
    pool_destroy(pool, on_destroyed, &destroyed);
    cr_assert(rig_run(&loop, &destroyed, 5000));
    cr_assert_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    cr_assert_eq(uv_loop_close(&loop), 0, "nothing is left in the loop");
    rig_remove(folder);
}

static struct descriptor descriptors[16];

/* The descriptor that a registry would have: the pool reads file and subject only. */
static struct pool_call call_of(const char *name, uint32_t timeout_ms,
                                const struct option_values *options) {
    static size_t used;
    struct descriptor *d = &descriptors[used++ % 16];
    memset(d, 0, sizeof *d);
    snprintf(d->file, sizeof d->file, "%s.so", name);
    d->subject = strcmp(name, "server") == 0 ? SMBM_ON_SERVER : SMBM_ON_MOUNT;
    return (struct pool_call){.plugin = d, .options = options, .timeout_ms = timeout_ms};
}

static struct pool_job job_of(enum pool_kind kind, struct heard *heard) {
    heard->loop = &loop;
    return (struct pool_job){.kind = kind,
                             .mount = {.size = sizeof(struct smbm_mount),
                                       .mounted = 1,
                                       .name = "media",
                                       .mounter = "cifs",
                                       .server = "nas",
                                       .share = "media",
                                       .source = "//nas/media",
                                       .fstype = "cifs",
                                       .mountpoint = "/mnt/media",
                                       .address = "",
                                       .port = 445},
                             .on_report = on_report,
                             .on_done = on_done,
                             .on_reaped = on_reaped,
                             .context = heard};
}

/* Submit a job of plugins without options, each with this timeout. */
static uint64_t submit(enum pool_kind kind, struct heard *heard, uint32_t timeout_ms,
                       const char *const names[]) {
    struct pool_job job = job_of(kind, heard);
    for (; names[job.calls_len] != NULL; job.calls_len++)
        job.calls[job.calls_len] = call_of(names[job.calls_len], timeout_ms, NULL);
    uint64_t id = pool_submit(pool, &job);
    cr_assert_neq(id, 0);
    return id;
}

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct option_value delay_item;
static const struct option_values delay = {&delay_item, 1};

static uint64_t submit_slow(struct heard *heard, int64_t ms, uint32_t timeout_ms) {
    struct pool_job job = job_of(POOL_PROBE, heard);
    delay_item.number = ms;
    job.calls[job.calls_len++] = call_of("slow", timeout_ms, &delay);
    return pool_submit(pool, &job);
}

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
    submit(POOL_PROBE, &hung, 600, NAMES("hang", "healthy", "server"));
    rig_run_for(&loop, 100);
    uint64_t begin = uv_now(&loop);
    for (int i = 0; i < 20; i++) {
        submit(POOL_PROBE, &other[i], 5000, NAMES("healthy"));
        cr_assert(rig_run(&loop, &other[i].done, 5000));
    }
    cr_assert_lt(uv_now(&loop) - begin, 500, "twenty others while one hangs");
    cr_assert_not(hung.done);
    cr_assert(rig_run(&loop, &hung.done, 5000));
    cr_assert_eq(hung.len, 2, "late, then the server; the other mount probe is skipped");
    cr_assert_eq(hung.answers[0].end, POOL_LATE);
    cr_assert_eq(hung.answers[0].report.verdict, SMBM_SUSPECT);
    cr_assert_str_eq(hung.answers[0].report.evidence, "no answer within 600 ms");
    cr_assert_eq(hung.answers[1].call, 2);
    cr_assert_eq(hung.answers[1].end, POOL_ANSWERED);
    cr_assert_geq(hung.done_at - begin, 450);
    cr_assert_leq(hung.done_at - begin, 600 + 100 + SLACK_MS);
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
    bad_end("no-such-file", POOL_REFUSED, "reload");
    cr_assert_eq(pool_stats(pool).crashed, 7);
    stop();
}

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
        submit(POOL_PROBE, &hung[i], 1500, NAMES("hang"));
    submit(POOL_PROBE, &good, 5000, NAMES("healthy"));
    uint64_t begin = uv_now(&loop);
    cr_assert(rig_run(&loop, &good.done, 10000));
    cr_assert_lt(uv_now(&loop) - begin, 1400, "before the first of the hanging ones is killed");
    for (int i = 7; i < 12; i++)
        submit(POOL_PROBE, &hung[i], 1500, NAMES("hang"));
    for (int i = 0; i < 12; i++)
        while (!hung[i].done) {
            rig_run_for(&loop, 20);
            cr_assert_leq(pool_stats(pool).hosts, 8);
            cr_assert_lt(uv_now(&loop) - begin, 15000);
        }
    cr_assert_eq(pool_stats(pool).late, 12);
    stop();
}

Test(pool, a_slow_answer_in_time_is_an_answer) {
    struct heard heard = {0};
    start(1, 2);
    submit_slow(&heard, 300, 400);
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
    delay_item.number = 250;
    for (; job.calls_len < 5; job.calls_len++)
        job.calls[job.calls_len] = call_of("slow", 600, &delay);
    cr_assert_neq(pool_submit(pool, &job), 0);
    cr_assert(rig_run(&loop, &heard.done, 10000));
    cr_assert_eq(heard.len, 5);
    cr_assert_eq(heard.answers[4].end, POOL_ANSWERED);
    stop();
}

Test(pool, cancelled_jobs_are_silent) {
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

Test(pool, renew_loads_the_files_afresh) {
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

Test(pool, changing_a_loaded_file_harms_nobody) {
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

Test(pool, destroy_with_hanging_and_waiting_jobs) {
    struct heard hung = {0}, waiting = {0};
    start(1, 1);
    submit(POOL_PROBE, &hung, 60000, NAMES("hang"));
    submit(POOL_PROBE, &waiting, 60000, NAMES("healthy"));
    rig_run_for(&loop, 300);
    cr_assert_eq(pool_stats(pool).busy, 1);
    cr_assert_eq(pool_stats(pool).waiting, 1);
    uint64_t begin = uv_now(&loop);
    stop();
    cr_assert_lt(uv_hrtime() / 1000000 - begin, 2000);
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
        pool_destroy(pool, on_destroyed, &destroyed);
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

Test(pool, may_be_destroyed_by_a_callback) {
    destroy_from("healthy");
    destroy_from("hang");
    destroy_from("crash");
    destroy_from("rubbish");
}

Test(pool, without_a_host_program_every_job_is_told) {
    struct heard heard = {0};
    start_with("/nonexistent/host", 2, 4);
    submit(POOL_PROBE, &heard, 5000, NAMES("healthy", "server"));
    cr_assert(rig_run(&loop, &heard.done, 5000));
    cr_assert_eq(heard.len, 2);
    cr_assert_eq(heard.answers[0].end, POOL_CRASHED);
    cr_assert_not_null(strstr(heard.answers[0].report.evidence, "/nonexistent/host"));
    stop();
}

Test(pool, a_host_program_that_ends_at_once_is_no_endless_loop) {
    struct heard heard = {0};
    start_with("/bin/true", 2, 4);
    submit(POOL_PROBE, &heard, 5000, NAMES("healthy"));
    cr_assert(rig_run(&loop, &heard.done, 5000));
    cr_assert_eq(heard.answers[0].end, POOL_CRASHED);
    stop();
}

Test(pool, jobs_that_cannot_be_are_refused) {
    struct heard heard = {0};
    start(1, 1);
    struct pool_job job = job_of(POOL_NEXT, &heard);
    cr_assert_eq(pool_submit(pool, &job), 0);
    job.calls[0] = job.calls[1] = call_of("decide", 1, NULL);
    job.calls_len = 2;
    cr_assert_eq(pool_submit(pool, &job), 0);
    stop();
}

Test(pool, thousands_of_jobs_pass) {
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
