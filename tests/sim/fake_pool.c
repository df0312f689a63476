/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* In place of the plugin hosts: jobs with the pool's rules, recovery plugins asked for real. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "fake_host.h"
#include "fake_probes.h"
#include "plugin/call.h"
#include "plugin/pool.h"
#include "sim.h"

#define GRACE_MS 100u /* of the pool, for an answer that is on its way */
#define TEXTS 8

static const char *const names[] = {"device-id",    "kernel-status", "statfs-fstype",
                                    "stat-timeout", "smb-negotiate", "await-server",
                                    "backoff",      "reconnect",     "force-unmount-remount"};
#define PLUGINS (sizeof names / sizeof names[0])

static struct fake_plugin plugins[PLUGINS];
static struct descriptor descriptors[PLUGINS];
static uint64_t last_job;

struct job {
    struct job *next;
    uint64_t id;
    struct pool_job job;
    char texts[TEXTS][128];
    size_t at;
    enum call_health health;
    bool cancelled, ended;
    const char *expired;
    unsigned unreaped;
    uint64_t began_ms, reap_ms;
    struct share *share; /* NULL: the job asks a server */
};
static struct job *jobs;

void fake_pool_start(void) {
    jobs = NULL;
    last_job = 0;
    for (size_t i = 0; i < PLUGINS; i++) {
        const char *error = plugins[i].object == NULL ? fake_load(&plugins[i], names[i]) : NULL;
        engine_must(error == NULL);
        const struct smbm_probe *p = plugins[i].probe;
        descriptors[i] = (struct descriptor){.kind = plugins[i].header->kind, .ok = true};
        str_copy(descriptors[i].name, sizeof descriptors[i].name, names[i]);
        static struct smbm_option none[] = {SMBM_OPTIONS_END};
        const struct smbm_option *options = plugins[i].header->options;
        descriptors[i].options = options != NULL ? (struct smbm_option *)(uintptr_t)options : none;
        if (p == NULL)
            continue;
        descriptors[i].subject = p->subject;
        descriptors[i].flags = p->flags;
        descriptors[i].interval_ms = p->interval_ms;
        descriptors[i].timeout_ms = p->timeout_ms;
    }
}

const struct descriptor *registry_find(const struct registry *registry, enum smbm_kind kind,
                                       const char *name) {
    (void)registry;
    for (size_t i = 0; i < PLUGINS; i++)
        if (descriptors[i].kind == kind && strcmp(names[i], name) == 0)
            return &descriptors[i];
    return NULL;
}

static const struct smbm_option *options_of(void *context, enum config_plugin_kind kind,
                                            const char *name, bool *smb_only, struct err *why) {
    (void)context;
    const struct descriptor *d =
        registry_find(NULL, kind == CONFIG_PROBE ? SMBM_KIND_PROBE : SMBM_KIND_RECOVERY, name);
    if (d == NULL) {
        err_set(why, 2, "no such plugin");
        return NULL;
    }
    *smb_only = (d->flags & SMBM_PROBE_SMB_ONLY) != 0;
    return d->options;
}

const struct config_plugins *fake_pool_plugins(void) {
    static const struct config_plugins result = {options_of, NULL};
    return &result;
}

static void begin_call(void *arg);

static void release(struct job *job) {
    for (struct job **at = &jobs; *at != NULL; at = &(*at)->next) {
        if (*at == job) {
            *at = job->next;
            break;
        }
    }
    free(job);
}

void fake_pool_finish(void) {
    while (jobs != NULL)
        release(jobs);
}

void fake_pool_slept(uint64_t ms) {
    for (struct job *job = jobs; job != NULL; job = job->next)
        job->began_ms += ms;
}

static void skip_to_due(struct job *job) {
    if (job->expired != NULL)
        job->at = job->job.calls_len;
    while (job->at < job->job.calls_len &&
           !call_is_due((enum call_kind)job->job.kind, job->job.calls[job->at].plugin->subject,
                        job->health))
        job->at++;
}

static void go_on(struct job *job) {
    if (!job->cancelled && job->at < job->job.calls_len) {
        engine_after(0, begin_call, job);
        return;
    }
    job->ended = true;
    bool reaped = job->unreaped == 0;
    if (!job->cancelled)
        job->job.on_done(job->job.context, reaped);
    if (reaped)
        release(job);
}

static void answer(struct job *job, enum pool_end end, const struct smbm_report *report,
                   const struct smbm_decision *decision) {
    const struct pool_call *call = &job->job.calls[job->at];
    size_t index = job->at++;
    if (report != NULL)
        job->health =
            call_health_after(job->health, call->plugin->subject,
                              (call->plugin->flags & SMBM_PROBE_PASSIVE) != 0, report->verdict);
    skip_to_due(job);
    if (!job->cancelled)
        job->job.on_report(job->job.context, index, end, report, decision);
    go_on(job);
}

/* The plugin itself, with the daemon's option values and carry words. */
static void ask_recovery(void *arg) {
    struct job *job = arg;
    struct pool_call *call = &job->job.calls[0];
    struct fake_plugin *plugin = &plugins[call->plugin - descriptors];
    for (size_t i = 0; i < call->options->len; i++) {
        const struct option_value *v = &call->options->items[i];
        plugin->values[i] = (struct smbm_value){v->number, v->text, v->list, v->list_len};
    }
    memcpy(plugin->carry, call->carry, sizeof plugin->carry);
    struct smbm_decision d = fake_next(plugin, &job->job.mount, &job->job.situation);
    answer(job, POOL_ANSWERED, NULL, &d);
}

static void let_go(struct job *job) {
    if (--job->unreaped > 0 || !job->ended)
        return;
    if (!job->cancelled && job->job.on_reaped != NULL)
        job->job.on_reaped(job->job.context);
    release(job);
}

static void reaped(void *arg) {
    struct job *job = arg;
    if (kernel_holds(job->share, job->job.mount.mount_id) && engine_now() < job->reap_ms) {
        engine_after(100, reaped, job);
        return;
    }
    job->share->looks_alive--;
    kernel_let_go(job->share);
    let_go(job);
}

static void status_reaped(void *arg) {
    struct job *job = arg;
    if (world.status_hangs) {
        engine_after(100, status_reaped, job);
        return;
    }
    job->share->asks_hung--;
    let_go(job);
}

static void end_late(struct job *job, uint32_t timeout_ms) {
    enum pool_end end = job->expired != NULL ? POOL_UNASKED : POOL_LATE;
    struct smbm_report report = {.size = sizeof report,
                                 .verdict = end == POOL_LATE ? SMBM_SUSPECT : SMBM_BLIND};
    memcpy(report.carry, job->job.calls[job->at].carry, sizeof report.carry);
    report.took_us = (uint64_t)timeout_ms * 1000u;
    snprintf(report.evidence, sizeof report.evidence, "no answer within %u ms", timeout_ms);
    job->unreaped++;
    if (!fake_probe_looks(job->job.calls[job->at].plugin->name)) {
        job->share->asks_hung++;
        engine_after(100, status_reaped, job);
        answer(job, end, &report, NULL);
        return;
    }
    uint64_t ms = kernel_reap_ms(job->share, job->job.mount.mount_id);
    job->reap_ms = engine_now() + ms;
    engine_after(ms < 100 ? ms : 100, reaped, job);
    answer(job, end, &report, NULL);
}

static void go_on_probing(void *arg) {
    struct job *job = arg;
    const struct pool_call *call = &job->job.calls[job->at];
    struct smbm_report report = {.size = sizeof report};
    memcpy(report.carry, call->carry, sizeof report.carry);
    bool looks = fake_probe_looks(call->plugin->name);
    if (fake_probe(call->plugin->name, &job->job.mount, job->share, job->began_ms, &report)) {
        report.took_us = (engine_now() - job->began_ms) * 1000u;
        if (looks)
            job->share->looks_alive--;
        if (looks)
            kernel_let_go(job->share);
        answer(job, POOL_ANSWERED, &report, NULL);
    } else if (job->expired != NULL ||
               engine_now() >= job->began_ms + call->timeout_ms + GRACE_MS) {
        end_late(job, call->timeout_ms);
    } else {
        engine_after(50, go_on_probing, job);
    }
}

static void begin_call(void *arg) {
    struct job *job = arg;
    skip_to_due(job);
    if (job->cancelled || job->at == job->job.calls_len) {
        go_on(job);
        return;
    }
    job->began_ms = engine_now();
    if (job->job.kind == POOL_NEXT) {
        engine_after(2, ask_recovery, job);
        return;
    }
    const char *name = job->job.calls[job->at].plugin->name;
    if (fake_probe_looks(name)) {
        if (job->share->looks_alive > 0)
            sim_broken("%s of %s begins while an earlier look is not reaped", name,
                       job->share->name);
        job->share->looks++;
        job->share->looks_alive++;
    }
    engine_after(fake_probe_ms(name, &job->job.mount), go_on_probing, job);
}

static const char *keep(struct job *job, size_t i, const char *text) {
    str_copy(job->texts[i], sizeof job->texts[i], text);
    return job->texts[i];
}

uint64_t pool_submit(struct pool *pool, const struct pool_job *from) {
    (void)pool;
    struct job *job = calloc(1, sizeof *job);
    engine_must(job != NULL && from->calls_len > 0);
    job->id = ++last_job;
    job->job = *from;
    struct smbm_mount *m = &job->job.mount;
    const char **const texts[TEXTS] = {&m->name,   &m->mounter, &m->server,     &m->share,
                                       &m->source, &m->fstype,  &m->mountpoint, &m->address};
    for (size_t i = 0; i < TEXTS; i++)
        *texts[i] = keep(job, i, *texts[i]);
    job->share = world_share_named(m->name);
    job->next = jobs;
    jobs = job;
    skip_to_due(job);
    engine_after(1, begin_call, job);
    return job->id;
}

void pool_cancel(struct pool *pool, uint64_t id) {
    (void)pool;
    for (struct job *job = jobs; job != NULL; job = job->next)
        if (job->id == id)
            job->cancelled = true;
}

/* The call under way sees it at its next turn. */
void pool_expire(struct pool *pool, uint64_t id, const char *why) {
    (void)pool;
    for (struct job *job = jobs; job != NULL; job = job->next)
        if (job->id == id)
            job->expired = why;
}
