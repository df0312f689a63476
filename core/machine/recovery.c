/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What the cells do during a recovery, in the order of MACHINE_HANDLERS. */
#include "machine/handlers.h"
#include "machine/moves.h"

void handler_hurry(struct work *w) {
    if (w->event->id == MACHINE_ON_MOUNT_WANTED)
        handler_want(w);
    if (w->machine->op == MACHINE_OP_NONE)
        move_decide(w);
}

void handler_stop_recovery(struct work *w) {
    struct machine *m = w->machine;
    m->hard = w->event->id == MACHINE_ON_FORCE_WANTED;
    handler_keep_down(w);
    if (m->op == MACHINE_OP_NONE)
        move_go_down(w);
    else
        move_act(w, MACHINE_DO_CANCEL);
}

void handler_redefine(struct work *w) {
    w->machine->remount = true;
    if (w->machine->op == MACHINE_OP_NONE)
        move_decide(w);
    else
        move_act(w, MACHINE_DO_CANCEL);
}

void handler_mount_again(struct work *w) {
    struct machine *m = w->machine;
    m->doubtful = w->event->doubtful;
    m->attempt++;
    m->steps = 0;
    move_decide(w);
}

void handler_next_step(struct work *w) {
    if (w->event->id == MACHINE_ON_UNMOUNT_OK)
        w->machine->present = MACHINE_NOTHING;
    move_decide(w);
}

void handler_recovered(struct work *w) {
    if (w->event->id == MACHINE_ON_MOUNT_OK)
        handler_mounted(w);
    else if (w->machine->present != MACHINE_OURS || !w->machine->wanted || w->machine->remount)
        move_decide(w);
    else {
        move_enter_mounted(w, MACHINE_FOR_RECOVERED);
        w->machine->attempt = 0;
    }
}

void handler_note_table(struct work *w) {
    if (w->machine->op == MACHINE_OP_NONE)
        move_decide(w);
}

/* True when the step just decided is overtaken by a new wish; the machine has moved on then. */
static bool overtaken(struct work *w) {
    if (w->machine->wanted && !w->machine->remount)
        return false;
    move_decide(w);
    return true;
}

void handler_wait(struct work *w) {
    if (overtaken(w))
        return;
    uint64_t ms = w->event->wait_ms;
    move_wait_for(w, ms < w->policy->wait_max_ms ? ms : w->policy->wait_max_ms);
}

void handler_await_server(struct work *w) {
    if (overtaken(w))
        return;
    uint64_t most = w->policy->await_max_ms, ms = w->event->wait_ms;
    move_wait_for(w, ms == 0 || ms > most ? most : ms);
    w->machine->awaiting = true;
    if (w->event->away)
        w->machine->steps = 0; /* it may be away for days: that is no loop */
    move_act(w, MACHINE_DO_WATCH_SERVER);
}

/* A step for which our mount must be there. */
static void step_on_mount(struct work *w, enum machine_action_id id) {
    if (w->machine->wanted && w->machine->present == MACHINE_OURS) {
        move_act(w, id);
        return;
    }
    move_act(w, MACHINE_DO_REFUSE);
    move_decide(w);
}

void handler_do_reconnect(struct work *w) {
    step_on_mount(w, MACHINE_DO_RECONNECT);
}

void handler_do_probe(struct work *w) {
    step_on_mount(w, MACHINE_DO_RECOVERY_PROBE);
}

void handler_do_unmount(struct work *w) {
    step_on_mount(w, MACHINE_DO_UNMOUNT);
}

void handler_do_force(struct work *w) {
    step_on_mount(w, MACHINE_DO_UNMOUNT_FORCE);
}

void handler_do_detach(struct work *w) {
    step_on_mount(w, MACHINE_DO_UNMOUNT_DETACH);
}

void handler_do_mount(struct work *w) {
    struct machine *m = w->machine;
    if (m->wanted && m->present == MACHINE_NOTHING) {
        m->remount = false;
        move_act(w, MACHINE_DO_MOUNT);
        return;
    }
    move_act(w, MACHINE_DO_REFUSE);
    move_decide(w);
}

void handler_do_call(struct work *w) {
    if (!overtaken(w))
        move_act(w, MACHINE_DO_CALL);
}

void handler_give_up(struct work *w) {
    if (overtaken(w))
        return;
    w->machine->attempt++;
    move_fail(w, MACHINE_FOR_GAVE_UP);
}

void handler_server_back(struct work *w) {
    if (w->machine->op == MACHINE_OP_NONE && w->machine->awaiting)
        move_decide(w);
}
