/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "machine/machine.h"

#include <stddef.h>

#include "machine/handlers.h"

struct cells {
    unsigned char in[MACHINE_STATE_COUNT];
};

#define ROW(event, u, ming, med, rec, uming, fail)                                                 \
    [MACHINE_ON_##event] = {{                                                                      \
        [MACHINE_UNMOUNTED] = HANDLER_##u,                                                         \
        [MACHINE_MOUNTING] = HANDLER_##ming,                                                       \
        [MACHINE_MOUNTED] = HANDLER_##med,                                                         \
        [MACHINE_RECOVERING] = HANDLER_##rec,                                                      \
        [MACHINE_UNMOUNTING] = HANDLER_##uming,                                                    \
        [MACHINE_FAILED] = HANDLER_##fail,                                                         \
    }}

/* clang-format off */
static const struct cells table[MACHINE_EVENT_COUNT] = {
    /*                 unmounted  mounting      mounted       recovering     unmounting        failed */
    ROW(MOUNT_WANTED,    start,     want,         want,         hurry,         want,             retry),
    ROW(UNMOUNT_WANTED,  keep_down, abandon,      take_down,    stop_recovery, keep_down,        leave),
    ROW(FORCE_WANTED,    keep_down, abandon,      take_down,    stop_recovery, remember_force,   leave),
    ROW(REMOUNT_WANTED,  stay,      restart,      take_down,    redefine,      remember_remount, retry),
    ROW(MOUNT_OK,        stay,      mounted,      stay,         recovered,     stay,             stay),
    ROW(MOUNT_TRANSIENT, stay,      mount_failed, stay,         mount_again,   stay,             stay),
    ROW(MOUNT_ABSENT,    stay,      mount_failed, stay,         mount_failed,  stay,             stay),
    ROW(MOUNT_AUTH,      stay,      mount_failed, stay,         mount_failed,  stay,             stay),
    ROW(MOUNT_CONFIG,    stay,      mount_failed, stay,         mount_failed,  stay,             stay),
    ROW(MOUNT_FOREIGN,   stay,      mount_failed, stay,         mount_failed,  stay,             stay),
    ROW(UNMOUNT_OK,      stay,      stay,         stay,         next_step,     unmounted,        stay),
    ROW(UNMOUNT_BUSY,    stay,      stay,         stay,         next_step,     not_unmounted,    stay),
    ROW(UNMOUNT_FAILED,  stay,      stay,         stay,         next_step,     not_unmounted,    stay),
    ROW(STEP_OK,         stay,      stay,         stay,         next_step,     stay,             stay),
    ROW(STEP_FAILED,     stay,      stay,         stay,         next_step,     stay,             stay),
    ROW(PROBED_HEALTHY,  stay,      stay,         stay,         recovered,     stay,             stay),
    ROW(PROBED_BAD,      stay,      stay,         stay,         next_step,     stay,             stay),
    ROW(TABLE_OURS,      appear,    stay,         stay,         stay,          stay,             appear),
    ROW(TABLE_ABSENT,    stay,      stay,         vanish,       note_table,    stay,             clear),
    ROW(TABLE_FOREIGN,   stay,      stay,         cover,        note_table,    stay,             cover),
    ROW(PROBE_HEALTHY,   stay,      stay,         healthy,      stay,          stay,             come_back),
    ROW(PROBE_SUSPECT,   stay,      stay,         strike,       stay,          stay,             stay),
    ROW(PROBE_SLOW,      stay,      stay,         look_again,   stay,          stay,             stay),
    ROW(PROBE_BLIND,     stay,      stay,         stay,         stay,          stay,             stay),
    ROW(PROBE_DEAD,      stay,      stay,         fail_dead,    stay,          stay,             stay),
    ROW(PROBE_DENIED,    stay,      stay,         fail_denied,  stay,          stay,             stay),
    ROW(PROBE_GONE,      stay,      stay,         fail_gone,    stay,          stay,             stay),
    ROW(DECIDED_WAIT,      stay,    stay,         stay,         wait,          stay,             stay),
    ROW(DECIDED_AWAIT,     stay,    stay,         stay,         await_server,  stay,             stay),
    ROW(DECIDED_RECONNECT, stay,    stay,         stay,         do_reconnect,  stay,             stay),
    ROW(DECIDED_PROBE,     stay,    stay,         stay,         do_probe,      stay,             stay),
    ROW(DECIDED_UNMOUNT,   stay,    stay,         stay,         do_unmount,    stay,             stay),
    ROW(DECIDED_FORCE,     stay,    stay,         stay,         do_force,      stay,             stay),
    ROW(DECIDED_DETACH,    stay,    stay,         stay,         do_detach,     stay,             stay),
    ROW(DECIDED_MOUNT,     stay,    stay,         stay,         do_mount,      stay,             stay),
    ROW(DECIDED_CALL,      stay,    stay,         stay,         do_call,       stay,             stay),
    ROW(DECIDED_GIVE_UP,   stay,    stay,         stay,         give_up,       stay,             stay),
    ROW(SERVER_ANSWERS,  stay,      stay,         stay,         server_back,   stay,             retry_soon),
    ROW(LOGIN_WORKS,     stay,      stay,         stay,         stay,          stay,             retry_login),
    ROW(NET_CHANGED,     stay,      stay,         look_again,   hurry,         stay,             retry_soon),
    ROW(WOKE,            stay,      stay,         start_afresh, hurry,         stay,             retry_soon),
    ROW(TIMER,           stay,      stay,         tick_mounted, hurry,         stay,             retry),
};
/* clang-format on */

static void (*const functions[HANDLER_COUNT])(struct work *) = {
#define H(name, targets, meaning) handler_##name,
    MACHINE_HANDLERS(H)
#undef H
};

static const bool is_result[MACHINE_EVENT_COUNT] = {
#define X(id, name, result, meaning) [MACHINE_ON_##id] = (result) != 0,
    MACHINE_EVENTS(X)
#undef X
};

struct machine machine_init(uint64_t now_ms) {
    return (struct machine){.state = MACHINE_UNMOUNTED, .since_ms = now_ms};
}

static void note_present(struct machine *machine, enum machine_event_id event) {
    if (event == MACHINE_ON_TABLE_OURS)
        machine->present = MACHINE_OURS;
    else if (event == MACHINE_ON_TABLE_ABSENT)
        machine->present = MACHINE_NOTHING;
    else if (event == MACHINE_ON_TABLE_FOREIGN)
        machine->present = MACHINE_OTHER;
}

struct machine_out machine_step(const struct machine_policy *policy, struct machine machine,
                                struct machine_event event, uint64_t now_ms) {
    struct machine_out out = {.actions_len = 0, .dropped = false};
    if (event.id >= MACHINE_EVENT_COUNT || machine.state >= MACHINE_STATE_COUNT) {
        out.machine = machine;
        out.dropped = true;
        return out;
    }
    if (is_result[event.id]) {
        if (machine.op == MACHINE_OP_NONE || event.op_id != machine.op_id) {
            out.machine = machine;
            out.dropped = true;
            return out;
        }
        machine.op = MACHINE_OP_NONE;
    }
    note_present(&machine, event.id);
    if (event.id == MACHINE_ON_TIMER)
        machine.due_ms = 0;
    struct work w = {policy, &machine, &event, &out, now_ms};
    functions[table[event.id].in[machine.state]](&w);
    out.machine = machine;
    return out;
}

const char *machine_cell_name(enum machine_event_id event, enum machine_state state) {
    static const char *const names[HANDLER_COUNT] = {
#define H(name, targets, meaning) #name,
        MACHINE_HANDLERS(H)
#undef H
    };
    return names[table[event].in[state]];
}

bool machine_cell_leads(enum machine_event_id event, enum machine_state state,
                        enum machine_state to) {
    static const unsigned targets_of[HANDLER_COUNT] = {
#define H(name, targets, meaning) targets,
        MACHINE_HANDLERS(H)
#undef H
    };
    return (targets_of[table[event].in[state]] & (1u << to)) != 0;
}
