/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Where a list, a word, a table or a number is one too many, and plugins that are not the shipped
 * ones. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "built.h"
#include "config/mount_options.h"
#include "config/schema.h"

static const struct config_plugins *registry = &fake_registry;

static void refused(const char *text, const char *message) {
    struct built b = {0};
    b.rc = config_build(text, strlen(text), registry, &b.config, &b.problems);
    cr_assert_eq(b.rc, -EINVAL, "%s", text);
    cr_assert_gt(b.problems.len, 0);
    cr_assert_not_null(strstr(b.problems.items[0].text, message), "%s", b.problems.items[0].text);
    cr_assert_null(b.config.mounts);
    drop(&b);
}

static void accepted(const char *text) {
    struct built b = {0};
    b.rc = config_build(text, strlen(text), registry, &b.config, &b.problems);
    cr_assert_eq(b.rc, 0, "%s", b.problems.len > 0 ? b.problems.items[0].text : text);
    drop(&b);
}

/* head, count times the item each with its number behind it, tail. */
static const char *repeated(const char *head, unsigned count, const char *item, const char *tail) {
    static char text[65536];
    size_t used = (size_t)snprintf(text, sizeof text, "%s", head);
    for (unsigned i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%u", item, i);
    snprintf(text + used, sizeof text - used, "%s", tail);
    return text;
}

static char *word_of(size_t len) {
    static char word[1200];
    memset(word, 'w', len);
    word[len] = '\0';
    return word;
}

#define COMMAND "mounts:\n- {name: f, mounter: command, mountpoint: /f, fstype: x, "

Test(config_limits, commands) {
    char text[4096];
    static const char *const bad[] = {"[]", "[/b, {a: b}]", "[/b, [a]]", "{a: b}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(text, sizeof text, COMMAND "mount_command: %s, unmount_command: [/b]}\n", bad[i]);
        refused(text, i == 0 || i == 3 ? "a list of 1 to 64 words" : "each item must be a word");
    }
    accepted(repeated(COMMAND "unmount_command: [/b], mount_command: [/b", 63, ", a", "]}\n"));
    refused(repeated(COMMAND "unmount_command: [/b], mount_command: [/b", 64, ", a", "]}\n"),
            "a list of 1 to 64 words");
    for (size_t len = 1024; len <= 1025; len++) {
        snprintf(text, sizeof text, COMMAND "mount_command: [/b, %s], unmount_command: [/b]}\n",
                 word_of(len));
        if (len == 1024)
            accepted(text);
        else
            refused(text, "each item must be a word of at most 1024 bytes");
    }
}

Test(config_limits, mount_options) {
    static const char *const pairs[][2] = {
        {"ro", "rw"}, {"rw", "ro"}, {"serverino", "noserverino"}};
    char text[256];
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        snprintf(text, sizeof text, MEDIA ", mount_options: [soft, %s, %s]}\n", pairs[i][0],
                 pairs[i][1]);
        refused(text, "contradict each other");
    }
    refused(repeated(MEDIA ", mount_options: [soft", 200, ", ro", "]}\n"), "at most");
    refused(MEDIA ", mount_options: {soft: 1}}\n", "must be a list");
}

Test(config_limits, values_of_mount_options) {
    static const struct {
        const char *head;
        size_t len;
        bool good;
    } cases[] = {{"uid=", 32, true},
                 {"uid=", 33, false},
                 {"uid=", 0, false},
                 {"domain=", 255, true},
                 {"domain=", 256, false}};
    static const char *const good[] = {"file_mode=644", "file_mode=0644", "file_mode=00644",
                                       "uid=a-b.c_d$"};
    static const char *const bad[] = {"file_mode=44",     "file_mode=",     "file_mode=77777",
                                      "file_mode=000644", "file_mode=64x4", "uid=-a",
                                      "uid=1a",           "uid=a/b",        "domain=a\x01"};
    struct err err;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char word[1300];
        snprintf(word, sizeof word, "%s%s", cases[i].head, word_of(cases[i].len));
        cr_assert_eq(mount_option_check(word, &err), cases[i].good ? 0 : -EINVAL, "%s", word);
    }
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        cr_assert_eq(mount_option_check(good[i], &err), 0, "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_eq(mount_option_check(bad[i], &err), -EINVAL, "%s", bad[i]);
}

/* Any name is a plugin; what two of them bring along is the context. */
static const struct smbm_option *any_options(void *context, enum config_plugin_kind kind,
                                             const char *name, bool *smb_only, struct err *why) {
    const struct smbm_option *table = context;
    (void)kind;
    (void)why;
    *smb_only = false;
    bool its = strcmp(name, "stat-timeout") == 0 || strcmp(name, "backoff") == 0;
    if (strcmp(name, "gone") == 0)
        return NULL; /* and does not say why */
    return its && table != NULL ? table : fake_none;
}

Test(config_limits, chains) {
    static const struct config_plugins any = {any_options, NULL};
    registry = &any;
    accepted(repeated(MEDIA ", probes: [a", 15, ", b", "]}\n"));
    refused(repeated(MEDIA ", probes: [a", 16, ", b", "]}\n"), "a chain has at most 16 plugins");
    refused(MEDIA ", probes: [gone]}\n", "probe 'gone': no such plugin");
    accepted(MEDIA ", probes: [{a: }]}\n");
    refused(MEDIA ", probes: [{a: ''}]}\n", "must be a mapping");
}

/* Somebody replaced a shipped plugin by his own: a shorthand key must not break his limits. */
Test(config_limits, shorthand_keys_and_plugins_of_that_name) {
    static const struct smbm_option narrow[] = {
        {"first", SMBM_OPT_BOOL, 0, 0, 0, "true", NULL, "another"},
        {"timeout_ms", SMBM_OPT_INT, 0, 100, 5000, "200", NULL, "limit"},
        {"schedule_sec", SMBM_OPT_INT_LIST, 0, 5, 10, "7", NULL, "waits"},
        SMBM_OPTIONS_END,
    };
    static const struct smbm_option other[] = {
        {"timeout_ms", SMBM_OPT_STRING, 0, 0, 10, "", NULL, "a text"},
        {"schedule_sec", SMBM_OPT_INT, 0, 0, 10, "7", NULL, "one"},
        SMBM_OPTIONS_END,
    };
    static const struct smbm_option none[] = {
        {"unlike", SMBM_OPT_INT, 0, 0, 10, "7", NULL, "one"},
        SMBM_OPTIONS_END,
    };
    struct config_plugins plugins = {any_options, (void *)(uintptr_t)narrow};
    registry = &plugins;
    accepted(MEDIA ", probe_timeout_sec: 5}\n");
    refused(MEDIA ", probe_timeout_sec: 6}\n",
            "probe_timeout_sec sets timeout_ms of 'stat-timeout', which must be 100 to 5000");
    accepted(MEDIA ", recover_backoff_sec: [5, 10]}\n");
    refused(MEDIA ", recover_backoff_sec: [4, 10]}\n", "which must be 5 to 10");
    refused(MEDIA ", recover_backoff_sec: [5, 11]}\n", "which must be 5 to 10");
    plugins.context = (void *)(uintptr_t)other;
    refused(MEDIA ", probe_timeout_sec: 5}\n", "probe_timeout_sec sets timeout_ms");
    refused(MEDIA ", recover_backoff_sec: [5, 6]}\n", "recover_backoff_sec sets schedule_sec");
    plugins.context = (void *)(uintptr_t)none;
    accepted(MEDIA ", probe_timeout_sec: 5}\n");
    refused(MEDIA ", recover_backoff_sec: 5}\n", "which is not in the chain");
}

static int check_row(struct smbm_option row) {
    struct smbm_option rows[] = {row, SMBM_OPTIONS_END};
    struct err err;
    return schema_check_table(rows, &err);
}

Test(config_limits, tables_of_plugins) {
    static char long_name[42], long_text[1100], long_list[1100];
    struct smbm_option rows[34], row = {"a", SMBM_OPT_INT, 0, 0, 9, "5", NULL, "help"};
    static char names[33][4];
    struct err err;
    for (int i = 0; i < 33; i++) {
        snprintf(names[i], sizeof names[i], "o%d", i);
        rows[i] = row;
        rows[i].name = names[i];
    }
    rows[33] = rows[32] = (struct smbm_option)SMBM_OPTIONS_END;
    cr_assert_eq(schema_check_table(rows, &err), 0, "%s", err.text);
    rows[32] = row;
    cr_assert_eq(schema_check_table(rows, &err), -EINVAL);
    cr_assert_not_null(strstr(err.text, "more than 32"), "%s", err.text);
    memset(long_name, 'n', 40);
    row.name = long_name;
    cr_assert_eq(check_row(row), 0);
    long_name[40] = 'n';
    cr_assert_eq(check_row(row), -EINVAL);
    static const char *const bad_names[] = {"", "1a", "_a", "a-b", "A"};
    for (size_t i = 0; i < sizeof bad_names / sizeof bad_names[0]; i++) {
        row.name = bad_names[i];
        cr_assert_eq(check_row(row), -EINVAL, "%s", bad_names[i]);
    }
    row.name = "a";
    row.help = NULL;
    cr_assert_eq(check_row(row), -EINVAL);
    row.help = "help";
    memset(long_text, 'x', sizeof long_text - 1);
    row.def = long_text;
    cr_assert_eq(check_row(row), -EINVAL);
    row = (struct smbm_option){"a", SMBM_OPT_STRING, 0, -1, 9, "x", NULL, "help"};
    cr_assert_eq(check_row(row), -EINVAL);
    row.min = 0, row.max = 1024, row.def = long_text;
    cr_assert_eq(check_row(row), -EINVAL, "a default that is longer than any text");
    static const char *const good_texts[] = {"\"x y\"", "'x'", "\"", "", "'x\"", "x"};
    for (size_t i = 0; i < sizeof good_texts / sizeof good_texts[0]; i++) {
        row.def = good_texts[i];
        cr_assert_eq(check_row(row), 0, "%s", row.def);
    }
    row = (struct smbm_option){"a", SMBM_OPT_INT_LIST, 0, 0, 9, "[1, 2]", NULL, "help"};
    cr_assert_eq(check_row(row), 0);
    memset(long_list, '1', sizeof long_list - 1);
    long_list[0] = '[', long_list[sizeof long_list - 2] = ']';
    const char *const bad_lists[] = {"[", "[1, 2", "[]", "[x]", "[10]", long_list};
    for (size_t i = 0; i < sizeof bad_lists / sizeof bad_lists[0]; i++) {
        row.def = bad_lists[i];
        cr_assert_eq(check_row(row), -EINVAL, "%s", row.def);
    }
}

Test(config_limits, choices_of_plugins) {
    static char most[202];
    static const char *const good[] = {"a", "a|b|c"};
    static const char *const bad[] = {"", "|a", "a|", "a||b", "a\x1b|b"};
    struct smbm_option row = {"a", SMBM_OPT_CHOICE, 0, 0, 0, "a", NULL, "help"};
    cr_assert_eq(check_row(row), -EINVAL, "none at all");
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        row.choices = good[i];
        cr_assert_eq(check_row(row), 0, "%s", row.choices);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        row.choices = bad[i];
        cr_assert_eq(check_row(row), -EINVAL, "%s", row.choices);
    }
    memset(most, 'x', 200);
    most[1] = '|', most[0] = 'a', row.choices = most;
    cr_assert_eq(check_row(row), 0);
    most[200] = 'x';
    cr_assert_eq(check_row(row), -EINVAL);
}

Test(config_limits, lists_of_numbers) {
    accepted(repeated(MEDIA ", recover_backoff_sec: [1", 31, ", ", "]}\n"));
    refused(repeated(MEDIA ", recover_backoff_sec: [1", 32, ", ", "]}\n"),
            "a list of 1 to 32 numbers");
    refused(MEDIA ", recover_backoff_sec: ['1']}\n", "a list of 1 to 32 numbers");
    refused(MEDIA ", recover_backoff_sec: [[1]]}\n", "a list of 1 to 32 numbers");
    refused(MEDIA ", recover_backoff_sec: {a: 1}}\n", "a list of 1 to 32 numbers");
    refused(MEDIA ", recover_backoff_sec: null}\n", "has no value here");
    refused(MEDIA ", probe_timeout_sec: -0}\n", "1 to 600");
}

/* Odd ones are not used; what is wrong with them is told when all is built. */
Test(config_limits, the_folder_of_the_plugins) {
    static const char *const odd[] = {"plugins: {directory: [/x]}", "plugins: {directory: x}",
                                      "plugins: {directory: }", "plugins: 5", "plugins: [a]"};
    char directory[64], tiny[8];
    struct yaml_problems problems = {0};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        cr_assert_eq(
            config_plugin_directory(odd[i], strlen(odd[i]), directory, sizeof directory, &problems),
            0);
        cr_assert_str_eq(directory, "/usr/local/lib/smbmounter/plugins", "%s", odd[i]);
    }
    const char *far = "plugins: {directory: /a/b/c/d/e}";
    cr_assert_eq(config_plugin_directory(far, strlen(far), tiny, sizeof tiny, &problems),
                 -ENAMETOOLONG);
    yaml_problems_finish(&problems);
}

static void differ(const char *a, const char *b, enum config_change expected) {
    struct built x = build_good(a), y = build_good(b);
    cr_assert_eq(config_compare(&x.config.mounts[0], &y.config.mounts[0]), expected, "%s", b);
    cr_assert_eq(config_compare(&y.config.mounts[0], &x.config.mounts[0]), expected, "%s", b);
    drop(&x);
    drop(&y);
}

#define AT(server, share, at)                                                                      \
    "mounts:\n- {name: m, server: " server ", share: " share ", mountpoint: " at ", username: u"

Test(config_limits, one_word_is_a_change) {
    const char *base = AT("n", "s", "/m") "}\n";
    differ(base, AT("n", "t", "/m") "}\n", CONFIG_MOUNT_CHANGED);
    differ(base, AT("n", "s", "/n") "}\n", CONFIG_MOUNT_CHANGED);
    differ(AT("n", "s", "/m") ", credential: {file: /x}}\n",
           AT("n", "s", "/m") ", credential: {file: /y}}\n", CONFIG_MOUNT_CHANGED);
    differ(AT("n", "s", "/m") ", credential: {command: [/x, a]}}\n",
           AT("n", "s", "/m") ", credential: {command: [/x, b]}}\n", CONFIG_MOUNT_CHANGED);
    differ(AT("n", "s", "/m") ", credential: {command: [/x, a]}}\n",
           AT("n", "s", "/m") ", credential: {command: [/x, a, b]}}\n", CONFIG_MOUNT_CHANGED);
    differ(COMMAND "mount_command: [/b], unmount_command: [/b]}\n",
           COMMAND "mount_command: [/b], unmount_command: [/c]}\n", CONFIG_MOUNT_CHANGED);
    differ(COMMAND "mount_command: [/b], unmount_command: [/b]}\n",
           COMMAND "mount_command: [/b], unmount_command: [/b], source: x}\n",
           CONFIG_MOUNT_CHANGED);
    differ(AT("n", "s", "/m") ", probes: [device-id]}\n",
           AT("n", "s", "/m") ", probes: [statfs-fstype]}\n", CONFIG_PROBES_CHANGED);
    differ(AT("n", "s", "/m") ", probes: [{stat-timeout: {timeout_ms: 200}}]}\n",
           AT("n", "s", "/m") ", probes: [{stat-timeout: {timeout_ms: 201}}]}\n",
           CONFIG_PROBES_CHANGED);
    differ(AT("n", "s", "/m") ", recovery: [{backoff: {schedule_sec: [1, 2]}}]}\n",
           AT("n", "s", "/m") ", recovery: [{backoff: {schedule_sec: [1, 2, 3]}}]}\n",
           CONFIG_PROBES_CHANGED);
    differ(base, AT("n", "s", "/m") ", probe_failure_threshold: 7}\n", CONFIG_PROBES_CHANGED);
    differ(base, AT("n", "s", "/m") ", failed_retry_sec: 77}\n", CONFIG_PROBES_CHANGED);
    differ(base, AT("n", "s", "/m") ", command_timeout_sec: 7}\n", CONFIG_PROBES_CHANGED);
}
