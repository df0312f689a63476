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
