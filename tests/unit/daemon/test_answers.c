/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <string.h>

#include "daemon/answers.h"
#include "daemon/listings.h"

Test(answers, every_remote_command_has_a_handler_and_no_other) {
    for (unsigned c = 0; c < COMMAND_COUNT; c++)
        cr_assert_eq(answers_know((enum command)c), command_table[c].where == COMMAND_REMOTE, "%s",
                     command_table[c].name);
    cr_assert_not(answers_know(COMMAND_COUNT));
}

static struct option_record show(const struct smbm_option *option) {
    struct option_record row;
    memset(&row, 0xee, sizeof row);
    listings_option(option, &row);
    return row;
}

Test(answers, an_option_is_shown_with_what_it_allows) {
    struct option_record row = show(&(struct smbm_option){.name = "timeout_ms",
                                                          .type = SMBM_OPT_INT,
                                                          .min = 100,
                                                          .max = 600000,
                                                          .def = "5000",
                                                          .help = "how long"});
    cr_assert_str_eq(row.option, "timeout_ms");
    cr_assert_str_eq(row.type, "number");
    cr_assert_str_eq(row.allowed, "100 to 600000");
    cr_assert_str_eq(row.preset, "5000");
    cr_assert_str_eq(row.help, "how long");
    row = show(&(struct smbm_option){.name = "how", .type = SMBM_OPT_CHOICE, .choices = "a|b"});
    cr_assert_str_eq(row.type, "choice");
    cr_assert_str_eq(row.allowed, "a|b");
    cr_assert_str_eq(row.preset, "must be given");
    cr_assert_str_eq(row.help, "");
    row = show(&(struct smbm_option){.name = "yes", .type = SMBM_OPT_BOOL, .def = "true"});
    cr_assert_str_eq(row.allowed, "");
    row = show(&(struct smbm_option){.name = "x", .type = 77});
    cr_assert_str_eq(row.type, "?");
}
