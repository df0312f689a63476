/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "machine/moves.h"

void move_act(struct work *w, enum machine_action_id id) {
    struct machine_action *action = &w->out->actions[w->out->actions_len++];
    action->id = id;
    action->op_id = 0;
    enum machine_op op = machine_action_op(id);
    if (op != MACHINE_OP_NONE) {
        w->machine->op = op;
        action->op_id = ++w->machine->op_id;
        w->machine->due_ms = 0;
        w->machine->awaiting = false;
    }
}

void move_enter(struct work *w, enum machine_state state, enum machine_reason reason) {
    struct machine *m = w->machine;
    if (m->state != state)
        m->since_ms = w->now_ms;
    m->state = state;
    m->reason = reason;
    m->due_ms = 0;
    m->awaiting = false;
}

void move_wait_for(struct work *w, uint64_t ms) {
    w->machine->due_ms = w->now_ms + (ms < 1 ? 1 : ms);
}

void move_begin_mount(struct work *w, enum machine_reason reason) {
    w->machine->remount = false;
    move_enter(w, MACHINE_MOUNTING, reason);
    move_act(w, MACHINE_DO_MOUNT);
}

void move_enter_mounted(struct work *w, enum machine_reason reason) {
    struct machine *m = w->machine;
    move_enter(w, MACHINE_MOUNTED, reason);
    /* A mount that works, but is never found healthy, must not be made anew without a pause: only
     * a healthy probe makes the next outage a first attempt. */
    m->attempt = reason == MACHINE_FOR_RECOVERED ? m->attempt + 1 : 0;
    m->strikes = 0;
    m->steps = 0;
    m->outage_ms = 0;
    m->doubtful = false;
    move_act(w, MACHINE_DO_PROBE);
}

void move_begin_unmount(struct work *w, enum machine_reason reason) {
    struct machine *m = w->machine;
    move_enter(w, MACHINE_UNMOUNTING, reason);
    move_act(w, m->hard ? MACHINE_DO_UNMOUNT_HARD : MACHINE_DO_UNMOUNT);
}

void move_fail(struct work *w, enum machine_reason reason) {
    struct machine *m = w->machine;
    if (m->present == MACHINE_OTHER)
        reason = MACHINE_FOR_FOREIGN;
    else if (reason == MACHINE_FOR_FOREIGN)
        reason = MACHINE_FOR_TRANSIENT; /* it has gone away again meanwhile */
    move_enter(w, MACHINE_FAILED, reason);
    m->steps = 0;
    int retry = machine_reason_retry(reason);
    if (retry == 0)
        return;
    move_wait_for(w, retry == 1 ? w->policy->failed_retry_ms : w->policy->absent_retry_ms);
    move_act(w, MACHINE_DO_WATCH_SERVER);
}

void move_go_down(struct work *w) {
    struct machine *m = w->machine;
    enum machine_reason reason = m->reason;
    m->outage_ms = 0;
    if (m->present == MACHINE_OURS) {
        move_begin_unmount(w, reason);
        return;
    }
    move_enter(w, MACHINE_UNMOUNTED, reason);
}

void move_decide(struct work *w) {
    struct machine *m = w->machine;
    if (m->present == MACHINE_NOTHING)
        m->remount = false; /* the next mount is made by the new definition anyway */
    if (!m->wanted) {
        move_go_down(w);
    } else if (m->present == MACHINE_OTHER) {
        move_fail(w, MACHINE_FOR_FOREIGN);
    } else if (m->remount) { /* ours, then */
        m->hard = true;      /* it is in an outage: nobody can be using it well */
        move_begin_unmount(w, MACHINE_FOR_RELOAD);
    } else if (m->steps >= w->policy->steps_max) {
        m->attempt++;
        move_fail(w, MACHINE_FOR_GAVE_UP);
    } else {
        m->steps++;
        move_act(w, MACHINE_DO_DECIDE);
    }
}

void move_begin_recovery(struct work *w, enum machine_reason reason) {
    struct machine *m = w->machine;
    move_enter(w, MACHINE_RECOVERING, reason);
    m->steps = 0;
    if (m->outage_ms == 0)
        m->outage_ms = w->now_ms;
}
