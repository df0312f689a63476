/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * The plugin hosts. The supervisor hands over jobs and gets reports; it never waits. A host runs
 * one call at a time; a call past its deadline has its host killed (by pidfd where there is one)
 * and is reported as late at once, and what that host had not begun goes to another. A job is
 * "reaped" when no process of it is left: until then no new probe of that mount may start.
 * max_hosts bounds the hosts that live, but for one more that recovery questions get when all hang;
 * killed ones that the kernel holds are at most one a mount.
 * No callback is made from within pool_submit. The caller ignores SIGPIPE.
 */
#ifndef PLUGIN_POOL_H
#define PLUGIN_POOL_H

#include <smbmounter/plugin.h>
#include <stdbool.h>
#include <uv.h>

#include "base/log.h"
#include "config/schema.h"
#include "plugin/descriptor.h"

#define POOL_CALLS_MAX 16

struct pool;

struct pool_setup {
    uv_loop_t *loop;
    const struct log *log;
    const char *host_path; /* smbmounter-plugin-host */
    const char *directory; /* plugin folder */
    unsigned trusted_uid;
    unsigned min_hosts, max_hosts; /* 2, plugins.max_hosts */
};

/* One plugin call of a job. The descriptor and values must live until the job's done. */
struct pool_call {
    const struct descriptor *plugin;
    const struct option_values *options;
    uint32_t timeout_ms;
    uint64_t carry[SMBM_CARRY_WORDS];
};

enum pool_kind {
    POOL_PROBE, /* run() of probes, in order, as call_is_due (plugin/call.h) has it: a verdict that
                   stands ends the mount probes; the server is asked when something is not well */
    POOL_NEXT,  /* next() of one recovery plugin */
    POOL_RUN,   /* run() of one recovery plugin (SMBM_STEP_CALL) */
    POOL_ALL, /* run() of all probes whatever they say (command probe); those that look at the mount
                 while an earlier one cannot be killed are not asked */
};

/* How a call ended. */
enum pool_end {
    POOL_ANSWERED,
    POOL_LATE,    /* killed at its deadline: report says SUSPECT with that evidence */
    POOL_CRASHED, /* its host died: report says BLIND with that evidence */
    POOL_REFUSED, /* answered rubbish, or could not be called (load, open failed): as crashed */
    POOL_UNASKED, /* no host got to it, an earlier call hangs, or expired: as crashed */
};

struct pool_job {
    enum pool_kind kind;
    struct smbm_mount mount; /* strings must live until submit returns; they are copied */
    struct pool_call calls[POOL_CALLS_MAX];
    size_t calls_len;
    struct smbm_situation situation; /* POOL_NEXT; options pointer ignored */
    /* One call ended. For POOL_NEXT decision is set (PASS with the reason when not answered), else
     * report. */
    void (*on_report)(void *context, size_t call, enum pool_end end,
                      const struct smbm_report *report, const struct smbm_decision *decision);
    /* No more reports will come. reaped: nothing of it is left running; when false, on_reaped
     * follows as soon as the killed host is gone. */
    void (*on_done)(void *context, bool reaped);
    void (*on_reaped)(void *context);
    void *context;
};

struct pool *pool_create(const struct pool_setup *setup, struct err *err);

/* Kill all hosts and release; done is called when every process that can be reaped is (or after
 * 500 ms). Jobs get no more callbacks. */
void pool_destroy(struct pool *pool, void (*done)(void *context), void *context);

/* Copies from. Returns its id (never 0), or 0 without memory: no callback will come then. */
uint64_t pool_submit(struct pool *pool, const struct pool_job *from);

/* Forget the callbacks of a job (its mount is going away). Its process still ends as it must. */
void pool_cancel(struct pool *pool, uint64_t id);

/* Its answers are worth nothing any more, but its end is waited for: the call under way is killed
 * as if it were late and is told as POOL_UNASKED with that evidence (a constant), no other begins.
 */
void pool_expire(struct pool *pool, uint64_t id, const char *why);

/* Hosts load plugins afresh (after a reload): idle hosts are replaced now, busy ones when done. */
void pool_renew(struct pool *pool, const char *directory, unsigned max_hosts);

struct pool_stats {
    unsigned hosts, busy, stuck, waiting; /* stuck: killed, not yet reaped */
    uint64_t calls, late, crashed;
};
struct pool_stats pool_stats(const struct pool *pool);

#endif
