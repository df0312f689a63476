/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * One mount: feeds its state machine, carries out the actions, records what happens. The only
 * place where a transition is logged.
 */
#ifndef DAEMON_SUPERVISOR_H
#define DAEMON_SUPERVISOR_H

#include "control/events.h"
#include "daemon/daemon.h"
#include "daemon/glance.h"
#include "daemon/peer.h"
#include "daemon/recovery.h"
#include "daemon/rounds.h"
#include "daemon/waiters.h"
#include "machine/machine.h"
#include "machine/policy.h"
#include "mount/helper.h"
#include "mount/identity.h"

#define SUPERVISOR_QUEUE 16

struct supervisor {
    struct daemon *daemon;
    struct config_mount conf;       /* in force: what the kernel mount was made by */
    struct config_mount *next_conf; /* after a reload, taken as soon as it is down */

    /* What a turn of the timer looks at, for every mount: side by side. */
    struct machine machine;
    bool removed, presence_known, feeding; /* removed: not configured, goes away when it is down */
    uint8_t queue_len;
    enum mount_presence presence;
    uint64_t probe_due_ms, glance_due_ms, idle_due_ms; /* 0: none */
    uint64_t remove_due_ms;                            /* removed but busy: next try */
    uint32_t op_id;              /* of the operation that helper or round works on */
    struct machine_event *queue; /* of SUPERVISOR_QUEUE, while it is fed */

    char *mountpoint;         /* as the mount table names it, else as configured: conf's own then */
    struct mount_owner owner; /* who makes our mount */
    struct mount_identity identity; /* of our mount; 0 when it is not there */
    char *kernel_source, *kernel_fstype;
    char *address;     /* "": not known */
    struct peer *peer; /* NULL: no SMB server */

    struct round *round;
    struct glance *glance;
    uint8_t last_verdict[CONFIG_PLUGINS_MAX];
    uint64_t (*carry)[SMBM_CARRY_WORDS]; /* per probe; NULL until one carries something */
    enum machine_event_id health;        /* of the last active round; 0 none yet */
    int32_t health_errno;
    char *health_text;
    struct pulse pulse;
    uint64_t last_probe_ms, idle_since_ms;

    struct recovery *recovery;
    uint64_t question;           /* job of a recovery plugin under way */
    struct helper_proc *helper;  /* the operation under way */
    struct helper_proc *checker; /* an idle check under way */
    uint64_t asked_ms;           /* a person asked for the mount under way then; 0: nobody */

    struct waiter *waiters;
    struct event_ring events;
    char *failure, *session; /* of the last mount or unmount; whose login it is in; or NULL */
    enum event_kind last_event;
    uint32_t incidents, recoveries;
    bool mount_waits_for_peer : 1, swept : 1, bare : 1; /* see sweep.h, harden.h */
    bool login_refused : 1; /* the last mount that says something of the login: it was refused */
    bool login_retried : 1; /* ... and the mount under way is because another one was let in */
    bool same_again : 1;    /* the last mount failed as the one before */
    uint64_t since_wall_ms;
};

/* Takes over conf. NULL without memory. */
struct supervisor *supervisor_create(struct daemon *daemon, struct config_mount *conf);
void supervisor_destroy(struct supervisor *s);

/* Feed an event (and all that follows from it). May be called from within an action. */
void supervisor_feed(struct supervisor *s, struct machine_event event);
void supervisor_on(struct supervisor *s, enum machine_event_id id);
void supervisor_result(struct supervisor *s, enum machine_event_id id); /* of the op under way */

/* Another definition: only probes and the like changed / the mount itself changed. Both take over
 * what conf owns. */
void supervisor_reconfigure(struct supervisor *s, struct config_mount *conf);
void supervisor_redefine(struct supervisor *s, struct config_mount *conf);

/* The table knows the mount by another path than the configured one (a symlink in it). */
void supervisor_is_at(struct supervisor *s, const char *mountpoint);

/* The mount table was read again. */
void supervisor_look(struct supervisor *s);

/* Its server was asked. */
void supervisor_peer_answered(struct supervisor *s, bool changed);

/* It would go on at once if its server answered. */
bool supervisor_waits_for_server(const struct supervisor *s);

/* Due work; returns the next due time or 0. */
uint64_t supervisor_tick(struct supervisor *s, uint64_t now_ms);

/* Record an event (and publish it to followers). */
void supervisor_record(struct supervisor *s, enum event_kind kind, uint64_t number,
                       const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Set a text that is mostly as configured: conf's own then, no copy. Both: false without memory. */
bool supervisor_set_text(char **to, char *conf, const char *text);
bool supervisor_rename(struct supervisor *s, const char *name);
void supervisor_set_address(struct supervisor *s, const char *address);
void supervisor_set_failure(struct supervisor *s, const char *text);
/* The mount as plugins see it; points into s. */
struct smbm_mount supervisor_view(const struct supervisor *s);

/* actions.c: carry out one action. / idle.c */
void supervisor_act(struct supervisor *s, const struct machine_action *action);
void idle_check(struct supervisor *s);

#endif
