/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What the cells do outside of a recovery, in the order of MACHINE_HANDLERS. */
#include "machine/handlers.h"

#include "machine/moves.h"

void handler_stay(struct work *w) {
    (void)w;
}

void handler_start(struct work *w) {
    struct machine *m = w->machine;
    m->wanted = true;
    m->hard = false;
    if (m->present != MACHINE_NOTHING)
        move_fail(w, MACHINE_FOR_FOREIGN);
    else
        move_begin_mount(w, MACHINE_FOR_STARTED);
}

void handler_keep_down(struct work *w) {
    w->machine->wanted = false;
    w->machine->remount = false;
    w->machine->reason = w->event->reason;
}

void handler_appear(struct work *w) {
    struct machine *m = w->machine;
    if (m->wanted || !m->doubtful) {
        m->wanted = true;
        move_enter_mounted(w, MACHINE_FOR_ADOPTED);
    } else {
        move_begin_unmount(w, m->reason);
    }
}

void handler_want(struct work *w) {
    w->machine->wanted = true;
    w->machine->hard = false;
}

void handler_abandon(struct work *w) {
    handler_keep_down(w);
    move_act(w, MACHINE_DO_CANCEL);
}

void handler_restart(struct work *w) {
    w->machine->remount = true;
    move_act(w, MACHINE_DO_CANCEL);
}

void handler_mounted(struct work *w) {
    struct machine *m = w->machine;
    m->present = MACHINE_OURS;
    if (!m->wanted || m->remount)
        move_begin_unmount(w, m->reason);
    else
        move_enter_mounted(w, m->outage_ms != 0 ? MACHINE_FOR_RECOVERED : MACHINE_FOR_STARTED);
}

static enum machine_reason reason_of(enum machine_event_id event) {
    return event == MACHINE_ON_MOUNT_AUTH      ? MACHINE_FOR_AUTH
           : event == MACHINE_ON_MOUNT_CONFIG  ? MACHINE_FOR_CONFIG
           : event == MACHINE_ON_MOUNT_ABSENT  ? MACHINE_FOR_ABSENT
           : event == MACHINE_ON_MOUNT_FOREIGN ? MACHINE_FOR_FOREIGN
                                               : MACHINE_FOR_TRANSIENT;
}

void handler_mount_failed(struct work *w) {
    struct machine *m = w->machine;
    m->doubtful = w->event->doubtful;
    if (m->present == MACHINE_OURS)
        handler_mounted(w); /* it came to be all the same */
    else if (!m->wanted)
        move_enter(w, MACHINE_UNMOUNTED, m->reason);
    else if (m->remount && m->present == MACHINE_NOTHING)
        move_begin_mount(w, MACHINE_FOR_RELOAD);
    else
        move_fail(w, reason_of(w->event->id));
}

void handler_take_down(struct work *w) {
    struct machine *m = w->machine;
    if (w->event->id == MACHINE_ON_REMOUNT_WANTED) {
        m->remount = true;
        m->hard = false;
        move_begin_unmount(w, MACHINE_FOR_RELOAD);
        return;
    }
    m->wanted = false;
    m->remount = false;
    m->hard = w->event->id == MACHINE_ON_FORCE_WANTED;
    move_begin_unmount(w, w->event->reason);
}

void handler_vanish(struct work *w) {
    move_begin_recovery(w, MACHINE_FOR_VANISHED);
    w->machine->remount = false;
    move_act(w, MACHINE_DO_MOUNT);
}

void handler_cover(struct work *w) {
    move_fail(w, MACHINE_FOR_FOREIGN);
}

void handler_healthy(struct work *w) {
    struct machine *m = w->machine;
    m->strikes = 0;
    m->attempt = 0;
    m->outage_ms = 0;
    if (!m->remount)
        m->due_ms = 0;
    if (m->reason == MACHINE_FOR_SUSPECT || (m->reason == MACHINE_FOR_BUSY && !m->remount))
        m->reason = MACHINE_FOR_NONE;
}

void handler_strike(struct work *w) {
    struct machine *m = w->machine;
    if (m->strikes == 0)
        m->outage_ms = w->now_ms;
    if (++m->strikes < w->policy->failure_threshold) {
        move_wait_for(w, w->policy->recheck_ms);
        return;
    }
    move_begin_recovery(w, MACHINE_FOR_SUSPECT);
    move_decide(w);
}

void handler_start_afresh(struct work *w) {
    w->machine->strikes = 0;
    w->machine->outage_ms = 0;
    move_act(w, MACHINE_DO_PROBE);
}

void handler_look_again(struct work *w) {
    if (w->event->id == MACHINE_ON_NET_CHANGED)
        move_act(w, MACHINE_DO_PROBE);
    else
        move_wait_for(w, w->policy->recheck_ms);
}

void handler_fail_dead(struct work *w) {
    move_begin_recovery(w, MACHINE_FOR_DEAD);
    move_decide(w);
}

void handler_fail_denied(struct work *w) {
    move_begin_recovery(w, MACHINE_FOR_DENIED);
    move_decide(w);
}

void handler_fail_gone(struct work *w) {
    move_begin_recovery(w, MACHINE_FOR_GONE);
    move_decide(w);
}

void handler_tick_mounted(struct work *w) {
    if (w->machine->remount)
        move_begin_unmount(w, MACHINE_FOR_RELOAD);
    else
        move_act(w, MACHINE_DO_PROBE);
}

void handler_unmounted(struct work *w) {
    struct machine *m = w->machine;
    bool again = m->wanted || m->remount;
    m->hard = false;
    m->doubtful = false;
    m->present = MACHINE_NOTHING;
    if (!again) {
        m->outage_ms = 0;
        move_enter(w, MACHINE_UNMOUNTED, m->reason);
        return;
    }
    m->wanted = true;
    move_begin_mount(w, m->reason);
}

void handler_not_unmounted(struct work *w) {
    struct machine *m = w->machine;
    if (m->present == MACHINE_NOTHING) {
        handler_unmounted(w);
    } else if (m->present == MACHINE_OTHER) {
        m->hard = false;
        if (m->wanted || m->remount)
            move_fail(w, MACHINE_FOR_FOREIGN);
        else
            move_enter(w, MACHINE_UNMOUNTED, m->reason);
    } else if (m->hard) {
        m->hard = false; /* once: if force does not help, nothing here does */
        move_act(w, MACHINE_DO_UNMOUNT_HARD);
    } else {
        m->wanted = true;
        move_enter_mounted(w, MACHINE_FOR_BUSY);
        if (m->remount)
            move_wait_for(w, w->policy->failed_retry_ms);
    }
}

void handler_remember_force(struct work *w) {
    handler_keep_down(w);
    w->machine->hard = true;
    move_act(w, MACHINE_DO_CANCEL);
}

void handler_remember_remount(struct work *w) {
    w->machine->remount = true;
}

void handler_retry(struct work *w) {
    struct machine *m = w->machine;
    m->wanted = m->wanted || w->event->id == MACHINE_ON_MOUNT_WANTED;
    bool by_itself = w->event->id == MACHINE_ON_TIMER;
    if (m->present == MACHINE_OTHER || !m->wanted)
        return;
    if (by_itself && machine_reason_retry(m->reason) == 0)
        return;
    if (m->present == MACHINE_NOTHING) {
        move_begin_mount(w, MACHINE_FOR_STARTED);
        return;
    }
    enum machine_reason reason = m->reason;
    uint32_t attempt = m->attempt;
    move_begin_recovery(w, reason);
    m->attempt = attempt;
    m->remount = m->remount || w->event->id == MACHINE_ON_REMOUNT_WANTED;
    move_decide(w);
}

void handler_retry_soon(struct work *w) {
    enum machine_reason reason = w->machine->reason;
    int retry = machine_reason_retry(reason);
    if (retry == 1 || (retry == 2 && w->event->id != MACHINE_ON_SERVER_ANSWERS))
        handler_retry(w);
}

void handler_retry_login(struct work *w) {
    if (w->machine->reason == MACHINE_FOR_AUTH)
        handler_retry(w);
}

void handler_leave(struct work *w) {
    struct machine *m = w->machine;
    m->hard = w->event->id == MACHINE_ON_FORCE_WANTED;
    /* Ours may stand below what covers it: it goes down when it comes to light. */
    m->doubtful = m->doubtful || m->present == MACHINE_OTHER;
    handler_keep_down(w);
    move_go_down(w);
}

void handler_clear(struct work *w) {
    struct machine *m = w->machine;
    bool may = m->reason == MACHINE_FOR_FOREIGN || m->reason == MACHINE_FOR_GAVE_UP;
    if (m->wanted && may)
        move_begin_mount(w, MACHINE_FOR_VANISHED);
}

void handler_come_back(struct work *w) {
    if (w->machine->present != MACHINE_OURS || !w->machine->wanted)
        return;
    move_enter_mounted(w, MACHINE_FOR_RECOVERED);
    w->machine->attempt = 0;
}
