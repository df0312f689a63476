/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "pool_rig.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

uv_loop_t loop;
struct pool *pool;
char folder[RIG_PATH_MAX];
static struct log quiet;
bool destroyed;

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

void start_with(const char *host, unsigned min_hosts, unsigned max_hosts) {
    struct err err;
    signal(SIGPIPE, SIG_IGN);
    rig_folder(folder, (const char *const[]){
                           "healthy",    "sick",      "server",  "slow",        "echo",
                           "decide",     "hang",      "crash",   "quits",       "rubbish",
                           "closes",     "long-text", "escapes", "odd-verdict", "server-verdict",
                           "crash-load", "forks",     "floods",  "begs",        "scribbles",
                           NULL});
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

void start(unsigned min_hosts, unsigned max_hosts) {
    start_with(HOST, min_hosts, max_hosts);
}

void set_flag(void *context) {
    *(bool *)context = true;
}

void stop(void) {
    destroyed = false;
    pool_destroy(pool, set_flag, &destroyed);
    cr_assert(rig_run(&loop, &destroyed, 5000));
    cr_assert_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    cr_assert_eq(uv_loop_close(&loop), 0, "nothing is left in the loop");
    rig_remove(folder);
}

static struct descriptor descriptors[16];

struct pool_call call_of(const char *name, uint32_t timeout_ms,
                         const struct option_values *options) {
    static size_t used;
    struct descriptor *d = &descriptors[used++ % 16];
    memset(d, 0, sizeof *d);
    snprintf(d->file, sizeof d->file, "%s.so", name);
    d->subject = strcmp(name, "server") == 0 ? SMBM_ON_SERVER : SMBM_ON_MOUNT;
    return (struct pool_call){.plugin = d, .options = options, .timeout_ms = timeout_ms};
}

struct pool_job job_of(enum pool_kind kind, struct heard *heard) {
    heard->loop = &loop;
    return (struct pool_job){.kind = kind,
                             .mount = rig_mount(),
                             .on_report = on_report,
                             .on_done = on_done,
                             .on_reaped = on_reaped,
                             .context = heard};
}

uint64_t submit(enum pool_kind kind, struct heard *heard, uint32_t timeout_ms,
                const char *const names[]) {
    struct pool_job job = job_of(kind, heard);
    for (; names[job.calls_len] != NULL; job.calls_len++)
        job.calls[job.calls_len] = call_of(names[job.calls_len], timeout_ms, NULL);
    uint64_t id = pool_submit(pool, &job);
    cr_assert_neq(id, 0);
    return id;
}

struct option_value delay_item;
const struct option_values delay = {&delay_item, 1};

uint64_t submit_slow(struct heard *heard, int64_t ms, uint32_t timeout_ms) {
    struct pool_job job = job_of(POOL_PROBE, heard);
    delay_item.number = ms;
    job.calls[job.calls_len++] = call_of("slow", timeout_ms, &delay);
    return pool_submit(pool, &job);
}
