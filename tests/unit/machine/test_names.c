/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>

#include "machine/machine.h"

Test(machine_names, what_is_none_has_no_name_and_no_effect) {
    const struct machine_policy none = {0};
    struct machine m = {.state = MACHINE_MOUNTED};
    struct machine_out out =
        machine_step(&none, m, (struct machine_event){.id = MACHINE_EVENT_COUNT}, 1);
    cr_assert(out.dropped && out.actions_len == 0 && out.machine.state == MACHINE_MOUNTED);
    m.state = MACHINE_STATE_COUNT;
    out = machine_step(&none, m, (struct machine_event){.id = MACHINE_ON_TIMER}, 1);
    cr_assert(out.dropped && out.actions_len == 0);
    cr_assert_str_eq(machine_state_name(MACHINE_STATE_COUNT), "?");
    cr_assert_str_eq(machine_event_name(MACHINE_EVENT_COUNT), "?");
    cr_assert_str_eq(machine_reason_name(MACHINE_REASON_COUNT), "?");
    cr_assert_str_eq(machine_reason_words(MACHINE_REASON_COUNT), "?");
    cr_assert_eq(machine_reason_retry(MACHINE_REASON_COUNT), 0);
    cr_assert_str_eq(machine_op_name(MACHINE_OP_COUNT), "?");
    cr_assert_str_eq(machine_op_name(MACHINE_OP_MOUNT), "mount");
    cr_assert_str_eq(machine_action_name(MACHINE_ACTION_COUNT), "?");
    cr_assert_str_eq(machine_action_name(MACHINE_DO_MOUNT), "mount");
    cr_assert_eq(machine_action_op(MACHINE_ACTION_COUNT), MACHINE_OP_NONE);
}

static struct machine after(struct machine m, enum machine_event_id event) {
    const struct machine_policy policy = {.failure_threshold = 3, .steps_max = 8};
    return machine_step(&policy, m, (struct machine_event){.id = event}, 1000).machine;
}

/* States that no walk from the beginning comes to, but a struct can be in. */
Test(machine_edges, are_left_in_good_order) {
    struct machine m = {.state = MACHINE_MOUNTED, .present = MACHINE_OURS, .wanted = true};
    m.reason = MACHINE_FOR_SUSPECT;
    cr_assert_eq(after(m, MACHINE_ON_PROBE_HEALTHY).reason, MACHINE_FOR_NONE);
    m.reason = MACHINE_FOR_BUSY;
    cr_assert_eq(after(m, MACHINE_ON_PROBE_HEALTHY).reason, MACHINE_FOR_NONE);
    m.remount = true;
    cr_assert_eq(after(m, MACHINE_ON_PROBE_HEALTHY).reason, MACHINE_FOR_BUSY, "still to be done");
    m = (struct machine){.state = MACHINE_FAILED, .present = MACHINE_OURS, .wanted = false};
    cr_assert_eq(after(m, MACHINE_ON_PROBE_HEALTHY).state, MACHINE_FAILED, "nobody wants it");
    m.wanted = true;
    cr_assert_eq(after(m, MACHINE_ON_PROBE_HEALTHY).state, MACHINE_MOUNTED);
    m.remount = true;
    m.reason = MACHINE_FOR_DEAD;
    cr_assert_eq(after(m, MACHINE_ON_MOUNT_WANTED).state, MACHINE_UNMOUNTING, "to be made anew");
    /* No time at all is still later than now. */
    m = (struct machine){.state = MACHINE_MOUNTED, .present = MACHINE_OURS, .wanted = true};
    cr_assert_eq(after(m, MACHINE_ON_PROBE_SLOW).due_ms, 1001);
}
