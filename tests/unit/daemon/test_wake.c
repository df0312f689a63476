/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>

#include "daemon/wake.h"

Test(wake, only_a_gap_between_the_clocks_is_a_sleep) {
    cr_assert_eq(wake_slept_ms(5000, 5000), 0);
    cr_assert_eq(wake_slept_ms(5001, 5000), 0, "they are not read at one moment");
    cr_assert_eq(wake_slept_ms(4999, 5000), 0);
    cr_assert_eq(wake_slept_ms(90000, 90000), 0, "a late heartbeat is no sleep");
    cr_assert_eq(wake_slept_ms(605000, 5000), 600000);
}
