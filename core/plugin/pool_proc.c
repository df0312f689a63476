/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* One host process of the pool: its calls, its deadline, its end. */
#include <stdio.h>
#include <stdlib.h>

#include "plugin/pool_private.h"

static void on_due(uv_timer_t *timer);

static void set_due(struct proc *proc, uint64_t in_ms) {
    uint64_t now = uv_now(proc->pool->loop);
    proc->due = now + in_ms;
    proc->last_chance = false;
    /* A timer that fires early looks at due and goes on: cheaper than starting it anew each time.
     */
    if (!uv_is_active((uv_handle_t *)&proc->timer) || uv_timer_get_due_in(&proc->timer) > in_ms)
        uv_timer_start(&proc->timer, on_due, in_ms, 0);
}

static void set_call_due(struct proc *proc) {
    set_due(proc, proc->job->calls[proc->job->at].timeout_ms + POOL_GRACE_MS);
}

static void move_to(struct proc *proc, enum proc_state state) {
    struct procs *procs = &proc->pool->procs;
    proc->state = state;
    TAILQ_REMOVE(procs, proc, link);
    if (state == PROC_IDLE)
        TAILQ_INSERT_HEAD(procs, proc, link);
    else
        TAILQ_INSERT_TAIL(procs, proc, link);
}

static void become_idle(struct proc *proc) {
    proc->job = NULL;
    if (proc->retire) {
        proc_retire(proc);
        return;
    }
    uv_timer_stop(&proc->timer);
    proc->idle_since = uv_now(proc->pool->loop);
    move_to(proc, PROC_IDLE);
}

/* The host is finished with: take its job from it and say how the call under way ended. */
static void lose(struct proc *proc, enum pool_end end, const char *evidence) {
    struct pool *pool = proc->pool;
    struct job *job = proc->job;
    bool starting = proc->state == PROC_STARTING;
    move_to(proc, PROC_GONE);
    uv_timer_stop(&proc->timer);
    child_kill(&proc->child);
    if (job != NULL) {
        if (proc->child.exited)
            proc->job = NULL;
        else
            job->unreaped++;
        job_fail(job, end, evidence);
        job_go_on(pool, job);
    }
    if (starting)
        pool_broken(pool, evidence);
    pool_wake(pool, 0);
}

static void on_due(uv_timer_t *timer) {
    struct proc *proc = timer->data;
    struct pool *pool = proc->pool;
    uint64_t now = uv_now(pool->loop);
    char text[SMBM_TEXT_MAX];
    if (proc->state != PROC_BUSY && proc->state != PROC_STARTING)
        return;
    if (now < proc->due) {
        uv_timer_start(timer, on_due, proc->due - now, 0);
        return;
    }
    /* This loop may be the late one: hear first what has come in the meantime. */
    if (!proc->last_chance) {
        proc->last_chance = true;
        uv_timer_start(timer, on_due, 1, 0);
        return;
    }
    if (proc->state == PROC_STARTING) {
        snprintf(text, sizeof text, "the plugin host did not start within %d ms", POOL_START_MS);
        lose(proc, POOL_CRASHED, text);
        return;
    }
    pool->counts.late++;
    snprintf(text, sizeof text, "no answer within %u ms",
             proc->job->calls[proc->job->at].timeout_ms);
    lose(proc, POOL_LATE, text);
}

/* What the frame format cannot tell: is this the answer to the call that is under way? */
static int check_reply(const struct proc *proc, uint32_t type, const struct call_reply *reply,
                       struct err *err) {
    const struct job *job = proc->job;
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

static void answer(struct proc *proc, uint32_t type, const struct call_reply *reply) {
    struct pool *pool = proc->pool;
    struct job *job = proc->job;
    pool->counts.calls++;
    if (type == CALL_FAILED)
        job_fail(job, POOL_REFUSED, reply->report.evidence);
    else
        job_answer(job, POOL_ANSWERED, reply);
    if (proc->state != PROC_BUSY) /* the callback destroyed the pool */
        return;
    if (job->at < job->calls_len) {
        set_call_due(proc);
        return;
    }
    become_idle(proc);
    job_end(pool, job);
    pool_dispatch(pool);
}

static bool on_frame(void *context, uint32_t type, struct wire_in *payload) {
    struct proc *proc = context;
    struct call_reply reply;
    struct err err = {0};
    if (proc->state == PROC_STARTING && type == CALL_HELLO) {
        proc->pool->broken = false;
        become_idle(proc);
        pool_dispatch(proc->pool);
        return true;
    }
    if (proc->state != PROC_BUSY)
        return false;
    int rc = call_get_reply(type, payload, &reply, &err);
    if (rc == 0)
        rc = check_reply(proc, type, &reply, &err);
    if (rc == 0) {
        answer(proc, type, &reply);
        return true;
    }
    char text[SMBM_TEXT_MAX];
    snprintf(text, sizeof text, "the plugin host %.150s", err.text);
    proc->pool->counts.crashed++;
    lose(proc, POOL_REFUSED, text);
    return false;
}

static void on_lost(void *context) {
    struct proc *proc = context;
    char end[CHILD_END_MAX], text[SMBM_TEXT_MAX];
    if (proc->state == PROC_GONE)
        return;
    child_end(&proc->child, end);
    snprintf(text, sizeof text, "the plugin host %s", end);
    if (proc->state == PROC_BUSY)
        proc->pool->counts.crashed++;
    lose(proc, proc->child.rubbish ? POOL_REFUSED : POOL_CRASHED, text);
}

static void on_handle_closed(struct proc *proc) {
    struct pool *pool = proc->pool;
    if (--proc->handles > 0)
        return;
    TAILQ_REMOVE(&pool->procs, proc, link);
    free(proc);
    pool_finish_if_closed(pool);
}

static void on_timer_closed(uv_handle_t *handle) {
    on_handle_closed(handle->data);
}

static void on_child_closed(struct child *child) {
    on_handle_closed(child->context);
}

void proc_close(struct proc *proc) {
    if (uv_is_closing((uv_handle_t *)&proc->timer))
        return;
    uv_close((uv_handle_t *)&proc->timer, on_timer_closed);
    child_close(&proc->child, on_child_closed);
}

static void on_reaped(void *context) {
    struct proc *proc = context;
    struct job *job = proc->job;
    proc->job = NULL;
    proc_close(proc);
    if (job != NULL)
        job_reaped(proc->pool, job);
    pool_wake(proc->pool, 0);
}

int proc_spawn(struct pool *pool, struct err *err) {
    static const struct child_events events = {on_frame, on_lost, on_reaped};
    struct proc *proc = calloc(1, sizeof *proc);
    if (proc == NULL)
        return err_set(err, ENOMEM, "no memory for a plugin host");
    proc->pool = pool;
    proc->handles = 2;
    proc->timer.data = proc;
    uv_timer_init(pool->loop, &proc->timer);
    int rc = child_start(&proc->child, pool->loop, pool->host_path, "--serve", pool->directory,
                         pool->trusted_uid, &events, proc, err);
    proc->state = rc == 0 ? PROC_STARTING : PROC_GONE;
    TAILQ_INSERT_TAIL(&pool->procs, proc, link);
    if (rc == 0)
        set_due(proc, POOL_START_MS);
    else if (!proc->child.started)
        proc_close(proc);
    return rc;
}

void proc_begin(struct proc *proc, struct job *job) {
    unsigned char head[64];
    const struct call_job frame = {.id = job->id,
                                   .kind = (uint32_t)job->kind,
                                   .health = (uint32_t)job->health,
                                   .count = (uint32_t)(job->calls_len - job->at)};
    size_t head_len = call_put_job(head, sizeof head, &frame);
    const struct job_call *first = &job->calls[job->at], *last = &job->calls[job->calls_len - 1];
    uv_buf_t bufs[3] = {
        uv_buf_init((char *)head, (unsigned)head_len),
        uv_buf_init((char *)job->bytes, (unsigned)job->preamble),
        uv_buf_init((char *)job->bytes + first->begin,
                    (unsigned)(last->begin + last->len - first->begin)),
    };
    job->state = JOB_RUNNING;
    proc->job = job;
    proc->pool->last_begin = uv_now(proc->pool->loop);
    move_to(proc, PROC_BUSY);
    set_call_due(proc);
    /* A host that died while idle shows here first; on_lost says so in a moment. */
    (void)child_send(&proc->child, bufs, 3);
}

void proc_retire(struct proc *proc) {
    proc->job = NULL;
    move_to(proc, PROC_GONE);
    uv_timer_stop(&proc->timer);
    child_kill(&proc->child);
}
