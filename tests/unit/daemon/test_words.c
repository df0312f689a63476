/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <string.h>

#include "daemon/words.h"

static bool is_unmount_result(enum machine_event_id event) {
    return event == MACHINE_ON_UNMOUNT_OK || event == MACHINE_ON_UNMOUNT_BUSY ||
           event == MACHINE_ON_UNMOUNT_FAILED;
}

Test(words, each_verdict_has_its_own_name) {
    for (unsigned a = SMBM_UNKNOWN; a <= SMBM_UNREACHABLE; a++) {
        const char *name = words_verdict((enum smbm_verdict)a);
        cr_assert(name != NULL && name[0] != '\0' && strcmp(name, "?") != 0, "%u", a);
        for (unsigned b = 0; b < a; b++)
            cr_assert_str_neq(name, words_verdict((enum smbm_verdict)b));
    }
    cr_assert_str_eq(words_verdict((enum smbm_verdict)9999), "?");
    cr_assert_str_eq(words_verdict((enum smbm_verdict) - 1), "?");
}

Test(words, each_step_has_a_name_and_a_decision) {
    for (unsigned a = SMBM_STEP_PASS; a <= SMBM_STEP_GIVE_UP; a++) {
        enum machine_event_id event = words_decision_event((enum smbm_step)a);
        cr_assert_str_neq(words_step((enum smbm_step)a), "?");
        cr_assert(event >= MACHINE_ON_DECIDED_WAIT && event <= MACHINE_ON_DECIDED_GIVE_UP, "%u", a);
    }
    cr_assert_eq(words_decision_event(SMBM_STEP_WAIT), MACHINE_ON_DECIDED_WAIT);
    cr_assert_eq(words_decision_event(SMBM_STEP_DETACH), MACHINE_ON_DECIDED_DETACH);
    cr_assert_eq(words_decision_event(SMBM_STEP_DONE), MACHINE_ON_DECIDED_PROBE,
                 "a plugin's word that all is well is looked at");
    cr_assert_eq(words_decision_event((enum smbm_step)4711), MACHINE_ON_DECIDED_GIVE_UP);
}

Test(words, verdicts_on_a_server_weigh_nothing_on_a_mount) {
    for (unsigned v = SMBM_UNKNOWN; v <= SMBM_UNREACHABLE; v++) {
        bool server = words_is_server_verdict((enum smbm_verdict)v);
        bool weighs = words_policy_verdict((enum smbm_verdict)v) != POLICY_NONE;
        cr_assert_eq(weighs, !server && v != SMBM_UNKNOWN, "%u", v);
    }
    cr_assert_eq(words_policy_verdict((enum smbm_verdict)77), POLICY_NONE);
}

Test(words, each_end_of_a_helper_is_a_result_of_its_operation) {
    for (unsigned c = 0; c < HELPER_CLASS_COUNT + 3u; c++) {
        enum machine_event_id mount = words_mount_event((enum helper_class)c);
        cr_assert(mount >= MACHINE_ON_MOUNT_OK && mount <= MACHINE_ON_MOUNT_FOREIGN, "%u", c);
        cr_assert_eq(mount == MACHINE_ON_MOUNT_OK, c == HELPER_OK);
        cr_assert(is_unmount_result(words_unmount_event((enum helper_class)c)), "%u", c);
    }
    cr_assert_eq(words_mount_event(HELPER_AUTH), MACHINE_ON_MOUNT_AUTH);
    cr_assert_eq(words_mount_event(HELPER_LOCKED), MACHINE_ON_MOUNT_TRANSIENT);
    cr_assert_eq(words_unmount_event(HELPER_BUSY), MACHINE_ON_UNMOUNT_BUSY);
    cr_assert_eq(words_unmount_event(HELPER_NOTHING), MACHINE_ON_UNMOUNT_OK);
    cr_assert_eq(words_unmount_event(HELPER_FOREIGN), MACHINE_ON_UNMOUNT_FAILED);
}

Test(words, a_calls_deadline_is_its_option_else_the_plugins_else_the_mounts) {
    struct smbm_option table[] = {{.name = "other", .type = SMBM_OPT_INT},
                                  {.name = "timeout_ms", .type = SMBM_OPT_INT},
                                  SMBM_OPTIONS_END};
    struct option_value items[] = {{.number = 1}, {.number = 1234}};
    struct option_values options = {items, 2}, none = {0};
    struct descriptor plugin = {.options = table};
    cr_assert_eq(words_timeout_ms(&plugin, &options, 5000), 1234);
    cr_assert_eq(words_timeout_ms(&plugin, &none, 5000), 5000);
    plugin.timeout_ms = 700;
    cr_assert_eq(words_timeout_ms(&plugin, &none, 5000), 700);
}
