/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A recovery under way: asking the chain of plugins, remembering the steps taken. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "daemon/plugin_faults.h"
#include "daemon/supervisor.h"
#include "daemon/verdicts.h"
#include "daemon/words.h"

#define NEXT_MS 3000u /* on a busy machine, too: the one after it may be harsher */

static const struct descriptor *plugin_at(const struct supervisor *s, size_t i) {
    const struct config_chain *chain = s->conf.recovery;
    if (i >= chain->len)
        return NULL;
    const struct descriptor *d =
        registry_find(s->daemon->registry, SMBM_KIND_RECOVERY, chain->items[i].name);
    return d != NULL && d->ok ? d : NULL;
}

void recovery_begin(struct supervisor *s) {
    if (s->recovery == NULL)
        s->recovery = calloc(1, sizeof *s->recovery);
    struct recovery *r = s->recovery;
    if (r == NULL)
        return;
    r->attempt_ms = clock_boot_ms();
    r->attempt = s->machine.attempt;
    r->verdict = SMBM_DEAD;
    if (s->machine.reason == MACHINE_FOR_DENIED)
        r->verdict = SMBM_DENIED;
    else if (s->machine.reason == MACHINE_FOR_GONE)
        r->verdict = SMBM_GONE;
    else if (s->machine.reason == MACHINE_FOR_SUSPECT)
        r->verdict = SMBM_SUSPECT;
    if (s->health_text != NULL && s->machine.reason != MACHINE_FOR_VANISHED)
        str_copy(r->evidence, sizeof r->evidence, s->health_text);
    r->os_errno = s->health_errno;
}

void recovery_end(struct supervisor *s) {
    if (s->question != 0)
        pool_cancel(s->daemon->pool, s->question);
    s->question = 0;
    free(s->recovery);
    s->recovery = NULL;
}

void recovery_new_verdict(struct supervisor *s, const struct smbm_report *report) {
    struct recovery *r = s->recovery;
    if (r == NULL || report->verdict == SMBM_UNKNOWN)
        return;
    r->verdict = (enum smbm_verdict)report->verdict;
    r->os_errno = report->os_errno;
    str_copy(r->evidence, sizeof r->evidence, report->evidence);
}

void recovery_step_begins(struct supervisor *s, enum smbm_step step) {
    struct recovery *r = s->recovery;
    if (r == NULL)
        return;
    r->step = step;
    r->step_ms = clock_boot_ms();
}

static void push_step(struct recovery *r, uint64_t now, bool ok) {
    if (r->steps_len == SMBM_STEPS_MAX) {
        memmove(r->steps, r->steps + 1, (SMBM_STEPS_MAX - 1) * sizeof r->steps[0]);
        memmove(r->ended_ms, r->ended_ms + 1, (SMBM_STEPS_MAX - 1) * sizeof r->ended_ms[0]);
        r->steps_len--;
    }
    r->ended_ms[r->steps_len] = now;
    r->steps[r->steps_len++] = (struct smbm_done){
        .step = r->step,
        .outcome = ok ? SMBM_OUTCOME_OK : SMBM_OUTCOME_FAILED,
        .took_ms = now - r->step_ms,
    };
}

static void end_step(struct supervisor *s, bool ok, const char *outcome, const char *words) {
    struct recovery *r = s->recovery;
    if (r == NULL || r->step == SMBM_STEP_PASS)
        return;
    uint64_t now = clock_boot_ms();
    push_step(r, now, ok);
    supervisor_record(s, EVENT_STEP_DONE, now - r->step_ms, "%s%s%s", outcome,
                      words[0] != '\0' ? ": " : "", words);
    r->step = SMBM_STEP_PASS;
}

void recovery_step_ends(struct supervisor *s, bool ok, const char *words) {
    end_step(s, ok, ok ? "ok" : "failed", words);
}

void recovery_step_needless(struct supervisor *s, const char *words) {
    end_step(s, false, "needless", words);
}

/* A wait is over when the chain is asked again. */
static void end_wait(struct supervisor *s) {
    struct recovery *r = s->recovery;
    if (r->step != SMBM_STEP_WAIT && r->step != SMBM_STEP_AWAIT)
        return;
    push_step(r, clock_boot_ms(),
              r->step == SMBM_STEP_WAIT || (s->peer != NULL && !peer_is_bad(s->peer)));
    r->step = SMBM_STEP_PASS;
}

static void new_attempt(struct supervisor *s) {
    struct recovery *r = s->recovery;
    if (r->attempt == s->machine.attempt)
        return;
    r->attempt = s->machine.attempt;
    r->attempt_ms = clock_boot_ms();
    r->steps_len = 0;
}

/* Nobody had time to heal while the machine slept: what was before counts from its waking. */
static uint64_t span(const struct supervisor *s, uint64_t since_ms, uint64_t now_ms) {
    uint64_t woke = s->daemon->woke_ms;
    return now_ms - (since_ms > woke ? since_ms : woke);
}

static void fill_situation(struct supervisor *s, struct smbm_situation *to) {
    struct recovery *r = s->recovery;
    uint64_t now = clock_boot_ms(), net = s->daemon->network_changed_ms;
    *to = (struct smbm_situation){
        .size = sizeof *to,
        .verdict = r->verdict,
        .os_errno = r->os_errno,
        .attempt = s->machine.attempt,
        .mounted = s->presence == MOUNT_OURS,
        .server = s->peer != NULL ? peer_news(s->peer, now) : SMBM_UNKNOWN,
        .server_since_ms = s->peer != NULL ? span(s, s->peer->since_ms, now) : 0,
        .network_changed_ms = net != 0 ? now - net : UINT64_MAX,
        .outage_ms = s->machine.outage_ms != 0 ? span(s, s->machine.outage_ms, now) : 0,
        .attempt_ms = span(s, r->attempt_ms, now),
        .random = daemon_random(s->daemon),
        .flags = verdicts_flags(s),
        .server_flags =
            s->peer != NULL && peer_has_moved(s->peer, s->address) ? SMBM_REPORT_MOVED : 0,
        .steps_len = r->steps_len,
    };
    memcpy(to->carry, r->carry[r->chain_at], sizeof to->carry);
    for (uint32_t i = 0; i < r->steps_len; i++) {
        to->steps[i] = r->steps[i];
        to->steps[i].ago_ms = now - r->ended_ms[i];
    }
    str_copy(to->evidence, sizeof to->evidence, r->evidence);
}

static void decided(struct supervisor *s, const struct smbm_decision *decision) {
    struct recovery *r = s->recovery;
    enum smbm_step step = (enum smbm_step)decision->step;
    /* A server may be away for days: the same wait, asked for once a minute, is told once. */
    bool again = step == SMBM_STEP_AWAIT && r->decision.step == SMBM_STEP_AWAIT &&
                 strcmp(r->decision.reason, decision->reason) == 0;
    r->decision = *decision;
    if (step == SMBM_STEP_WAIT || step == SMBM_STEP_AWAIT)
        recovery_step_begins(s, step);
    if (!again)
        supervisor_record(s, EVENT_STEP, step, "%s: %s%s%s",
                          s->conf.recovery->items[r->chain_at].name, words_step(step),
                          decision->reason[0] != '\0' ? ": " : "", decision->reason);
    log_put(&s->daemon->log, again ? LOG_DEBUG : LOG_INFO, "mount '%s': recovery step %s (%s): %s",
            s->conf.name, words_step(step), s->conf.recovery->items[r->chain_at].name,
            decision->reason);
    supervisor_feed(s, (struct machine_event){.id = words_decision_event(step),
                                              .op_id = s->op_id,
                                              .wait_ms = decision->wait_ms,
                                              .away = s->peer != NULL && peer_is_bad(s->peer)});
}

static void ask_from(struct supervisor *s, size_t i);

static void note_fault(struct supervisor *s, enum pool_end end, const char *text) {
    const struct descriptor *d = plugin_at(s, s->recovery->chain_at);
    if (d != NULL)
        plugin_faults_note(&s->daemon->plugin_faults, d, end, s->conf.name, text, clock_wall_ms());
}

static void on_report(void *context, size_t call, enum pool_end end,
                      const struct smbm_report *report, const struct smbm_decision *decision) {
    (void)call;
    (void)report;
    struct supervisor *s = context;
    struct recovery *r = s->recovery;
    s->question = 0;
    if (r == NULL)
        return;
    const char *name = s->conf.recovery->items[r->chain_at].name;
    note_fault(s, end, decision->reason);
    if (end != POOL_ANSWERED) {
        supervisor_record(s, EVENT_PLUGIN, 0, "%s: %s; the next plugin is asked", name,
                          decision->reason);
        ask_from(s, r->chain_at + 1);
        return;
    }
    memcpy(r->carry[r->chain_at], decision->carry, sizeof decision->carry);
    if (decision->step == SMBM_STEP_PASS)
        ask_from(s, r->chain_at + 1);
    else
        decided(s, decision);
}

static void on_done(void *context, bool reaped) {
    (void)context;
    (void)reaped; /* a recovery plugin holds no mount: another may be asked at once */
}

static bool submit(struct supervisor *s, size_t i, const struct descriptor *d) {
    struct recovery *r = s->recovery;
    const struct option_values *options = &s->conf.recovery->items[i].options;
    r->chain_at = i;
    struct pool_job job = {
        .kind = POOL_NEXT,
        .mount = supervisor_view(s),
        .calls = {{.plugin = d, .options = options, .timeout_ms = NEXT_MS}},
        .calls_len = 1,
        .on_report = on_report,
        .on_done = on_done,
        .context = s,
    };
    fill_situation(s, &job.situation);
    r->knows_server = job.situation.server != SMBM_UNKNOWN;
    memcpy(job.calls[0].carry, r->carry[i], sizeof r->carry[i]);
    s->question = pool_submit(s->daemon->pool, &job);
    return s->question != 0;
}

static void ask_from(struct supervisor *s, size_t i) {
    const struct config_chain *chain = s->conf.recovery;
    for (; i < chain->len; i++) {
        const struct descriptor *d = plugin_at(s, i);
        if (d != NULL && submit(s, i, d))
            return;
    }
    supervisor_record(s, EVENT_STEP, SMBM_STEP_GIVE_UP,
                      "no plugin of the chain has anything more to say");
    supervisor_result(s, MACHINE_ON_DECIDED_GIVE_UP);
}

void recovery_decide(struct supervisor *s) {
    if (s->recovery == NULL)
        recovery_begin(s);
    if (s->recovery == NULL) { /* no memory: try again later */
        supervisor_feed(s, (struct machine_event){
                               .id = MACHINE_ON_DECIDED_WAIT, .op_id = s->op_id, .wait_ms = 1000});
        return;
    }
    end_wait(s);
    new_attempt(s);
    ask_from(s, 0);
}

bool recovery_learns(const struct supervisor *s) {
    return s->machine.awaiting && s->recovery != NULL && !s->recovery->knows_server;
}

void recovery_ask_again(struct supervisor *s) {
    struct recovery *r = s->recovery;
    if (r == NULL)
        return;
    memset(r->carry, 0, sizeof r->carry);
    r->chain_at = 0;
    if (s->question == 0)
        return;
    pool_cancel(s->daemon->pool, s->question);
    s->question = 0;
    if (s->machine.op == MACHINE_OP_DECIDE) {
        ask_from(s, 0);
    } else {
        recovery_step_ends(s, false, "the configuration changed meanwhile");
        supervisor_result(s, MACHINE_ON_STEP_FAILED);
    }
}

static void on_called(void *context, size_t call, enum pool_end end,
                      const struct smbm_report *report, const struct smbm_decision *decision) {
    (void)call;
    (void)decision;
    struct supervisor *s = context;
    s->question = 0;
    bool ok = end == POOL_ANSWERED && report->verdict == SMBM_HEALTHY;
    if (s->recovery != NULL)
        note_fault(s, end, report->evidence);
    recovery_step_ends(s, ok, report->evidence);
    supervisor_result(s, ok ? MACHINE_ON_STEP_OK : MACHINE_ON_STEP_FAILED);
}

void recovery_call(struct supervisor *s) {
    struct recovery *r = s->recovery;
    const struct descriptor *d = r != NULL ? plugin_at(s, r->chain_at) : NULL;
    if (d != NULL) {
        struct pool_job job = {
            .kind = POOL_RUN,
            .mount = supervisor_view(s),
            .calls = {{.plugin = d,
                       .options = &s->conf.recovery->items[r->chain_at].options,
                       .timeout_ms = r->decision.timeout_ms != 0 ? r->decision.timeout_ms
                                                                 : s->conf.probe_timeout_ms}},
            .calls_len = 1,
            .on_report = on_called,
            .on_done = on_done,
            .context = s,
        };
        s->question = pool_submit(s->daemon->pool, &job);
        if (s->question != 0)
            return;
    }
    recovery_step_ends(s, false, "the plugin could not be called");
    supervisor_result(s, MACHINE_ON_STEP_FAILED);
}
