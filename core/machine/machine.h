/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * The state machine of one mount: pure. It is given an event and the time, and gives back its new
 * self and what is to be done. It knows no mountpoint, no server, no clock and no memory; the
 * supervisor (core/daemon) feeds it and carries out its actions.
 */
#ifndef MACHINE_MACHINE_H
#define MACHINE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/tables.h"

#define MACHINE_ACTIONS_MAX 4

enum machine_state {
#define X(id, name, meaning) MACHINE_##id,
    MACHINE_STATES(X)
#undef X
        MACHINE_STATE_COUNT
};
enum machine_event_id {
#define X(id, name, result, meaning) MACHINE_ON_##id,
    MACHINE_EVENTS(X)
#undef X
        MACHINE_EVENT_COUNT
};
enum machine_reason {
#define X(id, name, retry, words) MACHINE_FOR_##id,
    MACHINE_REASONS(X)
#undef X
        MACHINE_REASON_COUNT
};
enum machine_op {
#define X(id, name) MACHINE_OP_##id,
    MACHINE_OPS(X)
#undef X
        MACHINE_OP_COUNT
};
enum machine_action_id {
#define X(id, name, op, meaning) MACHINE_DO_##id,
    MACHINE_ACTIONS(X)
#undef X
        MACHINE_ACTION_COUNT
};

/* What the mount table last showed at the mountpoint. */
enum machine_present { MACHINE_NOTHING, MACHINE_OURS, MACHINE_OTHER };

struct machine_policy {
    uint32_t failure_threshold; /* strikes in a row that make an outage */
    uint32_t recheck_ms;        /* after a strike, look again so soon */
    uint32_t failed_retry_ms;
    uint32_t absent_retry_ms;
    uint32_t await_max_ms; /* wait for a server at most so long before the chain is asked again */
    uint32_t wait_max_ms;  /* no plugin makes us wait longer */
    uint32_t steps_max;    /* steps of one attempt */
};

struct machine {
    enum machine_state state;
    enum machine_reason reason;
    enum machine_present present;
    enum machine_op op; /* under way, NONE otherwise */
    uint32_t op_id;     /* its id; ids are never reused within 2^32 operations */
    uint32_t strikes, attempt, steps;
    bool wanted;        /* it shall be mounted */
    bool remount;       /* unmount and mount again, for a changed definition */
    bool hard;          /* the unmount wanted is a forced one */
    bool awaiting;      /* the wait under way ends when the server answers */
    bool doubtful;      /* a mount operation ended unseen: a mount may still appear */
    uint64_t since_ms;  /* in this state since */
    uint64_t due_ms;    /* next TIMER; 0: none */
    uint64_t outage_ms; /* when the outage began; 0: there is none */
};

struct machine_event {
    enum machine_event_id id;
    uint32_t op_id;             /* results only */
    enum machine_reason reason; /* UNMOUNT_WANTED: BY_HAND, IDLE, REMOVED, STOPPING */
    uint64_t wait_ms;           /* DECIDED_WAIT, DECIDED_AWAIT */
    bool doubtful;              /* MOUNT_TRANSIENT: the operation may still succeed */
    bool away;                  /* DECIDED_AWAIT: the server did not answer when last asked */
};

struct machine_action {
    enum machine_action_id id;
    uint32_t op_id; /* when it begins an operation */
};

struct machine_out {
    struct machine machine;
    struct machine_action actions[MACHINE_ACTIONS_MAX];
    uint32_t actions_len;
    bool dropped; /* the event was a late result of an operation that is over */
};

/* A new machine: UNMOUNTED, nothing wanted. / One step. */
struct machine machine_init(uint64_t now_ms);
struct machine_out machine_step(const struct machine_policy *policy, struct machine machine,
                                struct machine_event event, uint64_t now_ms);

const char *machine_state_name(enum machine_state state);
const char *machine_event_name(enum machine_event_id event);
const char *machine_reason_name(enum machine_reason reason);
const char *machine_reason_words(enum machine_reason reason);
/* 0: a failure for this reason is never retried by itself, 1: soon, 2: slowly. */
int machine_reason_retry(enum machine_reason reason);
const char *machine_op_name(enum machine_op op);
const char *machine_action_name(enum machine_action_id action);
enum machine_op machine_action_op(enum machine_action_id action);
/* The handler's name in a cell of the table ("stay" for none), for documentation. */
const char *machine_cell_name(enum machine_event_id event, enum machine_state state);
/* True when the documentation says that the cell may lead to that state. */
bool machine_cell_leads(enum machine_event_id event, enum machine_state state,
                        enum machine_state to);

#endif
