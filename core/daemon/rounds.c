/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Rounds of probes of one mount: when, which, and what their answers come to. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "daemon/schedule.h"
#include "daemon/verdicts.h"
#include "daemon/words.h"

static struct round *round_of(struct supervisor *s) {
    if (s->round == NULL)
        s->round = calloc(1, sizeof *s->round);
    return s->round;
}

void rounds_schedule(struct supervisor *s, uint64_t now_ms) {
    s->probe_due_ms = schedule_next(now_ms, s->conf.probe_interval_ms, schedule_key(s->conf.name));
    if (s->conf.idle_unmount_ms != 0 && s->idle_due_ms == 0) {
        s->idle_since_ms = now_ms;
        s->idle_due_ms = now_ms + schedule_idle_check_ms(s->conf.idle_unmount_ms);
    }
    daemon_due(s->daemon, s->probe_due_ms);
    daemon_due(s->daemon, s->idle_due_ms);
}

static bool is_under_way(const struct round *r) {
    return r != NULL && (r->job != 0 || r->asks);
}

static void on_report(void *context, size_t call, enum pool_end end,
                      const struct smbm_report *report, const struct smbm_decision *decision) {
    (void)decision;
    struct supervisor *s = context;
    struct round *r = s->round;
    if (call >= r->look.len || r->outdated)
        return;
    askers_note(&r->askers, call, s->conf.probes->items[r->look.probes[call]].name, report);
    if (!r->slept)
        verdicts_take(s, &r->look, call, end, report);
}

static void conclude(struct supervisor *s) {
    struct round *r = s->round;
    size_t which;
    const struct policy_signs signs = verdicts_signs(s);
    enum machine_event_id event = policy_judge(r->look.reports, r->look.len, &signs, &which);
    bool answers_op = r->answers_op, stale = verdicts_stale(s, &r->look);
    r->answers_op = false;
    if (event == MACHINE_ON_PROBE_HEALTHY)
        s->pulse.late_since_ms = 0;
    else if (s->pulse.late_since_ms == 0)
        s->pulse.late_since_ms = clock_boot_ms();
    verdicts_health(s, &r->look, event);
    if (s->machine.state == MACHINE_RECOVERING && event != MACHINE_ON_PROBE_HEALTHY &&
        event != MACHINE_ON_PROBE_BLIND)
        recovery_new_verdict(s, &r->look.worst);
    rounds_schedule(s, clock_boot_ms());
    if (answers_op) {
        /* Slow while data moves is alive: to go on would cut a mount that works. */
        bool healthy =
            (event == MACHINE_ON_PROBE_HEALTHY || event == MACHINE_ON_PROBE_SLOW) && !stale;
        recovery_step_ends(s, healthy, r->look.worst.evidence);
        supervisor_feed(s, (struct machine_event){.id = healthy ? MACHINE_ON_PROBED_HEALTHY
                                                                : MACHINE_ON_PROBED_BAD,
                                                  .op_id = r->op_id});
    } else if (!stale) {
        supervisor_on(s, event);
    }
}

/* Nothing of it is under way or waited for: 10,000 quiet mounts keep none. */
static void release_round(struct supervisor *s) {
    const struct round *r = s->round;
    if (is_under_way(r) || r->hung_job != 0 || r->next.len != 0 || r->then_op != 0)
        return;
    free(s->round);
    s->round = NULL;
}

static void begin_next(struct supervisor *s);

static void probe_now(struct supervisor *s) {
    s->probe_due_ms = clock_boot_ms();
    daemon_due(s->daemon, s->probe_due_ms);
}

/* A round that judges goes before those that only show: scripts may ask without end. */
static void begin_another(struct supervisor *s, bool again) {
    struct round *r = s->round;
    if (again && is_under_way(r))
        r->again = true;
    else if (again && s->machine.state == MACHINE_MOUNTED)
        rounds_start(s);
    else if (again)
        probe_now(s);
    begin_next(s);
}

static void end(struct supervisor *s) {
    struct round *r = s->round;
    bool command = r->for_command, unusable = r->outdated || r->slept, again = r->again;
    r->outdated = r->slept = r->again = false;
    r->for_command = false;
    askers_reply(&r->askers, r->look.len);
    if (unusable)
        rounds_schedule(s, clock_boot_ms());
    else if (!command || r->answers_op) /* a command shows what is; it starts no recovery */
        conclude(s);
    uint32_t op_id = r->then_op;
    r->then_op = 0;
    if (op_id != 0 && s->machine.op == MACHINE_OP_PROBE && s->machine.op_id == op_id)
        rounds_for_recovery(s, op_id);
    begin_another(s, again);
    release_round(s);
}

static void on_done(void *context, bool reaped) {
    struct supervisor *s = context;
    struct round *r = s->round;
    if (!reaped) {
        r->hung_job = r->job;
        r->hung_ms = clock_boot_ms();
        r->missed = false;
    }
    r->job = 0;
    r->asks = !r->outdated && !r->slept && verdicts_ask_server(s, &r->look);
    if (!r->asks)
        end(s);
}

void rounds_server_asked(struct supervisor *s) {
    if (s->round == NULL || !s->round->asks)
        return;
    s->round->asks = false;
    end(s);
}

static void on_reaped(void *context) {
    struct supervisor *s = context;
    struct round *r = s->round;
    bool missed = r->missed;
    r->hung_job = 0;
    r->hung_told = false;
    begin_next(s);
    release_round(s);
    if (!missed) /* gone at once, as most are: what is due is due as before */
        return;
    probe_now(s);
}

static bool submit(struct supervisor *s, enum pool_kind kind) {
    struct round *r = round_of(s);
    if (r == NULL || is_under_way(r) || r->hung_job != 0)
        return false;
    verdicts_begin(s, &r->look);
    struct pool_job job = {.kind = kind,
                           .mount = supervisor_view(s),
                           .on_report = on_report,
                           .on_done = on_done,
                           .on_reaped = on_reaped,
                           .context = s};
    for (size_t i = 0; i < s->conf.probes->len; i++) {
        const struct descriptor *d = verdicts_plugin(s, i);
        /* With nothing of ours mounted they would look at the folder below. */
        bool asks_share =
            d != NULL && d->subject == SMBM_ON_MOUNT && (d->flags & SMBM_PROBE_PASSIVE) == 0;
        if (s->presence == MOUNT_OURS || !asks_share)
            verdicts_add_call(s, &r->look, &job, i);
    }
    if (job.calls_len == 0)
        return false;
    r->answers_op = r->outdated = r->slept = r->again = false;
    r->job = pool_submit(s->daemon->pool, &job);
    return r->job != 0;
}

/* Those who waited for the round before get one of their own. */
static void begin_next(struct supervisor *s) {
    struct round *r = s->round;
    if (r->next.len == 0 || is_under_way(r) || r->hung_job != 0)
        return;
    r->askers = r->next;
    r->next = (struct askers){.len = 0};
    r->for_command = submit(s, POOL_ALL);
    if (!r->for_command)
        askers_refuse(&r->askers, "no probe of this mount could be started");
}

/* A probe that not even SIGKILL ends is an answer as well: it counts like a late one, once in the
 * time that a new one would have had. */
static void strike_for_hanging(struct supervisor *s, uint64_t now) {
    struct round *r = s->round;
    bool older = verdicts_stale(s, &r->look); /* it says nothing of the mount that is there now */
    r->missed = true;
    if (older || now - r->hung_ms < s->conf.probe_timeout_ms) {
        s->probe_due_ms = (older ? now : r->hung_ms) + s->conf.probe_timeout_ms;
        daemon_due(s->daemon, s->probe_due_ms);
        return;
    }
    r->hung_ms = now;
    if (!r->hung_told)
        supervisor_record(s, EVENT_STUCK, 0, "a probe hangs in the kernel; no other is started");
    r->hung_told = true;
    askers_refuse(&r->next, "the probe before this one hangs in the kernel");
    verdicts_begin(s, &r->look);
    r->look.len = 1;
    r->look.reports[0] = (struct policy_report){.verdict = POLICY_SUSPECT, .active = true};
    r->look.worst = (struct smbm_report){.verdict = SMBM_SUSPECT, .os_errno = ETIMEDOUT};
    str_copy(r->look.worst.evidence, sizeof r->look.worst.evidence,
             "an earlier probe still hangs in the kernel");
    conclude(s);
}

void rounds_start(struct supervisor *s) {
    uint64_t now = clock_boot_ms();
    if (is_under_way(s->round) && s->round->for_command)
        s->round->again = true;
    if (s->presence == MOUNT_OURS && s->round != NULL && s->round->hung_job != 0 &&
        !is_under_way(s->round)) {
        strike_for_hanging(s, now);
        return;
    }
    if (s->presence == MOUNT_OURS && submit(s, POOL_PROBE))
        s->probe_due_ms = 0; /* set anew when the round ends */
    else
        rounds_schedule(s, now);
}

void rounds_soon(struct supervisor *s) {
    if (is_under_way(s->round))
        s->round->again = true;
    else /* by the timer: after all mounts were adopted, not between them */
        probe_now(s);
}

void rounds_woke(struct supervisor *s, uint64_t now_ms) {
    struct round *r = s->round;
    if (r == NULL)
        return;
    r->hung_ms = now_ms; /* it had no time to end */
    if (!is_under_way(r))
        return;
    r->slept = true;
    if (r->answers_op)
        r->then_op = r->op_id;
    r->answers_op = false;
    if (r->job != 0)
        pool_expire(s->daemon->pool, r->job, "cut short, for the machine slept meanwhile");
    else
        rounds_server_asked(s);
}

void rounds_for_recovery(struct supervisor *s, uint32_t op_id) {
    struct round *r = round_of(s);
    if (is_under_way(r) && (r->outdated || r->slept || verdicts_stale(s, &r->look))) {
        r->then_op = op_id; /* this one cannot answer the question */
        return;
    }
    if (r != NULL && (is_under_way(r) || submit(s, POOL_PROBE))) {
        r->answers_op = true;
        r->op_id = op_id;
        return;
    }
    if (s->peer != NULL)
        peer_ask(s->peer, NULL); /* the next decision needs to know */
    recovery_step_ends(s, false,
                       r != NULL && r->hung_job != 0 ? "the last probe still hangs in the kernel"
                                                     : "no probe could be started");
    supervisor_feed(s, (struct machine_event){.id = MACHINE_ON_PROBED_BAD, .op_id = op_id});
}

bool rounds_for_command(struct supervisor *s, struct server_call *call) {
    struct round *r = round_of(s);
    if (r == NULL || r->hung_told || !askers_add(&r->next, call))
        return false;
    begin_next(s);
    return true;
}

void rounds_forget_call(struct supervisor *s, const struct server_call *call) {
    if (s->round == NULL)
        return;
    askers_forget(&s->round->askers, call);
    askers_forget(&s->round->next, call);
}

/* Nobody waits for the round under way any more. */
static void dismiss(struct supervisor *s, const char *why) {
    struct round *r = s->round;
    askers_refuse(&r->askers, why);
    askers_refuse(&r->next, why);
    if (!r->answers_op)
        return;
    r->answers_op = false;
    recovery_step_ends(s, false, why);
    supervisor_feed(s, (struct machine_event){.id = MACHINE_ON_PROBED_BAD, .op_id = r->op_id});
}

void rounds_forget(struct supervisor *s, const char *why) {
    if (!is_under_way(s->round))
        return;
    s->round->outdated = true;
    dismiss(s, why);
}

void rounds_finish(struct supervisor *s) {
    struct round *r = s->round;
    if (r == NULL)
        return;
    if (r->job != 0)
        pool_cancel(s->daemon->pool, r->job);
    if (r->hung_job != 0)
        pool_cancel(s->daemon->pool, r->hung_job);
    dismiss(s, "the mount is no longer configured");
    free(r);
    s->round = NULL;
}
