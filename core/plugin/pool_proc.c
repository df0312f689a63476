/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* One host process of the pool: its calls, its deadline, its end. */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "plugin/pool_private.h"

static void on_due(uv_timer_t *timer);
static bool listen_to(struct proc *proc);

static void look_in(struct proc *proc, uint64_t in_ms) {
    /* A timer that fires early looks at due and goes on: cheaper than starting it anew each time.
     */
    if (!uv_is_active((uv_handle_t *)&proc->timer) || uv_timer_get_due_in(&proc->timer) > in_ms)
        uv_timer_start(&proc->timer, on_due, in_ms, 0);
}

/* A probe of the share hangs in the kernel or answers; others have a limit of their own, and their
 * answer may be on its way when the time is over. */
static uint64_t limit_of(const struct job *job) {
    const struct job_call *call = &job->calls[job->at];
    if (job->expired != NULL)
        return 0;
    bool hangs = job->kind != CALL_KIND_NEXT && job->kind != CALL_KIND_RUN &&
                 call->subject == SMBM_ON_MOUNT && call->passive == 0;
    return call->timeout_ms + (hangs ? 0 : POOL_GRACE_MS);
}

static struct job *under_way(const struct proc *proc) {
    return TAILQ_FIRST(&proc->batch);
}

/* The call under way began when the host says so, if that can be. */
static void set_call_due(struct proc *proc) {
    uint64_t now = uv_now(proc->pool->loop), since = atomic_load(&proc->slate->since_ms);
    if (since < proc->began || since > now)
        since = now;
    proc->due = since + limit_of(under_way(proc));
    proc->last_chance = false;
}

void proc_hurry(struct pool *pool, const struct job *job) {
    struct proc *proc;
    for (proc = TAILQ_FIRST(&pool->procs); proc != NULL; proc = TAILQ_NEXT(proc, link)) {
        if (proc->state != PROC_BUSY || under_way(proc) != job)
            continue;
        set_call_due(proc);
        look_in(proc, 0);
    }
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
    if (proc->retire) {
        proc_retire(proc);
        return;
    }
    uv_timer_stop(&proc->timer);
    proc->idle_since = uv_now(proc->pool->loop);
    move_to(proc, PROC_IDLE);
}

/* Did the call under way end the host? When another of its batch has answered, perhaps not: the
 * host says that none has begun since, or it is that one's rubbish which came late. Each time one
 * more has answered, so this has an end. */
static bool is_to_blame(const struct proc *proc) {
    const struct job *job = under_way(proc);
    if (job == NULL || proc->heard == 0)
        return true;
    if (atomic_load(&proc->slate->since_ms) == 0)
        return false;
    /* What acts shall not act twice. */
    return !proc->child.rubbish || job->kind == CALL_KIND_RUN;
}

/* The host is finished with: take its jobs from it and say how the call under way ended, if it is
 * to blame. */
static void lose(struct proc *proc, enum pool_end end, const char *evidence, bool blame) {
    struct pool *pool = proc->pool;
    bool starting = proc->state == PROC_STARTING;
    move_to(proc, PROC_GONE);
    uv_timer_stop(&proc->timer);
    child_kill(&proc->child);
    pool->lost_at = uv_now(pool->loop);
    /* Whom to blame for rubbish is only seen alone, so until the next host is there. */
    pool->careful_until =
        uv_now(pool->loop) + POOL_BROKEN_MS + (proc->child.rubbish ? POOL_START_MS : 0);
    batch_release(proc);
    struct job *job = under_way(proc);
    if (job != NULL) {
        TAILQ_REMOVE(&proc->batch, job, waiting);
        if (!proc->child.exited) {
            proc->hung = job;
            job->unreaped++;
        }
        if (blame)
            job_fail(job, end, evidence);
        if (!job_go_on_after(pool, job))
            look_in(proc, POOL_HOLD_MS);
    }
    if (starting)
        pool_broken(pool, evidence);
    pool_wake(pool, 0);
}

/* False: its time is not over yet. */
static bool is_over(struct proc *proc) {
    uint64_t now = uv_now(proc->pool->loop);
    if (now < proc->due) {
        look_in(proc, batch_next_look(proc, now));
        return false;
    }
    /* This loop may be the late one: hear first what has come in the meantime. */
    if (!proc->last_chance) {
        proc->last_chance = true;
        look_in(proc, 1);
        return false;
    }
    return true;
}

/* A batch is over in a moment. When it is not, nobody shall wait behind the call that takes long;
 * a host that has not begun at all waits for a processor. */
static void check_batch(struct proc *proc) {
    if (proc->recalled)
        return;
    if (slate_begun(proc->slate) == 0) {
        look_in(proc, POOL_STALL_MS);
        return;
    }
    batch_recall(proc);
    if (TAILQ_EMPTY(&proc->batch))
        become_idle(proc);
    pool_wake(proc->pool, 0);
}

/* What was never asked says nothing about the mount. */
static void end_late(struct proc *proc) {
    const struct job *job = under_way(proc);
    uint32_t limit_ms = job->calls[job->at].timeout_ms;
    char text[SMBM_TEXT_MAX];
    enum pool_end end = POOL_UNASKED;
    if (job->expired != NULL) {
        str_copy(text, sizeof text, job->expired);
    } else if (slate_begun(proc->slate) == 0) {
        snprintf(text, sizeof text, "its plugin host did not begin within %u ms: too much to do?",
                 limit_ms);
    } else {
        snprintf(text, sizeof text, "no answer within %u ms", limit_ms);
        proc->pool->counts.late++;
        end = POOL_LATE;
    }
    lose(proc, end, text, true);
}

static void on_due(uv_timer_t *timer) {
    struct proc *proc = timer->data;
    struct pool *pool = proc->pool;
    char text[SMBM_TEXT_MAX];
    if (proc->state == PROC_STARTING && is_over(proc)) {
        snprintf(text, sizeof text, "the plugin host did not start within %d ms", POOL_START_MS);
        lose(proc, POOL_CRASHED, text, true);
    }
    if (proc->state == PROC_GONE && proc->hung != NULL && proc->hung->state == JOB_HELD)
        job_unhold(pool, proc->hung);
    if (proc->state != PROC_BUSY)
        return;
    if (!listen_to(proc) || proc->state != PROC_BUSY) {
        pool_wake(pool, 0); /* its bell, still to come, finds nothing to do */
        return;
    }
    check_batch(proc);
    if (proc->state != PROC_BUSY || !is_over(proc))
        return;
    end_late(proc);
}

static void answer(struct proc *proc, uint32_t type, const struct call_reply *reply) {
    struct pool *pool = proc->pool;
    struct job *job = under_way(proc);
    pool->counts.calls++;
    if (type == CALL_FAILED)
        job_fail(job, POOL_REFUSED, reply->report.evidence);
    else
        job_answer(job, POOL_ANSWERED, reply);
    if (proc->state != PROC_BUSY || job->at < job->calls_len) /* or the pool was destroyed */
        return;
    TAILQ_REMOVE(&proc->batch, job, waiting);
    proc->ended++;
    if (TAILQ_EMPTY(&proc->batch))
        become_idle(proc);
    job_end(pool, job);
}

static void refuse(struct proc *proc, const char *what) {
    char text[SMBM_TEXT_MAX];
    snprintf(text, sizeof text, "the plugin host %.150s", what);
    proc->pool->counts.crashed++;
    lose(proc, POOL_REFUSED, text, true);
}

/* Hear the answers of a piece of the slate. Returns how much of it was whole frames; less than
 * all of it when the host is lost or idle by it. */
static size_t hear(struct proc *proc, const unsigned char *bytes, size_t len) {
    struct wire_in payload;
    struct call_reply reply;
    struct err err = {0};
    size_t at = 0, whole;
    uint32_t type;
    while (proc->state == PROC_BUSY &&
           wire_frame(bytes + at, len - at, &type, &payload, &whole) == 1) {
        at += whole;
        int rc = call_get_reply(type, &payload, &reply, &err);
        if (rc == 0)
            rc = job_check_reply(under_way(proc), type, &reply, &err);
        if (rc == 0)
            answer(proc, type, &reply);
        else
            refuse(proc, err.text);
    }
    return at;
}

/* Hear what is new on the slate, copied first: what is there may change. False: the host is lost.
 */
static bool listen_to(struct proc *proc) {
    unsigned char piece[4 * CALL_ANSWER_MAX];
    bool any = false;
    while (proc->state == PROC_BUSY) {
        size_t len = slate_take(proc->slate, proc->heard, piece, sizeof piece);
        size_t whole = hear(proc, piece, len);
        proc->heard += whole;
        any = any || whole > 0;
        if (len > 0 && whole == 0)
            refuse(proc, "wrote on its slate what is no frame");
        if (whole == 0)
            break;
    }
    if (any && proc->state == PROC_BUSY)
        set_call_due(proc);
    return proc->state != PROC_GONE;
}

static bool on_frame(void *context, uint32_t type, struct wire_in *payload) {
    struct proc *proc = context;
    if (proc->state == PROC_STARTING && type == CALL_HELLO) {
        proc->pool->broken = false;
        become_idle(proc);
        pool_dispatch(proc->pool);
        return true;
    }
    if (type != CALL_BELL || payload->len != 0)
        return false;
    if (proc->state == PROC_BUSY && listen_to(proc))
        pool_dispatch(proc->pool);
    return proc->state == PROC_IDLE || proc->state == PROC_BUSY;
}

static void on_lost(void *context) {
    struct proc *proc = context;
    char end[CHILD_END_MAX], text[SMBM_TEXT_MAX];
    if (proc->state == PROC_GONE || (proc->state == PROC_BUSY && !listen_to(proc)))
        return;
    child_end(&proc->child, end);
    snprintf(text, sizeof text, "the plugin host %s", end);
    if (proc->state == PROC_BUSY || proc->child.rubbish)
        proc->pool->counts.crashed++;
    lose(proc, proc->child.rubbish ? POOL_REFUSED : POOL_CRASHED, text, is_to_blame(proc));
}

static void on_handle_closed(struct proc *proc) {
    struct pool *pool = proc->pool;
    if (--proc->handles > 0)
        return;
    TAILQ_REMOVE(&pool->procs, proc, link);
    slate_leave(proc->slate);
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
    struct job *job = proc->hung;
    proc->hung = NULL;
    proc_close(proc);
    if (job != NULL)
        job_reaped(proc->pool, job);
    pool_wake(proc->pool, 0);
}

int proc_spawn(struct pool *pool, struct err *err) {
    static const struct child_events events = {on_frame, on_lost, on_reaped};
    struct proc *proc = calloc(1, sizeof *proc);
    CLEANUP_CLOSE int slate_fd = -1;
    if (proc == NULL)
        return err_set(err, ENOMEM, "no memory for a plugin host");
    proc->slate = slate_create(&slate_fd, err);
    if (proc->slate == NULL) {
        free(proc);
        return -err->code;
    }
    proc->pool = pool;
    proc->handles = 2;
    proc->timer.data = proc;
    TAILQ_INIT(&proc->batch);
    uv_timer_init(pool->loop, &proc->timer);
    int rc = child_start(&proc->child, pool->loop, pool->host_path, "--serve", pool->directory,
                         pool->trusted_uid, slate_fd, &events, proc, err);
    proc->state = rc == 0 ? PROC_STARTING : PROC_GONE;
    TAILQ_INSERT_TAIL(&pool->procs, proc, link);
    proc->due = uv_now(pool->loop) + POOL_START_MS;
    if (rc == 0)
        look_in(proc, POOL_START_MS);
    else if (!proc->child.started)
        proc_close(proc);
    return rc;
}

static void send_batch(struct proc *proc) {
    unsigned char heads[POOL_BATCH][64];
    uv_buf_t bufs[3 * POOL_BATCH];
    unsigned count = 0;
    const struct job *job;
    for (job = TAILQ_FIRST(&proc->batch); job != NULL; job = TAILQ_NEXT(job, waiting), count++) {
        const struct call_job frame = {.id = job->id,
                                       .kind = (uint32_t)job->kind,
                                       .health = (uint32_t)job->health,
                                       .count = (uint32_t)(job->calls_len - job->at),
                                       .batch = proc->turn};
        const struct job_call *first = &job->calls[job->at],
                              *last = &job->calls[job->calls_len - 1];
        uv_buf_t *buf = &bufs[3 * count];
        char *bytes = (char *)job->bytes;
        buf[0] = uv_buf_init((char *)heads[count],
                             (unsigned)call_put_job(heads[count], sizeof heads[count], &frame));
        buf[1] = uv_buf_init(bytes, (unsigned)job->preamble);
        buf[2] =
            uv_buf_init(bytes + first->begin, (unsigned)(last->begin + last->len - first->begin));
    }
    /* A host that died while idle shows here first; on_lost says so in a moment. */
    (void)child_send(&proc->child, bufs, 3 * count);
}

void proc_begin(struct proc *proc) {
    struct pool *pool = proc->pool;
    batch_fill(proc);
    proc->heard = 0;
    proc->ended = 0;
    proc->recalled = false;
    proc->began = pool->last_begin = uv_now(pool->loop);
    slate_begin(proc->slate, ++proc->turn);
    move_to(proc, PROC_BUSY);
    set_call_due(proc);
    uint64_t limit = limit_of(under_way(proc));
    look_in(proc, limit < POOL_STALL_MS ? limit : POOL_STALL_MS);
    send_batch(proc);
}

void proc_retire(struct proc *proc) {
    move_to(proc, PROC_GONE);
    uv_timer_stop(&proc->timer);
    child_kill(&proc->child);
}
