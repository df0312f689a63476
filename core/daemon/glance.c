/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Glances: passive probes asked often. They should not hang, so they go on beside a round that
 * does; one that cannot be killed is the last one until it is gone.
 * They may raise a doubt; they cannot take one back. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/schedule.h"
#include "daemon/verdicts.h"

#define SUSPICIONS_MAX 3u /* so many in a row, and the share itself is asked */

/* Passive probes that want to be asked more often than the mount's interval. */
static bool is_frequent(const struct descriptor *d) {
    return (d->flags & SMBM_PROBE_PASSIVE) != 0 && d->interval_ms != 0;
}

static uint32_t frequent_ms(const struct supervisor *s) {
    uint32_t least = 0;
    for (size_t i = 0; i < s->conf.probes->len; i++) {
        const struct descriptor *d = verdicts_plugin(s, i);
        if (d != NULL && is_frequent(d) && (least == 0 || d->interval_ms < least))
            least = d->interval_ms;
    }
    return least;
}

void glance_schedule(struct supervisor *s, uint64_t now_ms) {
    uint32_t interval = frequent_ms(s);
    /* The mounts of a server share one reading: they are due in the same slot. */
    s->glance_due_ms = interval != 0 ? schedule_next(now_ms, interval, 0) : 0;
    daemon_due(s->daemon, s->glance_due_ms);
}

/* A doubt: look again soon; when it stays, ask the share itself. */
static void doubt(struct supervisor *s) {
    struct glance *g = s->glance;
    if (++g->suspicions >= SUSPICIONS_MAX) {
        g->suspicions = 0;
        rounds_start(s);
        return;
    }
    s->glance_due_ms = clock_boot_ms() + POLICY_RECHECK_MS;
    daemon_due(s->daemon, s->glance_due_ms);
}

static void conclude(struct supervisor *s) {
    struct glance *g = s->glance;
    size_t which;
    enum machine_event_id event = policy_judge(g->look.reports, g->look.len, NULL, &which);
    glance_schedule(s, clock_boot_ms());
    if (verdicts_stale(s, &g->look) || s->machine.state != MACHINE_MOUNTED)
        return;
    if (event == MACHINE_ON_PROBE_SLOW) {
        doubt(s);
        return;
    }
    g->suspicions = 0;
    if (event == MACHINE_ON_PROBE_HEALTHY || event == MACHINE_ON_PROBE_BLIND)
        return;
    verdicts_health(s, &g->look, event);
    supervisor_on(s, event);
}

static void on_report(void *context, size_t call, enum pool_end end,
                      const struct smbm_report *report, const struct smbm_decision *decision) {
    (void)decision;
    struct supervisor *s = context;
    if (call < s->glance->look.len && !s->glance->outdated)
        verdicts_take(s, &s->glance->look, call, end, report);
}

static void on_reaped(void *context) {
    struct supervisor *s = context;
    s->glance->hung_job = 0;
}

static void end(struct supervisor *s) {
    bool outdated = s->glance->outdated;
    s->glance->outdated = false;
    if (outdated)
        glance_schedule(s, clock_boot_ms());
    else
        conclude(s);
}

static void on_done(void *context, bool reaped) {
    struct supervisor *s = context;
    struct glance *g = s->glance;
    if (!reaped)
        g->hung_job = g->job;
    g->job = 0;
    g->asks = !g->outdated && verdicts_ask_server(s, &g->look);
    if (!g->asks)
        end(s);
}

void glance_server_asked(struct supervisor *s) {
    if (s->glance == NULL || !s->glance->asks)
        return;
    s->glance->asks = false;
    end(s);
}

static bool submit(struct supervisor *s) {
    struct pool_job job = {.kind = POOL_PROBE,
                           .mount = supervisor_view(s),
                           .on_report = on_report,
                           .on_done = on_done,
                           .on_reaped = on_reaped,
                           .context = s};
    if (s->glance == NULL)
        s->glance = calloc(1, sizeof *s->glance);
    if (s->glance == NULL || s->glance->job != 0 || s->glance->asks || s->glance->hung_job != 0)
        return false; /* else one more process would hang each time */
    verdicts_begin(s, &s->glance->look);
    for (size_t i = 0; i < s->conf.probes->len; i++) {
        const struct descriptor *d = verdicts_plugin(s, i);
        /* The server is only asked when something is suspicious (call_is_due), but then it must
         * be: what is done about a dead connection depends on it. */
        if (d != NULL && (is_frequent(d) || d->subject == SMBM_ON_SERVER))
            verdicts_add_call(s, &s->glance->look, &job, i);
    }
    if (frequent_ms(s) == 0 || job.calls_len == 0)
        return false;
    s->glance->job = pool_submit(s->daemon->pool, &job);
    return s->glance->job != 0;
}

void glance_start(struct supervisor *s) {
    s->glance_due_ms = 0; /* set anew when it ends */
    if (s->presence != MOUNT_OURS || !submit(s))
        glance_schedule(s, clock_boot_ms());
}

void glance_forget(struct supervisor *s) {
    if (s->glance == NULL)
        return;
    s->glance->suspicions = 0;
    s->glance->outdated = s->glance->job != 0 || s->glance->asks;
}

void glance_finish(struct supervisor *s) {
    if (s->glance != NULL && s->glance->job != 0)
        pool_cancel(s->daemon->pool, s->glance->job);
    if (s->glance != NULL && s->glance->hung_job != 0)
        pool_cancel(s->daemon->pool, s->glance->hung_job);
    free(s->glance);
    s->glance = NULL;
}
