/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Jobs that a host gets at once, since a wake-up costs more than a probe; and how those that it
 * has not begun come back when one of them takes its time. */
#include "plugin/pool_private.h"

/* While one host is late, others may be soon: then nobody shall wait behind anybody. After a host
 * was lost the one to blame shall be alone when it happens again. */
static bool one_by_one(const struct pool *pool) {
    if (uv_now(pool->loop) < pool->careful_until)
        return true;
    const struct proc *proc;
    for (proc = TAILQ_FIRST(&pool->procs); proc != NULL; proc = TAILQ_NEXT(proc, link))
        if (proc->state == PROC_BUSY && proc->recalled)
            return true;
    return false;
}

static void take(struct proc *proc, struct job *job) {
    struct proc *other;
    pool_take(proc->pool, job);
    for (other = TAILQ_FIRST(&proc->pool->procs); other != NULL; other = TAILQ_NEXT(other, link))
        other->asks &= ~job->server_bit;
    proc->asks |= job->server_bit;
    TAILQ_INSERT_TAIL(&proc->batch, job, waiting);
}

void batch_fill(struct proc *proc) {
    struct pool *pool = proc->pool;
    unsigned most = one_by_one(pool) ? 1 : POOL_BATCH;
    enum job_rank rank = pool_first(pool)->rank;
    struct job *next;
    size_t calls = 0;
    for (unsigned i = 0; i < most && (next = pool_first(pool)) != NULL; i++) {
        calls += next->calls_len - next->at;
        if (i > 0 &&
            (calls > POOL_BATCH_CALLS || next->at == next->calls_len || next->rank != rank))
            break;
        take(proc, next);
    }
}

/* The last ones first, so that they wait in their order. */
static void give_back(struct proc *proc, unsigned keep) {
    struct pool *pool = proc->pool;
    unsigned count = 0;
    struct job *job;
    for (job = TAILQ_FIRST(&proc->batch); job != NULL; job = TAILQ_NEXT(job, waiting))
        count++;
    for (; count > keep; count--) {
        job = TAILQ_LAST(&proc->batch, jobs);
        TAILQ_REMOVE(&proc->batch, job, waiting);
        job_go_on(pool, job);
    }
}

void batch_recall(struct proc *proc) {
    unsigned begun = slate_recall(proc->slate);
    proc->recalled = true;
    give_back(proc, begun > proc->ended ? begun - proc->ended : 0);
}

void batch_release(struct proc *proc) {
    const struct job *first = TAILQ_FIRST(&proc->batch);
    bool alone = first != NULL && TAILQ_NEXT(first, waiting) == NULL;
    /* Whoever wrote rubbish into the socket may have answered since. */
    give_back(proc, proc->child.rubbish && !alone ? 0 : 1);
}

uint64_t batch_next_look(const struct proc *proc, uint64_t now) {
    const struct job *job = TAILQ_FIRST(&proc->batch);
    uint64_t rest = proc->due - now, elapsed = now - proc->began;
    bool more = job != NULL && (job->at + 1 < job->calls_len || TAILQ_NEXT(job, waiting) != NULL);
    if (elapsed < POOL_STALL_MS)
        elapsed = POOL_STALL_MS;
    return more && elapsed < rest ? elapsed : rest;
}
