/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "plugin/pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/pool_private.h"

static void release(struct pool *pool) {
    free(pool->host_path);
    free(pool->directory);
    free(pool->scratch);
    free(pool);
}

static void set_max(struct pool *pool, unsigned max_hosts) {
    pool->max_hosts = max_hosts > pool->min_hosts ? max_hosts : pool->min_hosts;
}

struct pool *pool_create(const struct pool_setup *setup, struct err *err) {
    struct pool *pool = calloc(1, sizeof *pool);
    if (pool != NULL) {
        pool->host_path = strdup(setup->host_path);
        pool->directory = strdup(setup->directory);
    }
    if (pool == NULL || pool->host_path == NULL || pool->directory == NULL) {
        if (pool != NULL)
            release(pool);
        err_set(err, ENOMEM, "no memory for the plugin hosts");
        return NULL;
    }
    pool->loop = setup->loop;
    pool->log = setup->log;
    pool->trusted_uid = setup->trusted_uid;
    pool->min_hosts = setup->min_hosts > 0 ? setup->min_hosts : 1;
    set_max(pool, setup->max_hosts);
    TAILQ_INIT(&pool->jobs);
    for (unsigned rank = 0; rank < JOB_RANKS; rank++)
        TAILQ_INIT(&pool->waiting[rank]);
    TAILQ_INIT(&pool->procs);
    uv_timer_init(pool->loop, &pool->wake);
    uv_timer_init(pool->loop, &pool->shrink);
    pool->wake.data = pool->shrink.data = pool;
    pool->handles = 2;
    pool_wake(pool, 0);
    return pool;
}

uint64_t pool_submit(struct pool *pool, const struct pool_job *from) {
    struct job *job = pool->closing ? NULL : job_copy(pool, from);
    if (job == NULL)
        return 0;
    pool_enqueue(pool, job, false);
    return job->id;
}

static struct job *find(const struct pool *pool, uint64_t id) {
    struct job *job;
    for (job = TAILQ_FIRST(&pool->jobs); job != NULL; job = TAILQ_NEXT(job, all))
        if (job->id == id)
            break;
    return job;
}

void pool_expire(struct pool *pool, uint64_t id, const char *why) {
    struct job *job = find(pool, id);
    if (job == NULL)
        return;
    job->expired = why;
    if (job->state == JOB_WAITING) {
        job->at = job->calls_len;
        pool_wake(pool, 0);
    } else {
        proc_hurry(pool, job);
    }
}

void pool_cancel(struct pool *pool, uint64_t id) {
    struct job *job = find(pool, id);
    if (job == NULL)
        return;
    job->cancelled = true;
    if (job->state != JOB_WAITING)
        return;
    pool_take(pool, job);
    job_end(pool, job);
}

void pool_renew(struct pool *pool, const char *directory, unsigned max_hosts) {
    char *copy = strdup(directory);
    if (copy != NULL) {
        free(pool->directory);
        pool->directory = copy;
    }
    set_max(pool, max_hosts);
    struct proc *proc, *next;
    for (proc = TAILQ_FIRST(&pool->procs); proc != NULL; proc = next) {
        next = TAILQ_NEXT(proc, link);
        if (proc->state == PROC_IDLE || proc->state == PROC_STARTING)
            proc_retire(proc);
        else
            proc->retire = true;
    }
    pool->broken_until = 0;
    pool_wake(pool, 0);
}

struct pool_stats pool_stats(const struct pool *pool) {
    struct pool_stats stats = pool->counts;
    const struct proc *proc;
    for (proc = TAILQ_FIRST(&pool->procs); proc != NULL; proc = TAILQ_NEXT(proc, link)) {
        stats.hosts += proc->state != PROC_GONE;
        stats.busy += proc->state == PROC_BUSY;
        stats.stuck += proc->state == PROC_GONE && proc->hung != NULL;
    }
    return stats;
}

static void on_closed(uv_handle_t *handle) {
    struct pool *pool = handle->data;
    pool->handles--;
    pool_finish_if_closed(pool);
}

void pool_finish_if_closed(struct pool *pool) {
    if (!pool->closing || !TAILQ_EMPTY(&pool->procs))
        return;
    if (pool->handles > 0) {
        if (!uv_is_closing((uv_handle_t *)&pool->wake)) {
            uv_close((uv_handle_t *)&pool->wake, on_closed);
            uv_close((uv_handle_t *)&pool->shrink, on_closed);
        }
        return;
    }
    while (!TAILQ_EMPTY(&pool->jobs))
        job_free(pool, TAILQ_FIRST(&pool->jobs));
    void (*destroyed)(void *) = pool->destroyed;
    void *context = pool->destroyed_context;
    release(pool);
    destroyed(context);
}

/* What the kernel has not let go by now stays behind as a child that nobody waits for. */
static void on_patience_over(uv_timer_t *timer) {
    struct pool *pool = timer->data;
    struct proc *proc, *next;
    for (proc = TAILQ_FIRST(&pool->procs); proc != NULL; proc = next) {
        next = TAILQ_NEXT(proc, link);
        proc_close(proc);
    }
    pool_finish_if_closed(pool);
}

void pool_destroy(struct pool *pool, void (*done)(void *context), void *context) {
    if (pool->closing)
        return;
    pool->closing = true;
    pool->destroyed = done;
    pool->destroyed_context = context;
    struct job *job;
    for (job = TAILQ_FIRST(&pool->jobs); job != NULL; job = TAILQ_NEXT(job, all))
        job->cancelled = true;
    struct proc *proc, *next;
    for (proc = TAILQ_FIRST(&pool->procs); proc != NULL; proc = next) {
        next = TAILQ_NEXT(proc, link);
        if (proc->state != PROC_GONE)
            proc_retire(proc);
    }
    uv_timer_stop(&pool->shrink);
    uint64_t patience = TAILQ_EMPTY(&pool->procs) ? 0 : POOL_DESTROY_MS;
    uv_timer_start(&pool->wake, on_patience_over, patience, 0);
}
