/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Jobs: the copy that the pool keeps, and what its owner is told. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "plugin/pool_private.h"

#define SCRATCH_FIRST (16u * 1024u)
#define SCRATCH_MAX ((POOL_CALLS_MAX + 2u) * (WIRE_HEAD + WIRE_FRAME_MAX))

_Static_assert((int)POOL_PROBE == (int)CALL_KIND_PROBE && (int)POOL_NEXT == (int)CALL_KIND_NEXT &&
                   (int)POOL_RUN == (int)CALL_KIND_RUN && (int)POOL_ALL == (int)CALL_KIND_ALL,
               "the pool's kinds of jobs are those of the protocol");

static uint32_t timeout_of(const struct pool_call *call) {
    if (call->timeout_ms == 0)
        return POOL_TIMEOUT_MS;
    return call->timeout_ms < CALL_TIMEOUT_MAX_MS ? call->timeout_ms : CALL_TIMEOUT_MAX_MS;
}

/* A frame of no length means that it did not fit. */
static bool add(size_t *used, size_t len) {
    *used += len;
    return len > 0;
}

static bool encode_call(struct pool *pool, const struct pool_call *from, uint32_t index,
                        size_t *used, struct job_call *call) {
    *call = (struct job_call){.subject = from->plugin->subject,
                              .passive = (from->plugin->flags & SMBM_PROBE_PASSIVE) != 0,
                              .timeout_ms = timeout_of(from)};
    memcpy(call->carry, from->carry, sizeof call->carry);
    const struct call_request request = {.index = index,
                                         .subject = call->subject,
                                         .passive = call->passive,
                                         .timeout_ms = call->timeout_ms,
                                         .file = from->plugin->file,
                                         .carry = from->carry,
                                         .options = from->options};
    call->begin = *used;
    call->len = call_put_run(pool->scratch + *used, pool->scratch_size - *used, &request);
    return add(used, call->len);
}

/* Encode into the scratch memory. False when it is too small. */
static bool encode(struct pool *pool, const struct pool_job *from, struct job_call *calls,
                   size_t *preamble, size_t *used) {
    *used = 0;
    if (!add(used, call_put_mount(pool->scratch, pool->scratch_size, &from->mount)))
        return false;
    if (from->kind == POOL_NEXT &&
        !add(used, call_put_situation(pool->scratch + *used, pool->scratch_size - *used,
                                      &from->situation)))
        return false;
    *preamble = *used;
    for (size_t i = 0; i < from->calls_len; i++)
        if (!encode_call(pool, &from->calls[i], (uint32_t)i, used, &calls[i]))
            return false;
    return true;
}

static bool grow_scratch(struct pool *pool) {
    size_t size = pool->scratch_size == 0 ? SCRATCH_FIRST : pool->scratch_size * 2;
    unsigned char *scratch = size <= 2 * SCRATCH_MAX ? realloc(pool->scratch, size) : NULL;
    if (scratch == NULL)
        return false;
    pool->scratch = scratch;
    pool->scratch_size = size;
    return true;
}

static enum job_rank rank_of(const struct pool_job *job) {
    bool server = true;
    if (job->kind == POOL_NEXT)
        return JOB_QUESTION;
    for (size_t i = 0; i < job->calls_len; i++)
        server = server && job->calls[i].plugin->subject == SMBM_ON_SERVER;
    return server && job->kind != POOL_RUN ? JOB_SERVER : JOB_LOOK;
}

static uint64_t server_bit(const struct smbm_mount *mount) {
    uint32_t hash = 2166136261u ^ mount->port; /* FNV-1a */
    for (const char *at = mount->server; *at != '\0'; at++)
        hash = (hash ^ (unsigned char)*at) * 16777619u;
    return UINT64_C(1) << ((hash ^ hash >> 15) % 64u);
}

static void skip_to_due(struct job *job) {
    if (job->expired != NULL)
        job->at = job->calls_len;
    while (job->at < job->calls_len &&
           !call_is_due(job->kind, job->calls[job->at].subject, job->health))
        job->at++;
}

struct job *job_copy(struct pool *pool, const struct pool_job *from) {
    struct job_call calls[POOL_CALLS_MAX];
    size_t preamble, used, calls_size = from->calls_len * sizeof calls[0];
    bool one = from->kind == POOL_NEXT || from->kind == POOL_RUN;
    if (from->calls_len == 0 || from->calls_len > (one ? 1 : POOL_CALLS_MAX))
        return NULL;
    while (!encode(pool, from, calls, &preamble, &used))
        if (!grow_scratch(pool))
            return NULL;
    struct job *job = malloc(sizeof *job + calls_size + used);
    if (job == NULL)
        return NULL;
    *job = (struct job){.kind = (enum call_kind)from->kind,
                        .rank = rank_of(from),
                        .calls_len = from->calls_len,
                        .preamble = preamble,
                        .bytes = (unsigned char *)job->calls + calls_size,
                        .on_report = from->on_report,
                        .on_done = from->on_done,
                        .on_reaped = from->on_reaped,
                        .context = from->context};
    memcpy(job->calls, calls, calls_size);
    memcpy(job->bytes, pool->scratch, used);
    job->server_bit = job->rank == JOB_SERVER ? server_bit(&from->mount) : 0;
    job->id = ++pool->last_id;
    job->submitted = uv_now(pool->loop);
    skip_to_due(job);
    TAILQ_INSERT_TAIL(&pool->jobs, job, all);
    return job;
}

int job_check_reply(const struct job *job, uint32_t type, const struct call_reply *reply,
                    struct err *err) {
    uint32_t subject = job->calls[job->at].subject;
    uint32_t wanted = job->kind == CALL_KIND_NEXT ? CALL_DECISION : CALL_REPORT;
    if (reply->id != job->id || reply->index != job->at)
        return err_set(err, EPROTO, "answered a call that nobody made");
    if (type != wanted && type != CALL_FAILED)
        return err_set(err, EPROTO, "sent a frame of type %u where %u is due", type, wanted);
    if (type == CALL_REPORT && job->kind != CALL_KIND_RUN &&
        !call_verdict_fits(reply->report.verdict, subject))
        return err_set(err, EPROTO, "reported the verdict %u, which is none of a %s probe",
                       reply->report.verdict, subject == SMBM_ON_SERVER ? "server" : "mount");
    return 0;
}

void job_answer(struct job *job, enum pool_end end, const struct call_reply *reply) {
    size_t call = job->at++;
    bool next = job->kind == CALL_KIND_NEXT;
    if (!next)
        job->health = call_health_after(job->health, job->calls[call].subject,
                                        job->calls[call].passive != 0, reply->report.verdict);
    skip_to_due(job);
    if (!job->cancelled)
        job->on_report(job->context, call, end, next ? NULL : &reply->report,
                       next ? &reply->decision : NULL);
}

void job_fail(struct job *job, enum pool_end end, const char *evidence) {
    struct call_reply reply = {.report.size = sizeof reply.report,
                               .decision.size = sizeof reply.decision};
    const struct job_call *call = &job->calls[job->at];
    reply.report.verdict = end == POOL_LATE ? SMBM_SUSPECT : SMBM_BLIND;
    reply.report.took_us = end == POOL_LATE ? (uint64_t)call->timeout_ms * 1000u : 0;
    reply.decision.step = SMBM_STEP_PASS;
    memcpy(reply.report.carry, call->carry, sizeof call->carry);
    memcpy(reply.decision.carry, call->carry, sizeof call->carry);
    str_copy(reply.report.evidence, sizeof reply.report.evidence, evidence);
    str_copy(reply.decision.reason, sizeof reply.decision.reason, evidence);
    job_answer(job, end, &reply);
}

void job_go_on(struct pool *pool, struct job *job) {
    skip_to_due(job);
    if (job->cancelled || job->at == job->calls_len) {
        job_end(pool, job);
        return;
    }
    pool_enqueue(pool, job, true);
}

/* Rounds stop by themselves at a look that hangs (call_is_due); all of them goes on. */
static bool looks_again(const struct job *job) {
    for (size_t i = job->at; job->kind == CALL_KIND_ALL && i < job->calls_len; i++)
        if (job->calls[i].subject == SMBM_ON_MOUNT && job->calls[i].passive == 0)
            return true;
    return false;
}

bool job_go_on_after(struct pool *pool, struct job *job) {
    if (job->unreaped > 0 && looks_again(job)) {
        job->state = JOB_HELD;
        return false;
    }
    job_go_on(pool, job);
    return true;
}

void job_unhold(struct pool *pool, struct job *job) {
    while (looks_again(job))
        job_fail(job, POOL_UNASKED, "not asked, the probe before it hangs in the kernel");
    job_go_on(pool, job);
}

void job_end(struct pool *pool, struct job *job) {
    job->state = JOB_ENDED;
    bool reaped = job->unreaped == 0;
    if (!job->cancelled)
        job->on_done(job->context, reaped);
    if (reaped)
        job_free(pool, job);
}

static void tell_reaped(struct pool *pool, struct job *job) {
    if (!job->cancelled && job->on_reaped != NULL)
        job->on_reaped(job->context);
    job_free(pool, job);
}

void job_reaped(struct pool *pool, struct job *job) {
    if (--job->unreaped > 0)
        return;
    if (job->state == JOB_HELD)
        job_go_on(pool, job);
    else if (job->state == JOB_ENDED)
        tell_reaped(pool, job);
}

void job_free(struct pool *pool, struct job *job) {
    TAILQ_REMOVE(&pool->jobs, job, all);
    free(job);
}
