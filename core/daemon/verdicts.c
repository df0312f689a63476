/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/verdicts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "daemon/plugin_faults.h"
#include "daemon/words.h"

const struct descriptor *verdicts_plugin(const struct supervisor *s, size_t i) {
    const struct config_plugin *p = &s->conf.probes->items[i];
    const struct descriptor *d = registry_find(s->daemon->registry, SMBM_KIND_PROBE, p->name);
    return d != NULL && d->ok ? d : NULL;
}

bool verdicts_add_call(struct supervisor *s, struct look *look, struct pool_job *job,
                       size_t probe) {
    const struct config_plugin *p = &s->conf.probes->items[probe];
    const struct descriptor *d = verdicts_plugin(s, probe);
    if (d == NULL || job->calls_len == POOL_CALLS_MAX)
        return false;
    if (d->subject == SMBM_ON_SERVER && job->kind == POOL_PROBE && s->peer != NULL) {
        bool leave = s->conf.probes->len > 1 && peer_asks_as(s->peer, d, &p->options);
        look->leaves_to_peer |= leave;
        if (leave || peer_is_known(s->peer, clock_boot_ms()))
            return false;
    }
    struct pool_call *call = &job->calls[job->calls_len];
    *call = (struct pool_call){
        .plugin = d,
        .options = &p->options,
        .timeout_ms = words_timeout_ms(d, &p->options, s->conf.probe_timeout_ms),
    };
    if (s->carry != NULL)
        memcpy(call->carry, s->carry[probe], sizeof call->carry);
    look->probes[job->calls_len++] = (uint8_t)probe;
    look->len = job->calls_len;
    return true;
}

void verdicts_begin(const struct supervisor *s, struct look *look) {
    look->len = 0;
    look->mount = s->identity;
    look->worst = (struct smbm_report){0};
    look->blind[0] = '\0';
    look->seen = look->leaves_to_peer = false;
    look->health = CALL_WELL;
    memset(look->reports, 0, sizeof look->reports);
}

/* One more question would only stand before the kernel's own in the queue of a mute server. Whom
 * the kernel gave an error does not wait any more, and what a recovery decides depends on it. */
static bool kernel_asks(const struct supervisor *s, const struct look *look) {
    int error = look->worst.os_errno;
    return s->machine.state == MACHINE_MOUNTED && look->worst.verdict == SMBM_SUSPECT &&
           (error == 0 || error == ETIMEDOUT) && (verdicts_flags(s) & SMBM_REPORT_UNANSWERED) != 0;
}

bool verdicts_ask_server(struct supervisor *s, const struct look *look) {
    return look->leaves_to_peer && s->peer != NULL && !kernel_asks(s, look) &&
           call_is_due(CALL_KIND_PROBE, SMBM_ON_SERVER, look->health) &&
           (s->peer->job != 0 || !peer_is_known(s->peer, clock_boot_ms())) &&
           peer_ask(s->peer, s->address[0] != '\0' ? s->address : NULL);
}

void verdicts_server_asked(struct supervisor *s) {
    rounds_server_asked(s);
    glance_server_asked(s);
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
    enum smbm_verdict verdict = (enum smbm_verdict)report->verdict;
    log_put(&s->daemon->log, verdict == SMBM_HEALTHY ? LOG_INFO : LOG_WARNING,
            "mount '%s': %s is %s now: %s", s->conf.name, name, words_verdict(verdict),
            report->evidence);
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

/* The newest signs of life, of whichever probe tells of them. */
static void feel_pulse(struct supervisor *s, size_t probe, const struct smbm_report *report) {
    if (report->flags == 0 && s->pulse.probe != probe)
        return;
    s->pulse.flags = report->flags;
    s->pulse.probe = (uint8_t)probe;
    s->pulse.felt_ms = clock_boot_ms();
    free(s->pulse.text);
    s->pulse.text = report->flags != 0 ? strdup(report->evidence) : NULL;
}

uint32_t verdicts_flags(const struct supervisor *s) {
    return clock_boot_ms() - s->pulse.felt_ms <= PULSE_FRESH_MS ? s->pulse.flags : 0;
}

struct policy_signs verdicts_signs(const struct supervisor *s) {
    uint64_t now = clock_boot_ms();
    uint32_t flags = verdicts_flags(s);
    enum smbm_verdict server = s->peer != NULL ? peer_news(s->peer, now) : SMBM_UNKNOWN;
    return (struct policy_signs){
        .data = (flags & SMBM_REPORT_PROGRESS) != 0,
        .alive = (flags & SMBM_REPORT_ALIVE) != 0,
        .server_bad = server != SMBM_UNKNOWN && server != SMBM_ANSWERS,
        .late_ms = s->pulse.late_since_ms != 0 ? now - s->pulse.late_since_ms : 0,
    };
}

/* A report that the pool wrote in the plugin's place does not say whose it is. */
static void keep_worst(const struct supervisor *s, struct look *look, size_t probe,
                       enum pool_end end, const struct smbm_report *report) {
    look->worst = *report;
    if (end != POOL_ANSWERED)
        snprintf(look->worst.evidence, sizeof look->worst.evidence, "probe plugin '%s': %.150s",
                 s->conf.probes->items[probe].name, report->evidence);
}

static void note_sight(struct look *look, const struct smbm_report *report) {
    if (report->verdict != SMBM_BLIND)
        look->seen = true;
    else if (look->blind[0] == '\0')
        str_copy(look->blind, sizeof look->blind, report->evidence);
}

void verdicts_take(struct supervisor *s, struct look *look, size_t call, enum pool_end end,
                   const struct smbm_report *report) {
    size_t probe = look->probes[call], which;
    const struct descriptor *d = verdicts_plugin(s, probe);
    if (d != NULL)
        plugin_faults_note(&s->daemon->plugin_faults, d, end, s->conf.name, report->evidence,
                           clock_wall_ms());
    keep_carry(s, probe, report);
    note_verdict(s, probe, report);
    if (d != NULL && d->subject == SMBM_ON_SERVER) {
        if (s->peer != NULL)
            peer_report(s->peer, report, s->address);
        return;
    }
    bool passive = d == NULL || (d->flags & SMBM_PROBE_PASSIVE) != 0;
    feel_pulse(s, probe, report);
    if (!passive)
        note_sight(look, report);
    look->health = call_health_after(look->health, SMBM_ON_MOUNT, passive, report->verdict);
    look->reports[call] = (struct policy_report){
        .verdict = words_policy_verdict((enum smbm_verdict)report->verdict),
        .active = !passive,
    };
    policy_judge(look->reports, look->len, NULL, &which);
    if (which == call || look->worst.verdict == SMBM_UNKNOWN)
        keep_worst(s, look, probe, end, report);
}

/* Slow, and why that is not called dead. */
static char *slow_text(const struct supervisor *s, const struct look *look) {
    char text[2 * SMBM_TEXT_MAX + 8];
    bool felt = s->pulse.text != NULL &&
                (verdicts_flags(s) & (SMBM_REPORT_PROGRESS | SMBM_REPORT_ALIVE)) != 0;
    snprintf(text, sizeof text, "%s%s%s", look->worst.evidence, felt ? "; but " : "",
             felt ? s->pulse.text : "");
    return strdup(text);
}

void verdicts_health(struct supervisor *s, const struct look *look, enum machine_event_id event) {
    bool blind = event == MACHINE_ON_PROBE_HEALTHY && look->blind[0] != '\0' && !look->seen;
    s->last_probe_ms = clock_wall_ms();
    /* What the kernel says by itself is no outage, but nobody has seen the share either. */
    s->health = blind ? MACHINE_ON_PROBE_BLIND : event;
    free(s->health_text);
    s->health_text = NULL;
    if (event == MACHINE_ON_PROBE_SLOW)
        s->health_text = slow_text(s, look);
    else if (blind)
        s->health_text = strdup(look->blind);
    else if (event != MACHINE_ON_PROBE_HEALTHY)
        s->health_text = strdup(look->worst.evidence);
    s->health_errno = look->worst.os_errno;
}

bool verdicts_stale(const struct supervisor *s, const struct look *look) {
    return s->presence != MOUNT_OURS || look->mount.id != s->identity.id ||
           look->mount.device != s->identity.device;
}
