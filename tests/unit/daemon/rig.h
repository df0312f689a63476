/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * A daemon without processes: its mounts are real supervisors with a made-up clock and mount table.
 * Jobs of plugins and mount helpers are kept; the test says how they end. Plugins: the probes
 * "peeks" (passive), "looks" and "smb-negotiate" (server), the recoveries "first" and "second".
 */
#ifndef TESTS_DAEMON_RIG_H
#define TESTS_DAEMON_RIG_H

#include "daemon/helper_proc.h"
#include "daemon/supervisor.h"

struct rig_job {
    uint64_t id;
    struct pool_job job;
    bool server; /* it asks a server only */
    bool cancelled, ended, reaped;
    const char *expired;
};

struct helper_proc {
    enum helper_op op;
    struct helper_events events;
    uint64_t mount_id;
    char name[64];
    bool cancelled, abandoned;
};

struct rig_table { /* what is at the mountpoint of mount i; 0 nothing, else its id */
    uint64_t ours;
    bool foreign, bare; /* bare: without nosuid and nodev */
};

extern struct daemon d;
extern uint64_t rig_now;
extern struct rig_table rig_table[16];
extern struct rig_job rig_jobs[64]; /* in their order */
extern unsigned rig_jobs_len;
extern struct helper_proc rig_helpers[64];
extern unsigned rig_helpers_len;
/* Starts the process of a sweep; NULL: it cannot be. */
extern int (*rig_spawn)(uv_process_t *process, uv_pipe_t *pipe, uv_exit_cb ended);
extern bool rig_no_pool, rig_no_helper; /* nothing can be started */
extern char rig_answers[32][256];       /* "ok: text", "error 1: text", in their order */
extern unsigned rig_answers_len;
extern bool rig_server_talks; /* a look that asks the server waits for the test to answer */
extern char rig_followed[64]; /* "all" or the mount, when somebody follows the events */
extern char rig_log[16384];

/* Mounts named a, b, c ... of one server, supervised, nothing there yet; options is YAML of
 * `defaults`, each line ended, indented by two. */
void rig_start(unsigned mounts, const char *options);
void rig_finish(void);
/* The same configuration, as it would be read anew. text: the list of mounts in YAML. */
struct config rig_config(const char *options, const char *text);
struct registry *rig_registry(void);

struct supervisor *rig_mount(unsigned i);
/* What the table shows at the mountpoint of a mount; the daemon reads it. */
void rig_shows(unsigned i, uint64_t ours, bool foreign);
/* Mount i is mounted, as a command would do it, and found well. */
void rig_bring_up(unsigned i);

/* The last job of that kind that has not ended; NULL: none. */
struct rig_job *rig_open_job(enum pool_kind kind);
struct rig_job *rig_server_job(void);
void rig_report(struct rig_job *job, size_t call, enum pool_end end, enum smbm_verdict verdict,
                const char *evidence);
void rig_done(struct rig_job *job, bool reaped);
void rig_reaped(struct rig_job *job);
/* All its probes say this, and it is over. */
void rig_answer(struct rig_job *job, enum smbm_verdict verdict, const char *evidence);
void rig_decide(struct rig_job *job, enum pool_end end, enum smbm_step step, const char *reason);

/* The last helper has this result. */
struct helper_proc *rig_helper(void);
void rig_result(enum helper_class class, const char *text);

/* Time passes; what is due is done. */
void rig_pass(uint64_t ms);

/* The newest event of a mount of this kind; "" when there is none. */
const char *rig_event(const struct supervisor *s, enum event_kind kind);

struct server_call *rig_call(unsigned number);

#endif
