/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * All that one running daemon owns. One thread, one libuv loop; nothing here makes a system call
 * that can block on a share, loads a plugin or sees a password.
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <uv.h>

#include "base/log.h"
#include "config/config.h"
#include "control/server.h"
#include "daemon/strangers.h"
#include "mount/credentials.h"
#include "mount/table.h"
#include "plugin/pool.h"
#include "plugin/registry.h"

struct supervisor;
struct peer;
struct reload;
struct helper_proc;
struct sweep;
struct plugin_faults;

TAILQ_HEAD(helper_list, helper_proc); /* who waits, in order */

struct daemon_setup {
    const char *config_path;
    bool any_namespace; /* tests: do not insist on the host's mount namespace */
    uid_t trusted_uid;
};

struct daemon {
    uv_loop_t loop;
    struct log log;
    struct daemon_setup setup;
    char self_path[CONFIG_PATH_MAX], host_path[CONFIG_PATH_MAX];
    struct config config;
    struct registry *registry;
    struct pool *pool;
    struct plugin_faults *plugin_faults; /* list */
    struct server *control;
    struct mount_table table; /* only while it is needed: daemon_have_table */
    struct strangers strangers;
    struct supervisor **mounts;
    size_t mounts_len;
    struct peer *peers; /* list */
    /* The turns of cifs mount(2): the kernel serialises them by one mutex, and a mount that waits
     * for a mute server cannot be killed by those behind it (facts/linux-cifs.md 5b). */
    struct helper_proc *slot_holder;
    struct helper_list slot_waiting;
    struct helper_list helpers_waiting; /* for their start: so many are under way */
    struct helper_proc *hardening;      /* see harden.h; NULL: none is at work */
    struct supervisor *hardened;        /* by it; NULL: gone meanwhile */
    struct reload *reload;              /* under way, or NULL */
    struct sweep *sweep;                /* of a stop, until it is over */
    uv_timer_t timer;                   /* the earliest due time of all mounts and peers */
    uint64_t timer_due_ms;              /* 0: not armed */
    uv_poll_t table_poll, net_poll, beat_poll;
    int table_fd, net_fd, beat_fd;
    bool table_tells; /* which mounts, see os/arrivals.h */
    bool table_failed;
    int lock_fd; /* of the runtime folder, for life */
    bool table_polling, net_polling, beat_polling;
    unsigned table_unsure; /* read it again after so many turns of the timer */
    uv_timer_t heartbeat;  /* watchdog, status line, clock gap; where beat_fd cannot be had */
    uint64_t heartbeat_boot_ms, heartbeat_awake_ms;
    bool wasteful; /* a reload has left free memory behind */
    unsigned beats;
    uv_signal_t signals[4];
    uint64_t network_changed_ms; /* 0: never seen */
    uint64_t woke_ms;            /* the machine woke then; 0: never seen */
    uint64_t network_due_ms;     /* it changed again soon after that; 0: no */
    uint64_t started_wall_ms;
    struct secret login_key;      /* of this run: SIPHASH_KEY bytes; zero: none were to be had */
    uint64_t random;              /* state of the generator; seeded by the system at start */
    unsigned helpers;             /* mount helpers at work: no result yet */
    unsigned helpers_mounting[2]; /* those that mount by other means, and by cifs */
    unsigned helpers_stuck;
    bool stopping;
    uint64_t stop_deadline_ms;
    int exit_status;
};

/* Everything up to and including the first mounts. 0 or -errno. */
int daemon_start(struct daemon *daemon, struct err *err);
void daemon_stop(struct daemon *daemon); /* as on_stop says; the loop ends by itself then */
void daemon_finish(struct daemon *daemon);

uint64_t daemon_random(struct daemon *daemon);

/* Something of a mount or peer is due at due_ms (0: nothing); arms the timer if that is sooner. */
void daemon_due(struct daemon *daemon, uint64_t due_ms);

struct supervisor *daemon_find(const struct daemon *daemon, const char *name);

/* Read the mount table and tell every mount what changed. */
void daemon_read_table(struct daemon *daemon);
/* Read it if it is not there. False: it cannot be read. */
bool daemon_have_table(struct daemon *daemon);

#endif
