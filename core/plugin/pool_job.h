/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A job as the pool keeps it, and what its owner is told. */
#ifndef PLUGIN_POOL_JOB_H
#define PLUGIN_POOL_JOB_H

#include <sys/queue.h>

#include "plugin/call.h"
#include "plugin/pool.h"

/* HELD: what is left of it would look at a mount at which its killed host may look still. */
enum job_state { JOB_WAITING, JOB_RUNNING, JOB_HELD, JOB_ENDED };

/* Who goes first. A question takes no time, and what a mount waits for depends on its answer. */
enum job_rank { JOB_QUESTION, JOB_SERVER, JOB_LOOK, JOB_RANKS };

struct job_call {
    uint32_t subject, passive, timeout_ms;
    uint64_t carry[SMBM_CARRY_WORDS];
    size_t begin, len; /* its RUN frame in bytes */
};

/* One allocation: calls and bytes stand behind it. */
struct job {
    TAILQ_ENTRY(job) all, waiting;
    uint64_t id, submitted;
    enum call_kind kind;
    enum job_state state;
    enum job_rank rank;
    uint64_t server_bit; /* JOB_SERVER: one bit, nearly always another one for another server */
    enum call_health health;
    bool cancelled;
    const char *expired; /* why its answers are worth nothing any more; NULL: they are */
    size_t at;           /* the call that is under way or next; calls_len: none is left */
    size_t calls_len;
    unsigned unreaped; /* killed hosts that ran a call of it */
    size_t preamble;   /* MOUNT and SITUATION at the start of bytes */
    void (*on_report)(void *, size_t, enum pool_end, const struct smbm_report *,
                      const struct smbm_decision *);
    void (*on_done)(void *, bool);
    void (*on_reaped)(void *);
    void *context;
    unsigned char *bytes; /* behind the calls */
    struct job_call calls[];
};
TAILQ_HEAD(jobs, job);

struct job *job_copy(struct pool *pool, const struct pool_job *from);
/* What the frame format cannot tell: is this the answer to the call that is under way? 0 or -errno.
 */
int job_check_reply(const struct job *job, uint32_t type, const struct call_reply *reply,
                    struct err *err);
/* Tell the owner of the call at job->at and go on to the next one that is due. */
void job_answer(struct job *job, enum pool_end end, const struct call_reply *reply);
void job_fail(struct job *job, enum pool_end end, const char *evidence);
/* Put a job, with what is left of it, in the queue, or end it when nothing is left. */
void job_go_on(struct pool *pool, struct job *job);
/* The same after its host was killed. False: it is held until that one is reaped, or job_unhold. */
bool job_go_on_after(struct pool *pool, struct job *job);
/* It was held long enough: go on without the calls that look at the mount. */
void job_unhold(struct pool *pool, struct job *job);
void job_end(struct pool *pool, struct job *job);
void job_reaped(struct pool *pool, struct job *job);
void job_free(struct pool *pool, struct job *job);

#endif
