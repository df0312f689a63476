/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* One call into a plugin. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "plugin/host.h"

static uint64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

/* The plugin and its instance, or why there is none. The daemon checked the options against the
 * table that it was told; the file may have been replaced since. */
static int prepare(struct host *host, const struct host_job *job, const struct call_run *run,
                   const struct host_plugin **owner, void **instance, struct err *err) {
    *owner = host_plugin_find(host, run->file, err);
    if (*owner == NULL)
        return -err->code;
    if (schema_len(plugin_header(&(*owner)->plugin)->options) != run->values_len)
        return err_set(err, ESTALE, "%s: was replaced by a version with other options; reload",
                       run->file);
    return host_instance_get(host, *owner, job, run, instance, err);
}

int host_run(struct host *host, const struct host_job *job, const struct call_run *run,
             struct smbm_report *report, struct err *err) {
    const struct host_plugin *owner;
    void *instance;
    int rc = prepare(host, job, run, &owner, &instance, err);
    if (rc != 0)
        return rc;
    void (*run_it)(void *, const struct smbm_mount *, const struct smbm_call *,
                   struct smbm_report *) = owner->plugin.kind == SMBM_KIND_PROBE
                                               ? owner->plugin.probe.run
                                               : owner->plugin.recovery.run;
    if (run_it == NULL)
        return err_set(err, EINVAL, "%s: asked for a call, but has no run()", run->file);
    struct smbm_call call = {.size = sizeof call,
                             .timeout_ms = run->timeout_ms,
                             .now_ms = clock_boot_ms(),
                             .options = run->values};
    *report = (struct smbm_report){.size = sizeof *report};
    memcpy(call.carry, run->carry, sizeof call.carry);
    memcpy(report->carry, run->carry, sizeof report->carry);
    uint64_t begin = now_us();
    /* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): prepare set it, as it returned 0 */
    run_it(instance, &job->mount, &call, report);
    if (report->took_us == 0)
        report->took_us = now_us() - begin;
    report->evidence[sizeof report->evidence - 1] = '\0';
    return 0;
}

int host_next(struct host *host, const struct host_job *job, const struct call_run *run,
              struct smbm_decision *decision, struct err *err) {
    const struct host_plugin *owner;
    void *instance;
    int rc = prepare(host, job, run, &owner, &instance, err);
    if (rc != 0)
        return rc;
    if (owner->plugin.kind != SMBM_KIND_RECOVERY)
        return err_set(err, EINVAL, "%s: is not a recovery plugin", run->file);
    struct smbm_situation situation = job->situation;
    situation.options = run->values;
    memcpy(situation.carry, run->carry, sizeof situation.carry);
    *decision = (struct smbm_decision){.size = sizeof *decision};
    memcpy(decision->carry, run->carry, sizeof decision->carry);
    /* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): prepare set it, as it returned 0 */
    owner->plugin.recovery.next(instance, &job->mount, &situation, decision);
    decision->reason[sizeof decision->reason - 1] = '\0';
    return 0;
}
