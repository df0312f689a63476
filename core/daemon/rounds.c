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
#include "daemon/supervisor.h"
#include "daemon/words.h"

static struct round *round_of(struct supervisor *s) {
    if (s->round == NULL)
        s->round = calloc(1, sizeof *s->round);
    return s->round;
}

static const struct descriptor *plugin_of(const struct supervisor *s, size_t i) {
    const struct config_plugin *p = &s->conf.probes->items[i];
    const struct descriptor *d = registry_find(s->daemon->registry, SMBM_KIND_PROBE, p->name);
    return d != NULL && d->ok ? d : NULL;
}

/* Passive probes that want to be asked more often than the mount's interval. */
static bool is_frequent(const struct descriptor *d) {
    return (d->flags & SMBM_PROBE_PASSIVE) != 0 && d->interval_ms != 0;
}

static uint32_t frequent_ms(const struct supervisor *s) {
    uint32_t least = 0;
    for (size_t i = 0; i < s->conf.probes->len; i++) {
        const struct descriptor *d = plugin_of(s, i);
        if (d != NULL && is_frequent(d) && (least == 0 || d->interval_ms < least))
            least = d->interval_ms;
    }
    return least;
}

void rounds_schedule(struct supervisor *s, uint64_t now_ms) {
    uint32_t passive = frequent_ms(s);
    uint32_t key = schedule_key(s->conf.name);
    s->probe_due_ms = schedule_next(now_ms, s->conf.probe_interval_ms, key);
    /* The mounts of a server share one reading: they are due in the same slot. */
    s->passive_due_ms = passive != 0 ? schedule_next(now_ms, passive, 0) : 0;
    if (s->conf.idle_unmount_ms != 0 && s->idle_due_ms == 0) {
        s->idle_since_ms = now_ms;
        s->idle_due_ms = now_ms + schedule_idle_check_ms(s->conf.idle_unmount_ms);
    }
    daemon_due(s->daemon, s->probe_due_ms);
    daemon_due(s->daemon, s->passive_due_ms);
    daemon_due(s->daemon, s->idle_due_ms);
}

static void note_verdict(struct supervisor *s, size_t probe, const struct smbm_report *report) {
    const char *name = s->conf.probes->items[probe].name;
    log_put(&s->daemon->log, LOG_DEBUG, "mount '%s': %s: %s in %llu us: %s", s->conf.name, name,
            words_verdict((enum smbm_verdict)report->verdict), (unsigned long long)report->took_us,
            report->evidence);
    if (s->last_verdict[probe] == report->verdict)
        return;
    bool first_good = s->last_verdict[probe] == SMBM_UNKNOWN &&
                      (report->verdict == SMBM_HEALTHY || report->verdict == SMBM_ANSWERS);
    s->last_verdict[probe] = (uint8_t)report->verdict;
    if (words_is_server_verdict((enum smbm_verdict)report->verdict) || first_good)
        return;
    supervisor_record(s, EVENT_VERDICT, report->took_us, "%s: %s: %s", name,
                      words_verdict((enum smbm_verdict)report->verdict), report->evidence);
}

static void keep_carry(struct supervisor *s, size_t probe, const struct smbm_report *report) {
    static const uint64_t none[SMBM_CARRY_WORDS];
    if (s->carry == NULL && memcmp(report->carry, none, sizeof none) == 0)
        return;
    if (s->carry == NULL)
        s->carry = calloc(s->conf.probes->len, sizeof *s->carry);
    if (s->carry != NULL)
        memcpy(s->carry[probe], report->carry, sizeof s->carry[probe]);
}

static void add_row(struct supervisor *s, size_t call, const struct smbm_report *report) {
    struct probe_record *row = &s->round->rows[call];
    str_copy(row->probe, sizeof row->probe, s->conf.probes->items[s->round->probes[call]].name);
    str_copy(row->verdict, sizeof row->verdict, words_verdict((enum smbm_verdict)report->verdict));
    str_copy(row->evidence, sizeof row->evidence, report->evidence);
    if (report->os_errno != 0)
        str_copy(row->os_error, sizeof row->os_error, strerror(report->os_errno));
    row->took_us = report->took_us;
}

static void on_report(void *context, size_t call, enum pool_end end,
                      const struct smbm_report *report, const struct smbm_decision *decision) {
    (void)decision;
    (void)end;
    struct supervisor *s = context;
    struct round *r = s->round;
    if (call >= r->len || r->outdated)
        return;
    size_t probe = r->probes[call];
    const struct descriptor *d = plugin_of(s, probe);
    if (r->rows != NULL)
        add_row(s, call, report);
    keep_carry(s, probe, report);
    note_verdict(s, probe, report);
    if (d != NULL && d->subject == SMBM_ON_SERVER) {
        if (s->peer != NULL)
            peer_report(s->peer, report);
        return;
    }
    r->reports[call] = (struct policy_report){
        .verdict = words_policy_verdict((enum smbm_verdict)report->verdict),
        .progress = (report->flags & SMBM_REPORT_PROGRESS) != 0,
        .active = d != NULL && (d->flags & SMBM_PROBE_PASSIVE) == 0,
    };
    size_t which;
    policy_judge(r->reports, r->len, &which);
    if (which == call || r->worst.verdict == SMBM_UNKNOWN)
        r->worst = *report;
}

static void reply_to_command(struct supervisor *s) {
    struct round *r = s->round;
    struct control_reply reply;
    control_reply_init(&reply);
    size_t rows = 0;
    for (size_t i = 0; i < r->len; i++)
        rows += r->rows[i].probe[0] != '\0';
    bool failed = control_reply_begin(&reply, server_call_id(r->asked_by), 1) != 0 ||
                  control_reply_section(&reply, RECORD_PROBE, rows) != 0;
    for (size_t i = 0; i < r->len && !failed; i++)
        if (r->rows[i].probe[0] != '\0')
            failed = control_reply_row(&reply, RECORD_PROBE, &r->rows[i]) != 0;
    if (failed)
        server_error(r->asked_by, CONTROL_FAILED, "no memory for the answer");
    else
        server_reply(r->asked_by, &reply);
    control_reply_finish(&reply);
}

static void end_command(struct supervisor *s) {
    struct round *r = s->round;
    if (r->asked_by != NULL)
        reply_to_command(s);
    free(r->rows);
    r->rows = NULL;
    r->asked_by = NULL;
}

static void set_health(struct supervisor *s, enum machine_event_id event) {
    s->last_probe_ms = clock_wall_ms();
    s->health = event;
    free(s->health_text);
    s->health_text = event == MACHINE_ON_PROBE_HEALTHY ? NULL : strdup(s->round->worst.evidence);
    s->health_errno = s->round->worst.os_errno;
}

/* An answer to an older mount than the one that is there now says nothing. */
static bool is_stale(const struct supervisor *s) {
    return s->presence != MOUNT_OURS || s->round->mount_id != s->identity.id;
}

static void conclude(struct supervisor *s) {
    struct round *r = s->round;
    size_t which;
    enum machine_event_id event = policy_judge(r->reports, r->len, &which);
    uint64_t now = clock_boot_ms();
    bool answers_op = r->answers_op, stale = is_stale(s);
    r->answers_op = false;
    /* Passive eyes alone may raise a doubt. They cannot take one back, nor see that they see. */
    bool tells =
        !r->passive || (event != MACHINE_ON_PROBE_HEALTHY && event != MACHINE_ON_PROBE_BLIND);
    if (tells)
        set_health(s, event);
    if (s->machine.state == MACHINE_RECOVERING && event != MACHINE_ON_PROBE_HEALTHY &&
        event != MACHINE_ON_PROBE_BLIND)
        recovery_new_verdict(s, &r->worst);
    uint32_t passive = frequent_ms(s);
    if (!r->passive)
        s->probe_due_ms = schedule_next(now, s->conf.probe_interval_ms, schedule_key(s->conf.name));
    s->passive_due_ms = passive != 0 ? schedule_next(now, passive, 0) : 0;
    daemon_due(s->daemon, s->probe_due_ms);
    daemon_due(s->daemon, s->passive_due_ms);
    if (answers_op) {
        bool healthy = event == MACHINE_ON_PROBE_HEALTHY && !stale;
        recovery_step_ends(s, healthy, r->worst.evidence);
        supervisor_feed(s, (struct machine_event){.id = healthy ? MACHINE_ON_PROBED_HEALTHY
                                                                : MACHINE_ON_PROBED_BAD,
                                                  .op_id = r->op_id});
    } else if (!stale && tells) {
        supervisor_on(s, event);
    }
}

static void on_done(void *context, bool reaped) {
    struct supervisor *s = context;
    struct round *r = s->round;
    bool command = r->asked_by != NULL, outdated = r->outdated;
    if (!reaped) {
        r->hung_job = r->job;
        r->hung_ms = clock_boot_ms();
    }
    r->job = 0;
    r->outdated = false;
    end_command(s);
    if (outdated)
        rounds_schedule(s, clock_boot_ms());
    else if (!command || r->answers_op) /* a command shows what is; it starts no recovery */
        conclude(s);
    uint32_t op_id = r->then_op;
    r->then_op = 0;
    if (op_id != 0 && s->machine.op == MACHINE_OP_PROBE && s->machine.op_id == op_id)
        rounds_for_recovery(s, op_id);
}

static void on_reaped(void *context) {
    struct supervisor *s = context;
    s->round->hung_job = 0;
    s->round->hung_told = false;
    s->probe_due_ms = clock_boot_ms(); /* it was not looked at for long */
    daemon_due(s->daemon, s->probe_due_ms);
}

static bool add_call(struct supervisor *s, struct pool_job *job, size_t probe) {
    const struct config_plugin *p = &s->conf.probes->items[probe];
    const struct descriptor *d = plugin_of(s, probe);
    if (d == NULL || job->calls_len == POOL_CALLS_MAX)
        return false;
    struct pool_call *call = &job->calls[job->calls_len];
    *call = (struct pool_call){
        .plugin = d,
        .options = &p->options,
        .timeout_ms = words_timeout_ms(d, &p->options, s->conf.probe_timeout_ms),
    };
    if (s->carry != NULL)
        memcpy(call->carry, s->carry[probe], sizeof call->carry);
    s->round->probes[job->calls_len++] = (uint8_t)probe;
    return true;
}

static bool submit(struct supervisor *s, enum pool_kind kind, bool passive) {
    struct round *r = round_of(s);
    if (r == NULL || r->job != 0 || (r->hung_job != 0 && !passive))
        return false;
    struct pool_job job = {.kind = kind,
                           .mount = supervisor_view(s),
                           .on_report = on_report,
                           .on_done = on_done,
                           .on_reaped = on_reaped,
                           .context = s};
    for (size_t i = 0; i < s->conf.probes->len; i++) {
        const struct descriptor *d = plugin_of(s, i);
        if (d != NULL && (!passive || is_frequent(d)))
            add_call(s, &job, i);
    }
    if (job.calls_len == 0)
        return false;
    r->len = job.calls_len;
    r->passive = passive;
    r->answers_op = r->outdated = false;
    r->mount_id = s->identity.id;
    memset(r->reports, 0, sizeof r->reports);
    r->worst = (struct smbm_report){0};
    r->job = pool_submit(s->daemon->pool, &job);
    return r->job != 0;
}

/* A probe that not even SIGKILL ends is an answer as well: it counts like a late one, once in the
 * time that a new one would have had. */
static void strike_for_hanging(struct supervisor *s, uint64_t now) {
    struct round *r = s->round;
    if (now - r->hung_ms < s->conf.probe_timeout_ms) {
        s->probe_due_ms = r->hung_ms + s->conf.probe_timeout_ms;
        daemon_due(s->daemon, s->probe_due_ms);
        return;
    }
    r->hung_ms = now;
    if (!r->hung_told)
        supervisor_record(s, EVENT_STUCK, 0, "a probe hangs in the kernel; no other is started");
    r->hung_told = true;
    r->passive = false;
    r->mount_id = s->identity.id;
    r->len = 1;
    r->reports[0] = (struct policy_report){.verdict = POLICY_SUSPECT, .active = true};
    r->worst = (struct smbm_report){.verdict = SMBM_SUSPECT, .os_errno = ETIMEDOUT};
    str_copy(r->worst.evidence, sizeof r->worst.evidence,
             "an earlier probe still hangs in the kernel");
    conclude(s);
}

void rounds_start(struct supervisor *s, bool passive) {
    uint64_t now = clock_boot_ms();
    if (!passive && s->presence == MOUNT_OURS && s->round != NULL && s->round->hung_job != 0 &&
        s->round->job == 0) {
        strike_for_hanging(s, now);
        return;
    }
    if (s->presence == MOUNT_OURS && submit(s, POOL_PROBE, passive)) {
        s->passive_due_ms = 0; /* set anew when the round ends */
        if (!passive)
            s->probe_due_ms = 0;
        return;
    }
    rounds_schedule(s, now);
}

void rounds_for_recovery(struct supervisor *s, uint32_t op_id) {
    struct round *r = round_of(s);
    if (r != NULL && r->job != 0 && (r->outdated || r->passive || is_stale(s))) {
        r->then_op = op_id; /* this one cannot answer the question */
        return;
    }
    if (r != NULL && (r->job != 0 || submit(s, POOL_PROBE, false))) {
        r->answers_op = true;
        r->op_id = op_id;
        return;
    }
    recovery_step_ends(s, false,
                       r != NULL && r->hung_job != 0 ? "the last probe still hangs in the kernel"
                                                     : "no probe could be started");
    supervisor_feed(s, (struct machine_event){.id = MACHINE_ON_PROBED_BAD, .op_id = op_id});
}

bool rounds_for_command(struct supervisor *s, struct server_call *call) {
    struct round *r = round_of(s);
    if (r == NULL || r->job != 0)
        return false;
    r->rows = calloc(CONFIG_PLUGINS_MAX, sizeof *r->rows);
    if (r->rows == NULL)
        return false;
    r->asked_by = call;
    if (submit(s, POOL_ALL, false))
        return true;
    r->asked_by = NULL;
    free(r->rows);
    r->rows = NULL;
    return false;
}

/* Nobody waits for the round under way any more. */
static void dismiss(struct supervisor *s, const char *why) {
    struct round *r = s->round;
    if (r->asked_by != NULL)
        server_error(r->asked_by, CONTROL_FAILED, "%s", why);
    free(r->rows);
    r->rows = NULL;
    r->asked_by = NULL;
    if (!r->answers_op)
        return;
    r->answers_op = false;
    recovery_step_ends(s, false, why);
    supervisor_feed(s, (struct machine_event){.id = MACHINE_ON_PROBED_BAD, .op_id = r->op_id});
}

void rounds_forget(struct supervisor *s, const char *why) {
    if (s->round == NULL || s->round->job == 0)
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
