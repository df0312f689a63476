/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A mount of ours that lacks nosuid or nodev gets them, one at a time, and whatever comes of it is
 * told. */
#include "daemon/harden.h"

#include <criterion/criterion.h>
#include <string.h>

#include "rig.h"

static void set_up(void) {
    rig_start(2, "");
}

TestSuite(harden, .init = set_up, .fini = rig_finish);

/* Adopted as it is. */
static void shows_bare(unsigned i, uint64_t id) {
    rig_table[i].bare = true;
    rig_shows(i, id, false);
    cr_assert_eq(rig_mount(i)->machine.state, MACHINE_MOUNTED);
}

Test(harden, one_after_the_other) {
    shows_bare(0, 100);
    shows_bare(1, 101);
    cr_assert_eq(rig_helpers_len, 1, "one at a time");
    cr_assert_eq(rig_helper()->op, HELPER_HARDEN);
    cr_assert_eq(rig_helper()->mount_id, 100);
    rig_result(HELPER_OK, "nosuid and nodev were missing; they are set now");
    cr_assert_str_eq(rig_event(rig_mount(0), EVENT_TABLE),
                     "nosuid and nodev were missing; they are set now");
    cr_assert_eq(rig_helpers_len, 2);
    cr_assert_eq(rig_helper()->mount_id, 101);
    rig_result(HELPER_NOTHING, "it had them");
    cr_assert_str_eq(rig_event(rig_mount(1), EVENT_TABLE), "", "nothing was done");
    cr_assert_null(d.hardening);
}

Test(harden, what_cannot_be_set_is_told_while_it_is_there) {
    shows_bare(0, 100);
    rig_result(HELPER_CONFIG, "cannot set nosuid: not supported");
    cr_assert_str_eq(rig_event(rig_mount(0), EVENT_TABLE), "cannot set nosuid: not supported");
    cr_assert_not_null(strstr(rig_log, "mount 'a': cannot set nosuid"), "%s", rig_log);
    shows_bare(1, 101);
    rig_shows(1, 0, true);
    rig_result(HELPER_CONFIG, "cannot set nosuid: it is gone");
    cr_assert_null(strstr(rig_event(rig_mount(1), EVENT_TABLE), "it is gone"));
}

Test(harden, without_a_helper_it_is_told) {
    rig_no_helper = true;
    shows_bare(0, 100);
    cr_assert_str_eq(rig_event(rig_mount(0), EVENT_TABLE), "cannot start the mount helper: busy");
    cr_assert_null(d.hardening);
}

Test(harden, a_mount_that_goes_meanwhile_is_told_nothing) {
    shows_bare(0, 100);
    supervisor_destroy(d.mounts[0]);
    d.mounts[0] = d.mounts[1];
    d.mounts_len = 1;
    rig_result(HELPER_OK, "set");
    cr_assert_null(d.hardened);
    cr_assert_null(d.hardening);
}

Test(harden, nothing_is_begun_at_the_end) {
    d.stopping = true;
    shows_bare(0, 100);
    cr_assert_eq(rig_helpers_len, 0);
}

Test(harden, a_doubt_is_settled_by_the_table) {
    rig_bring_up(0);
    harden_doubted(rig_mount(0));
    cr_assert_neq(rig_helper()->op, HELPER_HARDEN, "the table shows both");
    rig_table[0].bare = true;
    daemon_read_table(&d);
    harden_doubted(rig_mount(0));
    cr_assert_eq(rig_helper()->op, HELPER_HARDEN);
    rig_result(HELPER_OK, "set");
    rig_shows(0, 0, false);
    unsigned helpers = rig_helpers_len;
    harden_doubted(rig_mount(0));
    cr_assert_eq(rig_helpers_len, helpers);
}

/* A helper that makes the mount, or finds it there, sees to it itself. */
Test(harden, a_mount_under_way_is_left_to_its_helper) {
    supervisor_on(rig_mount(0), MACHINE_ON_MOUNT_WANTED);
    rig_answer(rig_server_job(), SMBM_ANSWERS, "it answers");
    rig_table[0].bare = true;
    rig_shows(0, 100, false);
    cr_assert_eq(rig_helper()->op, HELPER_MOUNT);
}
