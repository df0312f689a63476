/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Waiting for a server has no end while it is away, and an end when it is not. */
#include <criterion/criterion.h>

#include "machine/machine.h"
#include "machine/policy.h"

static struct machine_policy policy;
static struct machine m;
static uint64_t now;

static void on(struct machine_event event) {
    event.op_id = m.op_id;
    m = machine_step(&policy, m, event, ++now).machine;
}

/* The chain says AWAIT each time that it is asked; how often, until something else comes of it. */
static unsigned await_up_to(unsigned times, bool away) {
    policy = policy_make(3, 60000);
    m = machine_init(0);
    on((struct machine_event){.id = MACHINE_ON_MOUNT_WANTED});
    on((struct machine_event){.id = MACHINE_ON_TABLE_OURS});
    on((struct machine_event){.id = MACHINE_ON_MOUNT_OK});
    on((struct machine_event){.id = MACHINE_ON_PROBE_DEAD});
    for (unsigned i = 0; i < times; i++) {
        if (m.state != MACHINE_RECOVERING)
            return i;
        cr_assert_eq(m.op, MACHINE_OP_DECIDE);
        on((struct machine_event){.id = MACHINE_ON_DECIDED_AWAIT, .away = away});
        on((struct machine_event){.id = MACHINE_ON_TIMER});
    }
    return times;
}

Test(await, a_server_may_be_away_for_days) {
    cr_assert_eq(await_up_to(10000, true), 10000);
    cr_assert_eq(m.state, MACHINE_RECOVERING);
}

/* A bad plugin: it would wait for ever, and the mount would never be looked at again. */
Test(await, nobody_waits_for_ever_for_a_server_that_answers) {
    cr_assert_leq(await_up_to(10000, false), POLICY_STEPS_MAX);
    cr_assert_eq(m.state, MACHINE_FAILED);
    cr_assert_neq(m.due_ms, 0, "it is tried again");
}
