/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What somebody else mounted without nosuid or nodev. */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "mount/table.h"
#include "stage.h"

TestSuite(harden, .init = stage_set_up, .timeout = 60);

static bool is_hard(void) {
    struct mount_table t;
    cr_assert_eq(mount_table_read(&t, NULL), 0);
    const struct mount_entry *entry = mount_table_top(&t, AT);
    bool hard =
        mount_option_in(entry->options, "nosuid") && mount_option_in(entry->options, "nodev");
    request.mount_id = entry->id;
    request.device = entry->device;
    mount_table_finish(&t);
    return hard;
}

Test(harden, what_is_taken_over) {
    mkdir(AT, 0755);
    cr_assert_eq(mount("nas", AT, "tmpfs", 0, NULL), 0);
    cr_assert_not(is_hard());
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_OK);
    cr_assert_not_null(strstr(done.result.text, "taken over"), "%s", done.result.text);
    cr_assert(is_hard());
    cr_assert_not(done.result.bare);
}

Test(harden, the_mount_that_was_seen_and_no_other) {
    mkdir(AT, 0755);
    cr_assert_eq(mount("nas", AT, "tmpfs", MS_NODEV, NULL), 0);
    cr_assert_not(is_hard());
    request.mount_id++;
    cr_assert_eq(stage_do(HELPER_HARDEN), HELPER_NOTHING);
    cr_assert_not(is_hard());
    cr_assert_eq(stage_do(HELPER_HARDEN), HELPER_OK, "%s", done.result.text);
    cr_assert(is_hard());
    cr_assert_eq(stage_do(HELPER_HARDEN), HELPER_NOTHING, "it is so already");
    cr_assert_eq(mount("stranger", AT, "tmpfs", 0, NULL), 0);
    cr_assert_not(is_hard());
    cr_assert_eq(stage_do(HELPER_HARDEN), HELPER_NOTHING);
    cr_assert_not(is_hard());
}
