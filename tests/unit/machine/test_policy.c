/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>

#include "machine/policy.h"

#define JUDGE(...)                                                                                 \
    policy_judge((struct policy_report[]){__VA_ARGS__},                                            \
                 sizeof((struct policy_report[]){__VA_ARGS__}) / sizeof(struct policy_report),     \
                 signs, &which)

static const struct policy_report table_ok = {.verdict = POLICY_HEALTHY},
                                  kernel_suspect = {.verdict = POLICY_SUSPECT},
                                  stat_ok = {.verdict = POLICY_HEALTHY, .active = true},
                                  stat_late = {.verdict = POLICY_SUSPECT, .active = true},
                                  stat_blind = {.verdict = POLICY_BLIND, .active = true},
                                  dead = {.verdict = POLICY_DEAD},
                                  denied = {.verdict = POLICY_DENIED};

Test(policy, judges_a_round) {
    const struct policy_signs *signs = NULL;
    size_t which;
    cr_assert_eq(JUDGE(table_ok, stat_ok), MACHINE_ON_PROBE_HEALTHY);
    cr_assert_eq(JUDGE(table_ok, stat_late), MACHINE_ON_PROBE_SUSPECT);
    cr_assert_eq(which, 1);
    cr_assert_eq(JUDGE(stat_blind), MACHINE_ON_PROBE_BLIND);
    cr_assert_eq(JUDGE(table_ok, dead, stat_late), MACHINE_ON_PROBE_DEAD);
    cr_assert_eq(JUDGE(dead, denied), MACHINE_ON_PROBE_DENIED);
    cr_assert_eq(which, 1);
    cr_assert_eq(policy_judge(NULL, 0, NULL, &which), MACHINE_ON_PROBE_BLIND);
    const struct policy_report silent = {.verdict = POLICY_NONE, .active = true};
    cr_assert_eq(JUDGE(silent, kernel_suspect), MACHINE_ON_PROBE_SLOW, "it has not looked");
}

Test(policy, load_is_not_death) {
    static const struct row {
        struct policy_signs signs;
        enum machine_event_id event;
    } rows[] = {
        {{0}, MACHINE_ON_PROBE_SUSPECT},
        {{.alive = true}, MACHINE_ON_PROBE_SLOW},
        {{.alive = true, .late_ms = POLICY_ALIVE_MS - 1}, MACHINE_ON_PROBE_SLOW},
        {{.alive = true, .late_ms = POLICY_ALIVE_MS}, MACHINE_ON_PROBE_SUSPECT},
        {{.data = true, .late_ms = 100 * POLICY_ALIVE_MS}, MACHINE_ON_PROBE_SLOW},
        {{.data = true, .server_bad = true}, MACHINE_ON_PROBE_SUSPECT},
        {{.alive = true, .server_bad = true}, MACHINE_ON_PROBE_SUSPECT},
    };
    size_t which;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct policy_signs *signs = &rows[i].signs;
        cr_expect_eq(JUDGE(table_ok, stat_late), rows[i].event, "row %zu", i);
        cr_expect_eq(which, 1);
        cr_expect_eq(JUDGE(table_ok, dead, stat_late), MACHINE_ON_PROBE_DEAD, "row %zu", i);
    }
}

Test(policy, a_share_that_answered_is_not_suspect) {
    const struct policy_signs *signs = NULL;
    size_t which;
    cr_assert_eq(JUDGE(table_ok, kernel_suspect, stat_ok), MACHINE_ON_PROBE_HEALTHY);
    cr_assert_eq(JUDGE(table_ok, kernel_suspect, stat_late), MACHINE_ON_PROBE_SUSPECT);
}

Test(policy, a_passive_suspicion_only_makes_us_look) {
    const struct policy_signs *signs = NULL;
    size_t which;
    cr_assert_eq(JUDGE(kernel_suspect), MACHINE_ON_PROBE_SLOW);
    cr_assert_eq(JUDGE(table_ok, kernel_suspect), MACHINE_ON_PROBE_SLOW);
}

Test(policy, poll_delay_doubles_to_its_cap_and_is_spread) {
    cr_assert_eq(policy_poll_delay_ms(0, 30000, 0), 1500);
    cr_assert_eq(policy_poll_delay_ms(0, 30000, 1000), 2500);
    cr_assert_eq(policy_poll_delay_ms(1, 30000, 1000), 4000);
    for (uint32_t tries = 0; tries < 100; tries++)
        for (uint64_t random = 0; random < 100000; random += 997) {
            uint32_t delay = policy_poll_delay_ms(tries, 30000, random);
            cr_assert(delay >= 1500 && delay <= 37500, "%u", delay);
        }
}

Test(policy, numbers_are_bounded) {
    struct machine_policy p = policy_make(0, 0);
    cr_assert_eq(p.failure_threshold, 1);
    cr_assert_eq(p.failed_retry_ms, 1000);
    p = policy_make(UINT32_MAX, UINT32_MAX);
    cr_assert_eq(p.failed_retry_ms, 86400000);
    cr_assert(p.absent_retry_ms >= p.failed_retry_ms);
}
