/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/verdicts.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
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
    if (d->subject == SMBM_ON_SERVER && job->kind == POOL_PROBE && s->peer != NULL &&
        peer_is_known(s->peer, clock_boot_ms()))
        return false;
    struct pool_call *call = &job->calls[job->calls_len];
    *call = (struct pool_call){
        .plugin = d,
        .options = &p->options,
        .timeout_ms = words_timeout_ms(d, &p->options, s->conf.probe_timeout_ms),
    };
    if (s->carry != NULL)
        memcpy(call->carry, s->carry[probe], sizeof call->carry);
    look->probes[job->calls_len++] = (uint8_t)probe;
    return true;
}

void verdicts_begin(const struct supervisor *s, struct look *look, size_t calls) {
    look->len = calls;
    look->mount = s->identity;
    look->worst = (struct smbm_report){0};
    memset(look->reports, 0, sizeof look->reports);
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

void verdicts_take(struct supervisor *s, struct look *look, size_t call,
                   const struct smbm_report *report) {
    size_t probe = look->probes[call], which;
    const struct descriptor *d = verdicts_plugin(s, probe);
    keep_carry(s, probe, report);
    note_verdict(s, probe, report);
    if (d != NULL && d->subject == SMBM_ON_SERVER) {
        if (s->peer != NULL)
            peer_report(s->peer, report);
        return;
    }
    look->reports[call] = (struct policy_report){
        .verdict = words_policy_verdict((enum smbm_verdict)report->verdict),
        .progress = (report->flags & SMBM_REPORT_PROGRESS) != 0,
        .active = d != NULL && (d->flags & SMBM_PROBE_PASSIVE) == 0,
    };
    policy_judge(look->reports, look->len, &which);
    if (which == call || look->worst.verdict == SMBM_UNKNOWN)
        look->worst = *report;
}

void verdicts_health(struct supervisor *s, const struct look *look, enum machine_event_id event) {
    s->last_probe_ms = clock_wall_ms();
    s->health = event;
    free(s->health_text);
    s->health_text = event == MACHINE_ON_PROBE_HEALTHY ? NULL : strdup(look->worst.evidence);
    s->health_errno = look->worst.os_errno;
}

bool verdicts_stale(const struct supervisor *s, const struct look *look) {
    return s->presence != MOUNT_OURS || look->mount.id != s->identity.id ||
           look->mount.device != s->identity.device;
}
