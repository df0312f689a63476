/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The parts of the pool that its files share: host processes, and the queue of jobs for them. */
#ifndef PLUGIN_POOL_PRIVATE_H
#define PLUGIN_POOL_PRIVATE_H

#include "plugin/child.h"
#include "plugin/pool_job.h"
#include "plugin/pool_limits.h"

enum proc_state { PROC_STARTING, PROC_IDLE, PROC_BUSY, PROC_GONE };

struct proc {
    TAILQ_ENTRY(proc) link; /* idle ones first, the one that was used last in front */
    struct pool *pool;
    struct child child;
    uv_timer_t timer;
    enum proc_state state;
    bool retire, last_chance;
    uint64_t asks;     /* servers (their server_bit) whose unanswered question it may keep */
    struct jobs batch; /* BUSY: what it has to do still, the first one is under way */
    struct job *hung;  /* GONE: the one that it took along, until it is reaped */
    struct slate *slate;
    size_t heard;         /* bytes of the slate */
    uint32_t turn, ended; /* number of the batch; its jobs that are over */
    bool recalled;
    uint64_t began, due, idle_since;
    unsigned handles;
};
TAILQ_HEAD(procs, proc);

struct pool {
    uv_loop_t *loop;
    const struct log *log;
    char *host_path, *directory;
    unsigned trusted_uid, min_hosts, max_hosts;
    uv_timer_t wake, shrink;
    struct jobs jobs, waiting[JOB_RANKS];
    struct procs procs;
    bool servers_turn; /* a look that had waited its time went first */
    uint64_t last_id, last_begin, lost_at, broken_until, careful_until;
    struct pool_stats counts; /* hosts, busy, stuck: see pool_stats */
    unsigned char *scratch;   /* where jobs are encoded */
    size_t scratch_size;
    unsigned handles;
    bool closing, broken;
    void (*destroyed)(void *);
    void *destroyed_context;
};

/* pool_proc.c */
int proc_spawn(struct pool *pool, struct err *err);
/* Give an idle host as many of the waiting jobs as it may have, at least one. */
void proc_begin(struct proc *proc);
/* Kill a host that has nothing to do, or none of whose work matters any more. */
void proc_retire(struct proc *proc);
void proc_close(struct proc *proc);
/* A job has expired: look after the host that it is under way in. */
void proc_hurry(struct pool *pool, const struct job *job);

/* pool_batch.c */
/* Choose the jobs of a batch. */
void batch_fill(struct proc *proc);
/* Give back what its host has not begun. */
void batch_recall(struct proc *proc);
/* Its host is finished with: give back all but the one to blame, which stays. */
void batch_release(struct proc *proc);
/* In how many ms to look what was answered (now < due). No bell rings before a call that hangs:
 * what was answered before is heard after twice the time it took, and not when the time would be
 * over of the call that was under way at the last look. */
uint64_t batch_next_look(const struct proc *proc, uint64_t now);

/* pool_queue.c */
/* Let a job wait behind those of its rank, or again: before them. */
void pool_enqueue(struct pool *pool, struct job *job, bool again);
/* The first waiting one, NULL for none; and taken out. */
struct job *pool_first(const struct pool *pool);
void pool_take(struct pool *pool, struct job *job);
void pool_dispatch(struct pool *pool);
void pool_wake(struct pool *pool, uint64_t in_ms);
void pool_broken(struct pool *pool, const char *text);
unsigned pool_count(const struct pool *pool, enum proc_state state);
void pool_on_wake(uv_timer_t *timer);
void pool_on_shrink(uv_timer_t *timer);

/* pool.c */
void pool_finish_if_closed(struct pool *pool);

#endif
