/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What the rig has in place of the plugin hosts, the mount helpers, the control socket and the
 * marks in the runtime folder. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "daemon/marks.h"
#include "fail.h"
#include "rig.h"

struct rig_job rig_jobs[64];
unsigned rig_jobs_len;
struct helper_proc rig_helpers[64];
unsigned rig_helpers_len;
int (*rig_spawn)(uv_process_t *process, uv_pipe_t *pipe, uv_exit_cb ended);
bool rig_no_pool, rig_no_helper;
char rig_answers[32][256];
unsigned rig_answers_len;
char rig_followed[64];
bool rig_server_talks;

uint64_t pool_submit(struct pool *pool, const struct pool_job *from) {
    (void)pool;
    if (rig_no_pool)
        return 0;
    cr_assert_lt(rig_jobs_len, 64);
    struct rig_job *job = &rig_jobs[rig_jobs_len];
    *job = (struct rig_job){.id = rig_jobs_len + 1, .job = *from};
    job->server = from->calls[0].plugin->subject == SMBM_ON_SERVER;
    return rig_jobs[rig_jobs_len++].id;
}

void pool_cancel(struct pool *pool, uint64_t id) {
    (void)pool;
    cr_assert(id > 0 && id <= rig_jobs_len);
    rig_jobs[id - 1].cancelled = true;
}

/* Only what it is for: the test says itself how the job ends. */
void pool_expire(struct pool *pool, uint64_t id, const char *why) {
    (void)pool;
    cr_assert(id > 0 && id <= rig_jobs_len);
    rig_jobs[id - 1].expired = why;
}

void pool_renew(struct pool *pool, const char *directory, unsigned max_hosts) {
    (void)pool;
    (void)max_hosts;
    cr_assert_gt(strlen(directory), 0);
}

struct pool_stats pool_stats(const struct pool *pool) {
    (void)pool;
    return (struct pool_stats){.hosts = 2};
}

static struct rig_job *open_job(enum pool_kind kind, bool server) {
    for (unsigned i = rig_jobs_len; i-- > 0;) {
        struct rig_job *job = &rig_jobs[i];
        if (job->job.kind == kind && !job->ended && !job->cancelled && job->server == server)
            return job;
    }
    return NULL;
}

struct rig_job *rig_open_job(enum pool_kind kind) {
    return open_job(kind, false);
}

struct rig_job *rig_server_job(void) {
    return open_job(POOL_ALL, true);
}

void rig_report(struct rig_job *job, size_t call, enum pool_end end, enum smbm_verdict verdict,
                const char *evidence) {
    struct smbm_report report = {.size = sizeof report, .verdict = verdict, .took_us = 1000};
    str_copy(report.evidence, sizeof report.evidence, evidence);
    cr_assert(!job->ended && !job->cancelled);
    job->job.on_report(job->job.context, call, end, &report, NULL);
}

static void server_says_nothing(const struct supervisor *s) {
    struct rig_job *ask = rig_server_job();
    if (ask != NULL && ((s->round != NULL && s->round->asks) || (s->glance && s->glance->asks)))
        rig_done(ask, true);
}

void rig_done(struct rig_job *job, bool reaped) {
    cr_assert(!job->ended && !job->cancelled);
    job->ended = true;
    job->reaped = reaped;
    job->job.on_done(job->job.context, reaped);
    if (job->job.kind == POOL_PROBE && !rig_server_talks)
        server_says_nothing(job->job.context);
}

void rig_reaped(struct rig_job *job) {
    cr_assert(job->ended && !job->reaped && !job->cancelled);
    job->reaped = true;
    job->job.on_reaped(job->job.context);
}

void rig_answer(struct rig_job *job, enum smbm_verdict verdict, const char *evidence) {
    cr_assert_not_null(job);
    for (size_t i = 0; i < job->job.calls_len; i++) {
        bool server = job->job.calls[i].plugin->subject == SMBM_ON_SERVER;
        if (server == (verdict >= SMBM_ANSWERS))
            rig_report(job, i, POOL_ANSWERED, verdict, evidence);
    }
    rig_done(job, true);
}

void rig_decide(struct rig_job *job, enum pool_end end, enum smbm_step step, const char *reason) {
    struct smbm_decision decision = {.size = sizeof decision, .step = step, .wait_ms = 500};
    cr_assert_not_null(job);
    decision.carry[0] = job->job.calls[0].carry[0] + 1;
    str_copy(decision.reason, sizeof decision.reason, reason);
    job->ended = job->reaped = true; /* the next question is another job */
    job->job.on_report(job->job.context, 0, end, NULL, &decision);
    job->job.on_done(job->job.context, true);
}

struct helper_proc *helper_proc_start(struct daemon *daemon, const struct helper_request *request,
                                      const struct helper_events *events, struct err *err) {
    cr_assert_eq(daemon, &d);
    if (rig_no_helper) {
        err_set(err, 11, "cannot start the mount helper: busy");
        return NULL;
    }
    cr_assert_lt(rig_helpers_len, 64);
    struct helper_proc *p = &rig_helpers[rig_helpers_len++];
    *p = (struct helper_proc){.op = request->op, .events = *events, .mount_id = request->mount_id};
    str_copy(p->name, sizeof p->name, request->mount.name);
    return p;
}

void helper_proc_cancel(struct helper_proc *proc) {
    proc->cancelled = true;
}

void helper_proc_abandon(struct helper_proc *proc) {
    proc->abandoned = true;
}

int helper_proc_spawn(struct daemon *daemon, uv_process_t *process, uv_pipe_t *pipe,
                      uv_exit_cb ended) {
    (void)daemon;
    return rig_spawn != NULL ? rig_spawn(process, pipe, ended) : UV_EAGAIN;
}

struct helper_proc *rig_helper(void) {
    cr_assert_gt(rig_helpers_len, 0, "no helper was started");
    return &rig_helpers[rig_helpers_len - 1];
}

void rig_result(enum helper_class class, const char *text) {
    struct helper_proc *p = rig_helper();
    struct helper_result result = {.class = class};
    cr_assert_not(p->abandoned);
    str_copy(result.text, sizeof result.text, text);
    p->events.result(p->events.context, &result, false);
}

/* Only there in tests whose calls can fail. */
__attribute__((weak)) const char *fail_end(void);

static char *next_answer(void) {
    if (fail_end != NULL)
        (void)fail_end(); /* reading an answer is not what is tried */
    cr_assert_lt(rig_answers_len, 32);
    return rig_answers[rig_answers_len++];
}

void server_reply(struct server_call *call, struct control_reply *reply) {
    struct control_response answer;
    struct err err = {0};
    char *text = next_answer();
    (void)call;
    cr_assert_eq(control_decode_response(reply->buffer.data, reply->buffer.size, &answer, &err), 0,
                 "%s", err.text);
    const struct control_section *section = &answer.sections[0];
    if (section->record == RECORD_RESULT)
        snprintf(text, 256, "ok: %.200s", ((struct result_view *)section->rows)->text);
    else
        snprintf(text, 256, "ok: %zu rows", section->rows_len);
    control_response_finish(&answer);
}

void server_error(struct server_call *call, enum control_error code, const char *format, ...) {
    char text[200];
    va_list args;
    (void)call;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(next_answer(), 256, "error %d: %s", control_error_status(code), text);
}

uint32_t server_call_id(const struct server_call *call) {
    (void)call;
    return 7;
}

uid_t server_call_uid(const struct server_call *call) {
    (void)call;
    return 1000;
}

void server_progress(struct server_call *call, const char *text) {
    (void)call;
    cr_assert_gt(strlen(text), 0);
}

void server_follow(struct server_call *call, const char *mount) {
    (void)call;
    str_copy(rig_followed, sizeof rig_followed, mount[0] != '\0' ? mount : "all");
}

void server_publish(struct server *server, const struct event_record *event) {
    (void)server;
    cr_assert_gt(strlen(event->kind), 0);
}

struct server_call *rig_call(unsigned number) {
    static char calls[8];
    return (struct server_call *)(void *)&calls[number];
}

/* No marks. */
void marks_note(const struct supervisor *s) {
    (void)s;
}

void marks_clear(const struct supervisor *s) {
    (void)s;
}

enum machine_reason marks_down(const struct supervisor *s) {
    (void)s;
    return MACHINE_FOR_NONE;
}
