/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <stddef.h>

#include "machine/machine.h"

const char *machine_state_name(enum machine_state state) {
    static const char *const names[] = {
#define X(id, name, meaning) [MACHINE_##id] = name,
        MACHINE_STATES(X)
#undef X
    };
    return state < MACHINE_STATE_COUNT ? names[state] : "?";
}

const char *machine_event_name(enum machine_event_id event) {
    static const char *const names[] = {
#define X(id, name, result, meaning) [MACHINE_ON_##id] = name,
        MACHINE_EVENTS(X)
#undef X
    };
    return event < MACHINE_EVENT_COUNT ? names[event] : "?";
}

struct reason_row {
    const char *name, *words;
    int retry;
};

static const struct reason_row reasons[] = {
#define X(id, name, retry, words) [MACHINE_FOR_##id] = {name, words, retry},
    MACHINE_REASONS(X)
#undef X
};

const char *machine_reason_name(enum machine_reason reason) {
    return reason < MACHINE_REASON_COUNT ? reasons[reason].name : "?";
}

const char *machine_reason_words(enum machine_reason reason) {
    return reason < MACHINE_REASON_COUNT ? reasons[reason].words : "?";
}

int machine_reason_retry(enum machine_reason reason) {
    return reason < MACHINE_REASON_COUNT ? reasons[reason].retry : 0;
}

const char *machine_op_name(enum machine_op op) {
    static const char *const names[] = {
#define X(id, name) [MACHINE_OP_##id] = name,
        MACHINE_OPS(X)
#undef X
    };
    return op < MACHINE_OP_COUNT ? names[op] : "?";
}

struct action_row {
    const char *name;
    enum machine_op op;
};

static const struct action_row actions[] = {
#define X(id, name, op, meaning) [MACHINE_DO_##id] = {name, MACHINE_OP_##op},
    MACHINE_ACTIONS(X)
#undef X
};

const char *machine_action_name(enum machine_action_id action) {
    return action < MACHINE_ACTION_COUNT ? actions[action].name : "?";
}

enum machine_op machine_action_op(enum machine_action_id action) {
    return action < MACHINE_ACTION_COUNT ? actions[action].op : MACHINE_OP_NONE;
}
