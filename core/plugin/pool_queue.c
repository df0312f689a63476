/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Which job goes to which host, and how many hosts there are. */
#include "plugin/pool_private.h"

unsigned pool_count(const struct pool *pool, enum proc_state state) {
    unsigned count = 0;
    const struct proc *proc;
    for (proc = TAILQ_FIRST(&pool->procs); proc != NULL; proc = TAILQ_NEXT(proc, link))
        count += proc->state == state;
    return count;
}

static unsigned count_live(const struct pool *pool) {
    return pool_count(pool, PROC_STARTING) + pool_count(pool, PROC_IDLE) +
           pool_count(pool, PROC_BUSY);
}

void pool_wake(struct pool *pool, uint64_t in_ms) {
    if (pool->closing)
        return;
    if (!uv_is_active((uv_handle_t *)&pool->wake) || uv_timer_get_due_in(&pool->wake) > in_ms)
        uv_timer_start(&pool->wake, pool_on_wake, in_ms, 0);
}

void pool_on_wake(uv_timer_t *timer) {
    pool_dispatch(timer->data);
}

struct job *pool_take(struct pool *pool) {
    struct job *job = TAILQ_FIRST(&pool->waiting);
    TAILQ_REMOVE(&pool->waiting, job, waiting);
    pool->counts.waiting--;
    job->state = JOB_RUNNING;
    return job;
}

static void spawn_some(struct pool *pool, unsigned count) {
    struct err err = {0};
    for (unsigned i = 0; i < count; i++)
        if (proc_spawn(pool, &err) != 0) {
            pool_broken(pool, err.text);
            return;
        }
    if (count_live(pool) > pool->min_hosts && !uv_is_active((uv_handle_t *)&pool->shrink))
        uv_timer_start(&pool->shrink, pool_on_shrink, POOL_IDLE_MS, POOL_IDLE_MS / 2);
}

/* Nobody can take a job. A long queue that moves needs no more hosts; one that stands still does:
 * as many again as there are, so that many hanging mounts are overtaken in a few steps. */
static void grow(struct pool *pool, unsigned live) {
    uint64_t now = uv_now(pool->loop);
    const struct job *oldest = TAILQ_FIRST(&pool->waiting);
    if (live >= pool->max_hosts || pool_count(pool, PROC_STARTING) > 0)
        return;
    uint64_t stall = now - pool->last_begin, wait = now - oldest->submitted;
    if (stall >= POOL_STALL_MS || wait >= POOL_WAIT_MS) {
        unsigned count = live < pool->max_hosts - live ? live : pool->max_hosts - live;
        if (count > pool->counts.waiting)
            count = pool->counts.waiting;
        spawn_some(pool, count);
    } else {
        pool_wake(pool, POOL_STALL_MS - stall);
    }
}

static void fill_up(struct pool *pool) {
    unsigned live = count_live(pool);
    uint64_t now = uv_now(pool->loop);
    if (now < pool->broken_until) {
        pool_wake(pool, pool->broken_until - now);
        return;
    }
    if (live < pool->min_hosts)
        spawn_some(pool, pool->min_hosts - live);
    else if (!TAILQ_EMPTY(&pool->waiting))
        grow(pool, live);
}

void pool_dispatch(struct pool *pool) {
    uv_update_time(pool->loop);
    while (!pool->closing && !TAILQ_EMPTY(&pool->waiting)) {
        struct proc *proc = TAILQ_FIRST(&pool->procs);
        if (TAILQ_FIRST(&pool->waiting)->at == TAILQ_FIRST(&pool->waiting)->calls_len)
            job_end(pool, pool_take(pool));
        else if (proc != NULL && proc->state == PROC_IDLE)
            proc_begin(proc);
        else
            break;
    }
    if (!pool->closing)
        fill_up(pool);
}

/* While no host can be started, those who wait are told so and do not wait for ever. */
static void fail_waiting(struct pool *pool, const char *text) {
    unsigned count = pool->counts.waiting;
    for (; count > 0 && !pool->closing && !TAILQ_EMPTY(&pool->waiting); count--) {
        struct job *job = pool_take(pool);
        while (job->at < job->calls_len && !job->cancelled)
            job_fail(job, POOL_UNASKED, text);
        job_end(pool, job);
    }
}

void pool_broken(struct pool *pool, const char *text) {
    if (!pool->broken)
        log_put(pool->log, LOG_ERROR, "no plugin can be asked: %s", text);
    pool->broken = true;
    pool->broken_until = uv_now(pool->loop) + POOL_BROKEN_MS;
    if (count_live(pool) == 0)
        fail_waiting(pool, text);
    pool_wake(pool, POOL_BROKEN_MS);
}

void pool_on_shrink(uv_timer_t *timer) {
    struct pool *pool = timer->data;
    uint64_t now = uv_now(pool->loop);
    unsigned live = count_live(pool);
    struct proc *proc, *next;
    for (proc = TAILQ_FIRST(&pool->procs); proc != NULL && live > pool->min_hosts; proc = next) {
        next = TAILQ_NEXT(proc, link);
        if (proc->state == PROC_IDLE && now - proc->idle_since >= POOL_IDLE_MS) {
            proc_retire(proc);
            live--;
        }
    }
    if (live <= pool->min_hosts)
        uv_timer_stop(timer);
}
