/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "config/schema.h"
#include "config/suggest.h"

static const struct smbm_option table[] = {
    {"timeout_ms", SMBM_OPT_INT, 0, 100, 600000, "5000", NULL, "limit"},
    {"strict", SMBM_OPT_BOOL, 0, 0, 0, "true", NULL, "strictness"},
    {"path", SMBM_OPT_STRING, 0, 0, 8, "\"\"", NULL, "a path"},
    {"mode", SMBM_OPT_CHOICE, 0, 0, 0, "fast", "slow|fast", "how"},
    {"schedule_sec", SMBM_OPT_INT_LIST, 0, 0, 3600, "[2, 5, 15]", NULL, "delays"},
    {"must", SMBM_OPT_INT, 0, -5, 5, NULL, NULL, "no default"},
    SMBM_OPTIONS_END,
};

struct checked {
    int rc;
    struct option_values values;
    struct yaml_problems problems;
};

static struct checked check(const char *text) {
    struct checked c = {0};
    struct yaml_node root;
    cr_assert_eq(yaml_parse(text, strlen(text), &root, &c.problems), 0, "%s", text);
    c.rc = schema_check(table, &root, "here", &c.values, &c.problems);
    yaml_finish(&root);
    return c;
}

static void finish(struct checked *c) {
    option_values_finish(&c->values);
    yaml_problems_finish(&c->problems);
}

Test(schema, defaults_and_given_values) {
    struct checked c = check("must: -5\nstrict: false\nmode: slow\nschedule_sec: 7\n");
    cr_assert_eq(c.rc, 0);
    const struct option_value *v = c.values.items;
    cr_assert(v[0].number == 5000 && !v[0].given);
    cr_assert(v[1].number == 0 && v[1].given);
    cr_assert_str_eq(v[2].text, "");
    cr_assert_str_eq(v[3].text, "slow");
    cr_assert_eq(v[3].number, 0);
    cr_assert(v[4].list_len == 1 && v[4].list[0] == 7);
    cr_assert_eq(v[5].number, -5);
    finish(&c);
    c = check("must: 1\n");
    cr_assert(c.values.items[4].list_len == 3 && c.values.items[4].list[2] == 15);
    cr_assert_eq(c.values.items[3].number, 1);
    finish(&c);
}

static void says(const char *text, unsigned line, unsigned column, const char *message) {
    struct checked c = check(text);
    cr_assert_eq(c.rc, -EINVAL, "%s", text);
    cr_assert_eq(c.problems.len, 1, "%s", text);
    cr_assert_str_eq(c.problems.items[0].text, message);
    cr_assert(c.problems.items[0].line == line && c.problems.items[0].column == column, "%s: %u:%u",
              text, c.problems.items[0].line, c.problems.items[0].column);
    cr_assert_not_null(c.values.items[2].text);
    finish(&c);
}

Test(schema, wrong_values_say_what_is_allowed) {
    const char *range = "here: timeout_ms must be 100 to 600000";
    says("must: 1\ntimeout_ms: 99\n", 2, 13, range);
    says("must: 1\ntimeout_ms: 600001\n", 2, 13, range);
    says("must: 1\ntimeout_ms: 5e3\n", 2, 13, range);
    says("must: 1\ntimeout_ms: 0x100\n", 2, 13, range);
    says("must: 1\ntimeout_ms: 1_000\n", 2, 13, range);
    says("must: 1\ntimeout_ms: 0777\n", 2, 13, range);
    says("must: 1\ntimeout_ms: +500\n", 2, 13, range);
    says("must: 1\ntimeout_ms: 99999999999999999999\n", 2, 13, range);
    says("must: 1\ntimeout_ms: [500]\n", 2, 13, range);
    says("must: 1\ntimeout_ms: \"500\"\n", 2, 13,
         "here: timeout_ms must be 100 to 600000, without quotes");
    says("must: 1\ntimeout_ms:\n", 2, 12,
         "here: timeout_ms must be 100 to 600000, and has no value here");
    says("must: 1\nstrict: yes\n", 2, 9, "here: strict must be true or false");
    says("must: 1\nstrict: True\n", 2, 9, "here: strict must be true or false");
    says("must: 1\nstrict: 'true'\n", 2, 9, "here: strict must be true or false, without quotes");
    says("must: 1\npath: 123456789\n", 2, 7, "here: path must be a text of 0 to 8 bytes");
    says("must: 1\npath: ~\n", 2, 7,
         "here: path must be a text of 0 to 8 bytes, and has no value here");
    says("must: 1\nmode: quick\n", 2, 7, "here: mode must be one of slow, fast");
    says("must: 1\nschedule_sec: []\n", 2, 15,
         "here: schedule_sec must be a list of 1 to 32 numbers, each 0 to 3600");
    says("must: 1\nschedule_sec: [1, x]\n", 2, 15,
         "here: schedule_sec must be a list of 1 to 32 numbers, each 0 to 3600");
    says("must: -6\n", 1, 7, "here: must must be -5 to 5");
    says("strict: true\n", 1, 1, "here: must is missing");
    says("[a]\n", 1, 1, "here: must be a mapping (key: value)");
}

Test(schema, unknown_keys_name_the_nearest) {
    says("must: 1\ntimeout_msec: 5\n", 2, 1,
         "here: unknown key 'timeout_msec'; did you mean 'timeout_ms'?");
    says("must: 1\nstirct: true\n", 2, 1, "here: unknown key 'stirct'; did you mean 'strict'?");
    says("must: 1\nqqqqqqq: 5\n", 2, 1, "here: unknown key 'qqqqqqq'");
    says("must: 1\npassword: hunter2\n", 2, 1,
         "here: the key 'password' is refused: no password belongs in this file; store it with "
         "'smbmounter setup NAME'");
}

Test(schema, copy_and_equal) {
    struct checked a = check("must: 1\npath: x\n"), b = check("must: 1\npath: y\n");
    struct option_values copy;
    cr_assert_eq(option_values_copy(&copy, &a.values), 0);
    cr_assert(option_values_equal(&copy, &a.values));
    cr_assert(!option_values_equal(&copy, &b.values));
    copy.items[4].list[1]++;
    cr_assert(!option_values_equal(&copy, &a.values));
    option_values_finish(&copy);
    finish(&a);
    finish(&b);
}

static void bad_row(struct smbm_option row, const char *words) {
    struct smbm_option rows[] = {row, SMBM_OPTIONS_END};
    struct err err = {0};
    cr_assert_eq(schema_check_table(rows, &err), -EINVAL, "%s", words);
    cr_assert(strstr(err.text, words) != NULL, "%s", err.text);
}

Test(schema, tables_of_plugins_are_not_believed) {
    struct err err = {0};
    cr_assert_eq(schema_check_table(table, &err), 0, "%s", err.text);
    cr_assert_eq(schema_check_table(NULL, &err), 0);
    cr_assert_eq(schema_len(NULL), 0);
    cr_assert_eq(schema_len(table), 6);
    struct smbm_option good = table[0], row = good;
    row.name = "Bad Name";
    bad_row(row, "a name is");
    row.name = "\x1b[2J";
    bad_row(row, "\\x1b[2J");
    row = good, row.type = 99;
    bad_row(row, "type is unknown");
    row = good, row.type = SCHEMA_NODE;
    bad_row(row, "type is unknown");
    row = good, row.min = 700000;
    bad_row(row, "min is larger");
    row = good, row.def = "99";
    bad_row(row, "default");
    row = good, row.help = "two\nlines";
    bad_row(row, "one line");
    row = good, row.type = SMBM_OPT_CHOICE;
    bad_row(row, "choices");
    row = table[4], row.def = "[]";
    bad_row(row, "default");
    row = table[2], row.max = 1 << 20;
    bad_row(row, "1024 bytes");
    struct smbm_option twice[] = {good, good, SMBM_OPTIONS_END};
    cr_assert_eq(schema_check_table(twice, &err), -EINVAL);
}

Test(schema, distance) {
    cr_assert_eq(suggest_distance("seal", "seal"), 0);
    cr_assert_eq(suggest_distance("sael", "seal"), 1);
    cr_assert_eq(suggest_distance("", "seal"), 4);
    cr_assert_eq(suggest_distance("kitten", "sitting"), 3);
}
