/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Spans as people read them, and clocks that go on. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

static const struct {
    uint64_t ms;
    const char *text;
} spans[] = {
    {0, "0 ms"},
    {850, "850 ms"},
    {999, "999 ms"},
    {1000, "1.0 s"},
    {9999, "9.9 s"},
    {12000, "12 s"},
    {59999, "59 s"},
    {250000, "4 min 10 s"},
    {3599999, "59 min 59 s"},
    {11100000, "3 h 5 min"},
    {86399999, "23 h 59 min"},
    {1051200000, "12 d 4 h"},
    {UINT64_MAX, "213503982334 d 14 h"},
};

Test(clock, spans) {
    char text[CLOCK_TEXT_MAX];
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        clock_format_span(spans[i].ms, text);
        cr_assert_str_eq(text, spans[i].text);
    }
}

Test(clock, wall_is_local_time) {
    char text[CLOCK_TEXT_MAX];
    setenv("TZ", "XXX-2", 1);
    tzset();
    clock_format_wall(1000, text);
    cr_assert_str_eq(text, "1970-01-01 02:00:01");
    clock_format_wall(UINT64_MAX, text); /* no year has so many digits */
    cr_assert_lt(strlen(text), CLOCK_TEXT_MAX);
}

Test(clock, boot_and_awake_never_go_back) {
    uint64_t boot = clock_boot_ms(), awake = clock_awake_ms();
    for (int i = 0; i < 1000; i++) {
        uint64_t b = clock_boot_ms(), a = clock_awake_ms();
        cr_assert(b >= boot && a >= awake);
        boot = b;
        awake = a;
    }
    cr_assert_geq(clock_boot_ms(), clock_awake_ms());
    cr_assert_gt(clock_wall_ms(), 1600000000000u);
}
