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

void pool_enqueue(struct pool *pool, struct job *job, bool again) {
    if (again)
        TAILQ_INSERT_HEAD(&pool->waiting[job->rank], job, waiting);
    else
        TAILQ_INSERT_TAIL(&pool->waiting[job->rank], job, waiting);
    job->state = JOB_WAITING;
    pool->counts.waiting++;
    pool_wake(pool, 0);
}

/* Many mute servers are asked all the time, and each keeps a host for seconds: looks that have
 * waited their time go in turn with them, or the mounts of healthy servers would never be looked
 * at; nor behind them all, for other looks wait for a server's answer. */
struct job *pool_first(const struct pool *pool) {
    struct job *look = TAILQ_FIRST(&pool->waiting[JOB_LOOK]);
    struct job *job = TAILQ_FIRST(&pool->waiting[JOB_QUESTION]);
    if (job == NULL &&
        (look == NULL || pool->servers_turn || uv_now(pool->loop) - look->submitted < POOL_LOOK_MS))
        job = TAILQ_FIRST(&pool->waiting[JOB_SERVER]);
    return job != NULL ? job : look;
}

void pool_take(struct pool *pool, struct job *job) {
    TAILQ_REMOVE(&pool->waiting[job->rank], job, waiting);
    pool->counts.waiting--;
    pool->servers_turn = job->rank == JOB_LOOK || (job->rank == JOB_QUESTION && pool->servers_turn);
    job->state = JOB_RUNNING;
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
    const struct job *oldest = pool_first(pool);
    unsigned most = pool->max_hosts + (oldest->rank == JOB_QUESTION);
    if (live >= most || pool_count(pool, PROC_STARTING) > 0)
        return;
    uint64_t stall = now - pool->last_begin, wait = now - oldest->submitted;
    if (stall >= POOL_STALL_MS || wait >= POOL_WAIT_MS) {
        unsigned count = live < most - live ? live : most - live;
        if (count > pool->counts.waiting)
            count = pool->counts.waiting;
        spawn_some(pool, count);
    } else {
        pool_wake(pool, POOL_STALL_MS - stall);
    }
}

/* To start a host keeps the loop for milliseconds. While others do all there is to do, an answer
 * may come just then, of what to do about the mount that the lost host hung in. */
static void replace(struct pool *pool, unsigned live) {
    uint64_t since = uv_now(pool->loop) - pool->lost_at;
    if (live == 0 || pool->counts.waiting > 0 || since >= POOL_STALL_MS)
        spawn_some(pool, pool->min_hosts - live);
    else
        pool_wake(pool, POOL_STALL_MS - since);
}

static void fill_up(struct pool *pool) {
    unsigned live = count_live(pool);
    uint64_t now = uv_now(pool->loop);
    if (now < pool->broken_until) {
        pool_wake(pool, pool->broken_until - now);
        return;
    }
    if (live < pool->min_hosts)
        replace(pool, live);
    else if (pool->counts.waiting > 0)
        grow(pool, live);
}

/* The host above max_hosts is there for questions only. */
static bool is_free_for(const struct proc *proc, const struct job *job) {
    const struct pool *pool = proc->pool;
    return proc->state == PROC_IDLE &&
           (job->rank == JOB_QUESTION || pool_count(pool, PROC_BUSY) < pool->max_hosts);
}

/* The host that was used last; but a server is asked from the one that asked it before: it may hold
 * the question still. Others leave that one alone while another is free, for they may hang. */
static struct proc *host_for(const struct pool *pool, const struct job *job) {
    struct proc *first = TAILQ_FIRST(&pool->procs), *proc, *spare = NULL;
    for (proc = first; proc != NULL && proc->state == PROC_IDLE; proc = TAILQ_NEXT(proc, link)) {
        if ((proc->asks & job->server_bit) != 0)
            return proc;
        if (spare == NULL && proc->asks == 0)
            spare = proc;
    }
    return spare != NULL ? spare : first;
}

void pool_dispatch(struct pool *pool) {
    struct job *job;
    uv_update_time(pool->loop);
    while (!pool->closing && (job = pool_first(pool)) != NULL) {
        struct proc *proc = host_for(pool, job);
        if (job->at == job->calls_len) {
            pool_take(pool, job);
            job_end(pool, job);
        } else if (proc != NULL && is_free_for(proc, job)) {
            proc_begin(proc);
        } else {
            break;
        }
    }
    if (!pool->closing)
        fill_up(pool);
}

/* While no host can be started, those who wait are told so and do not wait for ever. */
static void fail_waiting(struct pool *pool, const char *text) {
    unsigned count = pool->counts.waiting;
    struct job *job;
    for (; count > 0 && !pool->closing && (job = pool_first(pool)) != NULL; count--) {
        pool_take(pool, job);
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
