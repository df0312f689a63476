/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <string.h>

#include "daemon/plugin_faults.h"

static const struct descriptor active = {.name = "stat", .kind = SMBM_KIND_PROBE, .ok = true};
static const struct descriptor passive = {
    .name = "kernel", .kind = SMBM_KIND_PROBE, .flags = SMBM_PROBE_PASSIVE, .ok = true};
static const struct descriptor namesake = {.name = "stat", .kind = SMBM_KIND_RECOVERY, .ok = true};

Test(plugin_faults, what_answers_is_not_listed) {
    struct plugin_faults *list = NULL;
    plugin_faults_note(&list, &active, POOL_ANSWERED, "a", "fine", 1);
    cr_assert_null(plugin_faults_find(list, &active));
    plugin_faults_note(&list, &active, POOL_UNASKED, "a", "no host could be started", 1);
    cr_assert_null(plugin_faults_find(list, &active), "that is nobody's fault");
}

Test(plugin_faults, each_kind_of_end_is_counted_and_the_last_is_told) {
    struct plugin_faults *list = NULL;
    plugin_faults_note(&list, &active, POOL_LATE, "a", "no answer within 5 ms", 1000);
    plugin_faults_note(&list, &active, POOL_CRASHED, "b", "ended by SIGSEGV", 2000);
    plugin_faults_note(&list, &active, POOL_CRASHED, "b", "ended by SIGSEGV", 3000);
    plugin_faults_note(&list, &active, POOL_REFUSED, "c", "the verdict 42", 4000);
    const struct plugin_faults *f = plugin_faults_find(list, &active);
    cr_assert_eq(f->late, 1);
    cr_assert_eq(f->crashed, 2);
    cr_assert_eq(f->refused, 1);
    cr_assert_eq(f->last_ms, 4000);
    char text[512];
    plugin_faults_words(f, text, sizeof text);
    cr_assert_not_null(strstr(text, "late 1, crashed 2, rubbish 1 times"), "%s", text);
    cr_assert_not_null(strstr(text, "'c': the verdict 42"), "%s", text);
    cr_assert_null(plugin_faults_find(list, &namesake), "a probe is no recovery plugin");
    plugin_faults_finish(&list);
    cr_assert_null(list);
}

Test(plugin_faults, a_late_look_at_a_share_is_not_the_plugins_fault) {
    struct plugin_faults *list = NULL;
    plugin_faults_note(&list, &active, POOL_LATE, "a", "late", 1);
    plugin_faults_note(&list, &passive, POOL_LATE, "a", "late", 1);
    cr_assert_not(plugin_faults_own(plugin_faults_find(list, &active), &active));
    cr_assert(plugin_faults_own(plugin_faults_find(list, &passive), &passive));
    plugin_faults_note(&list, &active, POOL_CRASHED, "a", "dead", 2);
    cr_assert(plugin_faults_own(plugin_faults_find(list, &active), &active));
    plugin_faults_note(&list, &active, POOL_ANSWERED, "a", "fine", 3);
    cr_assert_not(plugin_faults_own(plugin_faults_find(list, &active), &active));
    cr_assert_eq(plugin_faults_find(list, &active)->crashed, 1, "but it is remembered");
    plugin_faults_finish(&list);
}
