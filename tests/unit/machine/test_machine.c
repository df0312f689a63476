/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The written scenarios: lists of events with the state and the actions that must follow. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "machine/describe.h"
#include "machine/machine.h"
#include "machine/policy.h"

static struct machine_policy policy;
static struct machine m;
static struct machine_out out;
static uint64_t now;

static void begin(void) {
    policy = policy_make(3, 30000);
    now = 1000;
    m = machine_init(now);
}

/* Feed an event; a result gets the id of the operation under way. */
static void on(enum machine_event_id id) {
    out = machine_step(&policy, m, (struct machine_event){.id = id, .op_id = m.op_id}, now);
    m = out.machine;
}

static void on_wanted(enum machine_event_id id, enum machine_reason reason) {
    out = machine_step(&policy, m, (struct machine_event){.id = id, .reason = reason}, now);
    m = out.machine;
}

static bool did(enum machine_action_id id) {
    for (unsigned i = 0; i < out.actions_len; i++)
        if (out.actions[i].id == id)
            return true;
    return false;
}

#define STATE(s)                                                                                   \
    cr_assert_eq(m.state, MACHINE_##s, "is %s, not %s", machine_state_name(m.state), #s)
#define DID(a) cr_assert(did(MACHINE_DO_##a), "did not %s", #a)
#define DID_NOT(a) cr_assert_not(did(MACHINE_DO_##a), "did %s", #a)

static void make_mounted(void) {
    begin();
    on(MACHINE_ON_MOUNT_WANTED);
    on(MACHINE_ON_MOUNT_OK);
    STATE(MOUNTED);
}

Test(machine, mounts_and_probes) {
    begin();
    on(MACHINE_ON_MOUNT_WANTED);
    STATE(MOUNTING);
    DID(MOUNT);
    on(MACHINE_ON_TABLE_OURS);
    on(MACHINE_ON_MOUNT_OK);
    STATE(MOUNTED);
    DID(PROBE);
}

Test(machine, adopts_what_is_there) {
    begin();
    on(MACHINE_ON_TABLE_OURS);
    STATE(MOUNTED);
    cr_assert_eq(m.reason, MACHINE_FOR_ADOPTED);
    DID_NOT(MOUNT);
}

Test(machine, three_strikes_begin_a_recovery) {
    make_mounted();
    on(MACHINE_ON_PROBE_SUSPECT);
    STATE(MOUNTED);
    cr_assert_eq(m.due_ms, now + POLICY_RECHECK_MS);
    now = m.due_ms;
    on(MACHINE_ON_TIMER);
    DID(PROBE);
    on(MACHINE_ON_PROBE_SUSPECT);
    on(MACHINE_ON_PROBE_SUSPECT);
    STATE(RECOVERING);
    DID(DECIDE);
    cr_assert_eq(m.outage_ms, 1000, "the outage began with the first strike");
}

Test(machine, healthy_forgets_strikes) {
    make_mounted();
    on(MACHINE_ON_PROBE_SUSPECT);
    on(MACHINE_ON_PROBE_SUSPECT);
    on(MACHINE_ON_PROBE_HEALTHY);
    on(MACHINE_ON_PROBE_SUSPECT);
    on(MACHINE_ON_PROBE_SUSPECT);
    STATE(MOUNTED);
}

Test(machine, slow_and_blind_never_strike) {
    make_mounted();
    for (int i = 0; i < 100; i++) {
        on(MACHINE_ON_PROBE_SLOW);
        on(MACHINE_ON_PROBE_BLIND);
    }
    STATE(MOUNTED);
    cr_assert_eq(m.strikes, 0);
}

Test(machine, vanished_mount_is_back_at_once) {
    make_mounted();
    on(MACHINE_ON_TABLE_ABSENT);
    STATE(RECOVERING);
    DID(MOUNT);
    on(MACHINE_ON_MOUNT_OK);
    STATE(MOUNTED);
    cr_assert_eq(m.reason, MACHINE_FOR_RECOVERED);
    cr_assert_eq(m.outage_ms, 0);
}

Test(machine, foreign_mount_on_top_is_left_alone) {
    make_mounted();
    on(MACHINE_ON_TABLE_FOREIGN);
    STATE(FAILED);
    cr_assert_eq(m.reason, MACHINE_FOR_FOREIGN);
    cr_assert_eq(m.due_ms, 0);
    on(MACHINE_ON_NET_CHANGED);
    on(MACHINE_ON_MOUNT_WANTED);
    cr_assert_eq(out.actions_len, 0);
    on(MACHINE_ON_TABLE_OURS);
    STATE(MOUNTED);
}

Test(machine, foreign_mount_taken_away_mounts_ours) {
    begin();
    on(MACHINE_ON_TABLE_FOREIGN);
    on(MACHINE_ON_MOUNT_WANTED);
    STATE(FAILED);
    DID_NOT(MOUNT);
    on(MACHINE_ON_TABLE_ABSENT);
    STATE(MOUNTING);
}

Test(machine, dead_server_waits_then_heals_by_itself) {
    make_mounted();
    on(MACHINE_ON_TABLE_OURS);
    on(MACHINE_ON_PROBE_DEAD);
    STATE(RECOVERING);
    on(MACHINE_ON_DECIDED_AWAIT);
    DID(WATCH_SERVER);
    cr_assert(m.awaiting);
    on(MACHINE_ON_SERVER_ANSWERS);
    DID(DECIDE);
    on(MACHINE_ON_DECIDED_PROBE);
    DID(RECOVERY_PROBE);
    on(MACHINE_ON_PROBED_HEALTHY);
    STATE(MOUNTED);
    DID_NOT(UNMOUNT_DETACH);
}

Test(machine, a_plugin_that_turns_in_circles_is_stopped) {
    make_mounted();
    on(MACHINE_ON_TABLE_OURS);
    on(MACHINE_ON_PROBE_DEAD);
    int steps = 0;
    while (m.state == MACHINE_RECOVERING && steps < 1000) {
        on(MACHINE_ON_DECIDED_PROBE);
        on(MACHINE_ON_PROBED_BAD);
        steps++;
    }
    STATE(FAILED);
    cr_assert_eq(m.reason, MACHINE_FOR_GAVE_UP);
    cr_assert_eq(m.due_ms, now + 30000);
}

Test(machine, never_mounts_over_something) {
    make_mounted();
    on(MACHINE_ON_TABLE_OURS);
    on(MACHINE_ON_PROBE_DEAD);
    on(MACHINE_ON_DECIDED_MOUNT);
    DID(REFUSE);
    DID_NOT(MOUNT);
}

Test(machine, detach_and_mount) {
    make_mounted();
    on(MACHINE_ON_TABLE_OURS);
    on(MACHINE_ON_PROBE_DEAD);
    on(MACHINE_ON_DECIDED_DETACH);
    DID(UNMOUNT_DETACH);
    on(MACHINE_ON_TABLE_ABSENT);
    STATE(RECOVERING);
    on(MACHINE_ON_UNMOUNT_OK);
    DID(DECIDE);
    on(MACHINE_ON_DECIDED_MOUNT);
    DID(MOUNT);
    on(MACHINE_ON_MOUNT_TRANSIENT);
    cr_assert_eq(m.attempt, 1);
    DID(DECIDE);
}

Test(machine, auth_and_config_never_retry_by_themselves) {
    static const enum machine_event_id failures[] = {MACHINE_ON_MOUNT_AUTH,
                                                     MACHINE_ON_MOUNT_CONFIG};
    for (int i = 0; i < 2; i++) {
        begin();
        on(MACHINE_ON_MOUNT_WANTED);
        on(failures[i]);
        STATE(FAILED);
        cr_assert_eq(m.due_ms, 0);
        now += 86400000;
        on(MACHINE_ON_TIMER);
        on(MACHINE_ON_NET_CHANGED);
        on(MACHINE_ON_SERVER_ANSWERS);
        STATE(FAILED);
        on(MACHINE_ON_MOUNT_WANTED);
        STATE(MOUNTING);
    }
}

Test(machine, transient_failure_retries) {
    begin();
    on(MACHINE_ON_MOUNT_WANTED);
    on(MACHINE_ON_MOUNT_TRANSIENT);
    STATE(FAILED);
    DID(WATCH_SERVER);
    cr_assert_eq(m.due_ms, now + 30000);
    on(MACHINE_ON_SERVER_ANSWERS);
    STATE(MOUNTING);
    on(MACHINE_ON_MOUNT_TRANSIENT);
    on(MACHINE_ON_NET_CHANGED);
    STATE(MOUNTING);
    on(MACHINE_ON_MOUNT_ABSENT);
    cr_assert_eq(m.due_ms, now + 300000, "an absent share is retried slowly");
}

Test(machine, unmount_during_a_mount_is_not_lost) {
    begin();
    on(MACHINE_ON_MOUNT_WANTED);
    on_wanted(MACHINE_ON_UNMOUNT_WANTED, MACHINE_FOR_BY_HAND);
    DID(CANCEL);
    on(MACHINE_ON_TABLE_OURS);
    on(MACHINE_ON_MOUNT_OK);
    STATE(UNMOUNTING);
    on(MACHINE_ON_TABLE_ABSENT);
    on(MACHINE_ON_UNMOUNT_OK);
    STATE(UNMOUNTED);
    cr_assert_eq(m.reason, MACHINE_FOR_BY_HAND);
    on(MACHINE_ON_NET_CHANGED);
    on(MACHINE_ON_SERVER_ANSWERS);
    STATE(UNMOUNTED);
}

Test(machine, mount_during_an_unmount_is_not_lost) {
    make_mounted();
    on(MACHINE_ON_TABLE_OURS);
    on_wanted(MACHINE_ON_UNMOUNT_WANTED, MACHINE_FOR_BY_HAND);
    STATE(UNMOUNTING);
    on(MACHINE_ON_MOUNT_WANTED);
    on(MACHINE_ON_UNMOUNT_OK);
    STATE(MOUNTING);
}

Test(machine, busy_unmount_stays_mounted) {
    make_mounted();
    on(MACHINE_ON_TABLE_OURS);
    on_wanted(MACHINE_ON_UNMOUNT_WANTED, MACHINE_FOR_BY_HAND);
    on(MACHINE_ON_UNMOUNT_BUSY);
    STATE(MOUNTED);
    cr_assert_eq(m.reason, MACHINE_FOR_BUSY);
    cr_assert(m.wanted);
    cr_assert_eq(m.due_ms, 0);
}

Test(machine, forced_unmount) {
    make_mounted();
    on(MACHINE_ON_TABLE_OURS);
    on_wanted(MACHINE_ON_FORCE_WANTED, MACHINE_FOR_BY_HAND);
    STATE(UNMOUNTING);
    DID(UNMOUNT_HARD);
}

Test(machine, force_after_a_polite_one_hangs) {
    make_mounted();
    on(MACHINE_ON_TABLE_OURS);
    on_wanted(MACHINE_ON_UNMOUNT_WANTED, MACHINE_FOR_BY_HAND);
    on_wanted(MACHINE_ON_FORCE_WANTED, MACHINE_FOR_BY_HAND);
    DID(CANCEL);
    on(MACHINE_ON_UNMOUNT_FAILED);
    DID(UNMOUNT_HARD);
    on(MACHINE_ON_UNMOUNT_FAILED);
    STATE(MOUNTED);
}

Test(machine, changed_definition_remounts_or_waits_for_busy) {
    make_mounted();
    on(MACHINE_ON_TABLE_OURS);
    on(MACHINE_ON_REMOUNT_WANTED);
    DID(UNMOUNT);
    on(MACHINE_ON_UNMOUNT_BUSY);
    STATE(MOUNTED);
    cr_assert(m.remount);
    now = m.due_ms;
    on(MACHINE_ON_TIMER);
    STATE(UNMOUNTING);
    on(MACHINE_ON_UNMOUNT_OK);
    STATE(MOUNTING);
    on(MACHINE_ON_MOUNT_OK);
    STATE(MOUNTED);
    cr_assert_not(m.remount);
}

/* A plugin that calls a working mount dead for ever: every attempt after the first is a later one,
 * so that backoff can slow it down. */
Test(machine, only_a_healthy_probe_makes_a_first_attempt) {
    make_mounted();
    on(MACHINE_ON_TABLE_OURS);
    for (unsigned i = 0; i < 5; i++) {
        on(MACHINE_ON_PROBE_DEAD);
        cr_assert_eq(m.attempt, i);
        on(MACHINE_ON_DECIDED_DETACH);
        on(MACHINE_ON_UNMOUNT_OK);
        on(MACHINE_ON_DECIDED_MOUNT);
        on(MACHINE_ON_MOUNT_OK);
        STATE(MOUNTED);
    }
    on(MACHINE_ON_PROBE_HEALTHY);
    on(MACHINE_ON_PROBE_DEAD);
    cr_assert_eq(m.attempt, 0);
}

Test(machine, unmounted_while_covered_goes_down_when_it_comes_to_light) {
    make_mounted();
    on(MACHINE_ON_TABLE_FOREIGN);
    on_wanted(MACHINE_ON_UNMOUNT_WANTED, MACHINE_FOR_BY_HAND);
    STATE(UNMOUNTED);
    on(MACHINE_ON_TABLE_OURS);
    STATE(UNMOUNTING);
}

Test(machine, late_results_are_dropped) {
    begin();
    on(MACHINE_ON_MOUNT_WANTED);
    uint32_t old = m.op_id;
    on(MACHINE_ON_MOUNT_TRANSIENT);
    on(MACHINE_ON_MOUNT_WANTED);
    out = machine_step(&policy, m,
                       (struct machine_event){.id = MACHINE_ON_MOUNT_AUTH, .op_id = old}, now);
    cr_assert(out.dropped);
    cr_assert_eq(out.machine.state, MACHINE_MOUNTING);
}

Test(machine, a_mount_that_came_too_late_is_undone_or_adopted) {
    begin();
    on(MACHINE_ON_MOUNT_WANTED);
    on_wanted(MACHINE_ON_UNMOUNT_WANTED, MACHINE_FOR_BY_HAND);
    out = machine_step(&policy, m,
                       (struct machine_event){
                           .id = MACHINE_ON_MOUNT_TRANSIENT, .op_id = m.op_id, .doubtful = true},
                       now);
    m = out.machine;
    STATE(UNMOUNTED);
    on(MACHINE_ON_TABLE_OURS);
    STATE(UNMOUNTING);

    begin();
    on(MACHINE_ON_MOUNT_WANTED);
    on(MACHINE_ON_MOUNT_TRANSIENT);
    on(MACHINE_ON_TABLE_OURS);
    STATE(MOUNTED);
}

Test(machine, documentation_is_made_from_the_table) {
    struct str text, dot;
    str_init(&text, 65536);
    str_init(&dot, 65536);
    machine_describe_text(&text);
    machine_describe_dot(&dot);
    cr_assert_not(text.failed || dot.failed);
    for (unsigned e = 0; e < MACHINE_EVENT_COUNT; e++)
        cr_assert_not_null(strstr(text.data, machine_event_name((enum machine_event_id)e)));
    cr_assert_not_null(strstr(dot.data, "mounted -> recovering"));
    str_finish(&text);
    str_finish(&dot);
}
