/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A mount that nobody uses is unmounted, and one that somebody may use is not. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "rig.h"

#define IDLE_MS 600000u

static struct supervisor *s;

static void set_up(void) {
    rig_start(1, "  idle_unmount_min: 10\n  probe_interval_sec: 3600\n");
    s = rig_mount(0);
    rig_bring_up(0);
}

TestSuite(idle, .init = set_up, .fini = rig_finish);

static void found(enum helper_class class, unsigned holders) {
    struct helper_proc *p = rig_helper();
    struct helper_result result = {.class = class, .holders = holders};
    cr_assert_eq(p->op, HELPER_HOLDERS);
    cr_assert_eq(p->mount_id, s->identity.id);
    p->events.result(p->events.context, &result, false);
}

/* Until somebody is sent to look. */
static void next_look(void) {
    unsigned before = rig_helpers_len;
    while (rig_helpers_len == before)
        rig_pass(1000);
}

Test(idle, after_its_time_it_is_unmounted_politely) {
    uint64_t begun = rig_now;
    while (rig_helper()->op != HELPER_UNMOUNT) {
        cr_assert_leq(rig_now - begun, 2 * IDLE_MS);
        next_look();
        if (rig_helper()->op == HELPER_HOLDERS)
            found(HELPER_OK, 0);
    }
    cr_assert_geq(rig_now - begun, IDLE_MS);
    cr_assert_eq(s->machine.reason, MACHINE_FOR_IDLE);
    cr_assert_not_null(strstr(rig_log, "nobody has used it for 600000 ms"), "%s", rig_log);
    rig_table[0].ours = 0;
    rig_result(HELPER_OK, "unmounted");
    cr_assert_eq(s->machine.state, MACHINE_UNMOUNTED);
    rig_pass(IDLE_MS);
    cr_assert_eq(s->machine.state, MACHINE_UNMOUNTED, "it stays down");
}

/* What could not be looked at counts as used. */
Test(idle, somebody_who_may_use_it_begins_the_time_anew) {
    static const struct {
        enum helper_class class;
        unsigned holders;
    } rows[] = {{HELPER_OK, 1}, {HELPER_TRANSIENT, 0}, {HELPER_CONFIG, 0}};
    for (size_t i = 0; i < 3; i++) {
        for (int look = 0; look < 3; look++) {
            next_look();
            found(HELPER_OK, 0);
        }
        next_look();
        found(rows[i].class, rows[i].holders);
        cr_assert_eq(s->idle_since_ms, rig_now);
    }
    cr_assert_eq(s->machine.state, MACHINE_MOUNTED);
}

Test(idle, without_a_helper_it_counts_as_used) {
    rig_no_helper = true;
    rig_pass(3 * IDLE_MS);
    cr_assert_eq(s->machine.state, MACHINE_MOUNTED);
    cr_assert_leq(rig_now - s->idle_since_ms, IDLE_MS);
}

Test(idle, only_one_looks_at_a_time) {
    next_look();
    unsigned helpers = rig_helpers_len;
    rig_pass(IDLE_MS);
    cr_assert_eq(rig_helpers_len, helpers);
    found(HELPER_OK, 1);
    next_look();
}

Test(idle, a_look_that_ends_in_an_outage_unmounts_nothing) {
    next_look();
    rig_now += 2 * IDLE_MS;
    supervisor_on(s, MACHINE_ON_PROBE_DEAD);
    found(HELPER_OK, 0);
    cr_assert_eq(s->machine.state, MACHINE_RECOVERING);
    idle_check(s);
    cr_assert_null(s->checker, "nobody looks at what is not well");
}

Test(idle, a_reload_may_end_it_while_somebody_looks) {
    next_look();
    struct config config = rig_config("  idle_unmount_min: 0\n",
                                      "- {name: a, server: nas, share: a, mountpoint: /mnt/a}\n");
    supervisor_reconfigure(s, &config.mounts[0]);
    config_finish(&config);
    rig_now += 2 * IDLE_MS;
    found(HELPER_OK, 0);
    cr_assert_eq(s->machine.state, MACHINE_MOUNTED);
    cr_assert_eq(s->idle_due_ms, 0);
}

Test(idle, a_mount_that_goes_away_does_not_wait_for_the_look) {
    next_look();
    supervisor_destroy(s);
    d.mounts_len = 0;
    cr_assert(rig_helper()->abandoned);
}
