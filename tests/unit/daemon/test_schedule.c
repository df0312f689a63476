/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <stdio.h>

#include "daemon/schedule.h"

#define NAMES 10000u

static uint32_t key_of(unsigned i) {
    char name[32];
    snprintf(name, sizeof name, "share%u", i);
    return schedule_key(name);
}

Test(schedule, is_never_sooner_than_half_an_interval_nor_later_than_one_and_a_half) {
    static const uint32_t intervals[] = {1000, 1500, 2000, 5000, 60000, 3600000};
    for (size_t k = 0; k < sizeof intervals / sizeof intervals[0]; k++) {
        uint64_t interval = intervals[k];
        for (uint64_t now = 0; now < 200000; now += 777) {
            uint64_t due = schedule_next(now, intervals[k], key_of((unsigned)now));
            cr_assert(due >= now + interval / 2 && due <= now + interval * 3 / 2,
                      "interval %u at %u: %u", (unsigned)interval, (unsigned)now, (unsigned)due);
        }
    }
}

Test(schedule, keeps_its_slot_from_round_to_round) {
    for (unsigned i = 0; i < 100; i++) {
        uint64_t first = schedule_next(123456, 60000, key_of(i));
        cr_assert_eq(schedule_next(first + 40, 60000, key_of(i)), first + 60000);
        cr_assert_eq(schedule_next(first + 20000, 60000, key_of(i)), first + 60000);
    }
}

Test(schedule, spreads_ten_thousand_mounts_over_the_slots) {
    unsigned slots[60] = {0};
    for (unsigned i = 0; i < NAMES; i++) {
        uint64_t due = schedule_next(6000000, 60000, key_of(i));
        cr_assert_eq(due % SCHEDULE_SLOT_MS, 0);
        slots[due / SCHEDULE_SLOT_MS % 60]++;
    }
    for (unsigned i = 0; i < 60; i++)
        cr_assert(slots[i] > NAMES / 60 / 2 && slots[i] < NAMES / 60 * 2, "slot %u has %u", i,
                  slots[i]);
}

Test(schedule, survives_an_interval_of_nothing_and_the_longest) {
    cr_assert_geq(schedule_next(5000, 0, 7), 5500);
    uint64_t due = schedule_next(UINT32_MAX, UINT32_MAX, UINT32_MAX);
    cr_assert(due >= UINT32_MAX && due <= (uint64_t)UINT32_MAX * 3);
}

Test(schedule, looks_for_idleness_at_a_quarter_within_bounds) {
    cr_assert_eq(schedule_idle_check_ms(0), 1000);
    cr_assert_eq(schedule_idle_check_ms(60000), 15000);
    cr_assert_eq(schedule_idle_check_ms(UINT32_MAX), 60000);
}
