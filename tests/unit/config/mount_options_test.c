/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "config/mount_options.h"

static const char *say(const char *word) {
    static struct err err;
    err_clear(&err);
    int rc = mount_option_check(word, &err);
    cr_assert_eq(rc, -err.code, "%s", word);
    return err.text;
}

Test(mount_options, good_words) {
    static const char *const words[] = {"soft",
                                        "nosuid",
                                        "ro",
                                        "noexec",
                                        "vers=3.1.1",
                                        "vers=1.0",
                                        "seal",
                                        "sec=krb5",
                                        "port=1445",
                                        "uid=1000",
                                        "uid=floof",
                                        "gid=users",
                                        "uid=0",
                                        "domain=WORK",
                                        "file_mode=0640",
                                        "dir_mode=755",
                                        "echo_interval=1",
                                        "multiuser",
                                        "cache=none",
                                        "echo_interval=600",
                                        "actimeo=0",
                                        "iocharset=utf8",
                                        "nobrl",
                                        "mapposix",
                                        "noperm",
                                        "noserverino",
                                        "resilienthandles",
                                        "rsize=65536"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        cr_assert_str_eq(say(words[i]), "", "%s", words[i]);
}

static const struct {
    const char *word, *message;
} bad[] = {
    {"echo_interval=0", "echo_interval must be 1 to 600"},
    {"echo_interval=601", "echo_interval must be 1 to 600"},
    {"echo_interval=05", "echo_interval must be 1 to 600"},
    {"echo_interval=5 ", "echo_interval must be 1 to 600"},
    {"echo_interval=", "echo_interval must be 1 to 600"},
    {"echo_interval", "echo_interval needs a value (echo_interval=...)"},
    {"port=65536", "port must be 1 to 65535"},
    {"port=99999999999999999999", "port must be 1 to 65535"},
    {"seal=1", "seal takes no value"},
    {"soft=", "soft takes no value"},
    {"sec=ntlm", "sec must be one of krb5, krb5i, ntlmssp, ntlmsspi, none"},
    {"file_mode=0888", "file_mode must be an octal mode such as 0640"},
    {"dir_mode=rwx", "dir_mode must be an octal mode such as 0640"},
    {"uid=-1", "uid must be a number or a name"},
    {"uid=4294967295", "uid must be a number or a name"},
    {"uid=a b", "uid must be a number or a name"},
    {"domain=", "domain must be 1 to 255 bytes without comma and control characters"},
    {"domain=a,uid=0", "domain must be 1 to 255 bytes without comma and control characters"},
    {"seal,uid=0", "a mount option is one word, 'key' or 'key=value'"},
    {"", "a mount option is one word, 'key' or 'key=value'"},
    {"=x", "a mount option is one word, 'key' or 'key=value'"},
    {"sael", "unknown mount option 'sael'; did you mean 'seal'?"},
    {"echo_intervall=5", "unknown mount option 'echo_intervall'; did you mean 'echo_interval'?"},
    {"zzzzzzzzzzzz", "unknown mount option 'zzzzzzzzzzzz'"},
};

Test(mount_options, bad_words_say_what_is_allowed) {
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_str_eq(say(bad[i].word), bad[i].message);
}

Test(mount_options, fstab_words_are_told_where_they_belong) {
    cr_assert(strstr(say("hard"), "'soft' is always on") != NULL);
    cr_assert(strstr(say("credentials=/etc/x"), "credential: {file: /path}") != NULL);
    cr_assert(strstr(say("user=floof"), "key 'username'") != NULL);
    cr_assert(strstr(say("ip=10.0.0.1"), "server") != NULL);
    cr_assert(strstr(say("guest"), "credential: guest") != NULL);
}

Test(mount_options, secrets_are_refused_and_never_printed) {
    static const char *const words[] = {"password=hunter2",  "pass=hunter2",      "PASSWD=hunter2",
                                        "password2=hunter2", "my_secret=hunter2", "pwd=hunter2"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const char *text = say(words[i]);
        cr_assert(strstr(text, "no password belongs in this file") != NULL, "%s", text);
        cr_assert_null(strstr(text, "hunter2"), "%s", text);
    }
    cr_assert_null(strstr(say("sec=hunter2"), "hunter2"));
    cr_assert_null(strstr(say("seal=hunter2"), "hunter2"));
    cr_assert_null(strstr(say("unknown=hunter2"), "hunter2"));
}

Test(mount_options, table_is_sound) {
    for (size_t i = 0; i < mount_option_table_len; i++) {
        const struct mount_option *row = &mount_option_table[i];
        cr_assert_eq(mount_option_find(row->name, strlen(row->name)), row, "%s twice", row->name);
        cr_assert(row->help != NULL && row->help[0] != '\0', "%s", row->name);
        cr_assert(strlen(row->name) < 32, "%s", row->name); /* struct cifs_option */
        cr_assert_eq(row->kind == MOUNT_OPTION_CHOICE, row->choices != NULL, "%s", row->name);
    }
}
