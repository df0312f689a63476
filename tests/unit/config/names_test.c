/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What may be the name of what. */
#include "config/names.h"

#include <criterion/criterion.h>
#include <string.h>

#include "config/config.h"

struct verdict {
    const char *text;
    bool good;
};

#define CHECK(is, ...)                                                                             \
    do {                                                                                           \
        static const struct verdict verdicts[] = {__VA_ARGS__};                                    \
        for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++)                          \
            cr_expect_eq(is(verdicts[i].text), verdicts[i].good, #is " of '%s'",                   \
                         verdicts[i].text);                                                        \
    } while (0)

/* As many as that, and one more. */
static void check_longest(bool (*is)(const char *text), size_t most, const char *head) {
    static char text[CONFIG_PATH_MAX + 16];
    memset(text, 'a', sizeof text);
    memcpy(text, head, strlen(head));
    text[most] = '\0';
    cr_expect(is(text), "%zu", most);
    text[most] = 'a';
    text[most + 1] = '\0';
    cr_expect_not(is(text), "%zu", most + 1);
}

Test(names, mounts_and_plugins) {
    CHECK(names_is_mount, {"media", true}, {"A.b_c-9", true}, {"", false}, {".a", false},
          {"-a", false}, {"a b", false}, {"a/b", false}, {"\xc3\xbc", false});
    check_longest(names_is_mount, CONFIG_NAME_MAX - 1, ""); /* with .lock, a file of that name */
    CHECK(names_is_plugin, {"stat-timeout", true}, {"Stat", false}, {"", false}, {"a_b", false});
    check_longest(names_is_plugin, 32, "");
}

Test(names, users_and_file_systems) {
    CHECK(names_is_local, {"bob", true}, {"-bob", false}, {"", false}, {"a:b", false});
    check_longest(names_is_local, 32, "");
    CHECK(names_is_user, {"bob", true}, {"WORK\\bob", true},
          {"b\xc3\xb6"
           "b",
           true},
          {"", false}, {"a,b", false}, {"a\nb", false}, {"\xff", false});
    check_longest(names_is_user, CONFIG_USER_MAX - 1, "");
    CHECK(names_is_domain, {"WORK", true}, {"A\\B", false}, {"", false}, {"a,b", false});
    CHECK(names_is_fstype, {"fuse.sshfs", true}, {"a b", false}, {"", false});
    check_longest(names_is_fstype, CONFIG_NAME_MAX - 1, "");
}

Test(names, hosts) {
    CHECK(names_is_host, {"nas", true}, {"nas.local", true}, {"my_nas", true}, {"a-b.c", true},
          {"", false}, {".", false}, {"nas.", false}, {".nas", false}, {"a..b", false},
          {"-nas", false}, {"nas-", false}, {"n as", false}, {"nas/x", false});
    CHECK(names_is_host, {"10.0.0.1", true}, {"10.0.0", false}, {"256.1.1.1", false},
          {"1.2.3.4.5", false}, {"1", false});
    CHECK(names_is_host, {"::1", true}, {"fe80::1%eth0", true}, {"fe80::1%", false},
          {"fe80::1%e/0", false}, {"fe80::1%interface-of-17ch", false}, {":", false},
          {"1:2:3:4:5:6:7:8:9", false}, {"nas:445", false},
          {"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa", false});
    check_longest(names_is_host, 63, "");
    char text[300];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 2 == 0 ? 'a' : '.';
    text[253] = '\0';
    cr_expect(names_is_host(text));
    text[253] = '.';
    text[255] = '\0';
    cr_expect_not(names_is_host(text));
}

Test(names, shares_and_paths) {
    CHECK(names_is_share, {"media", true}, {"My Films", true}, {"media/new", true}, {"", false},
          {"/media", false}, {"media/", false}, {"a//b", false}, {".", false}, {"..", false},
          {"a/../b", false}, {"a/.", false}, {".a", true}, {"..a", true}, {"ab", true},
          {"a,b", false}, {"a\\b", false}, {"a\tb", false});
    check_longest(names_is_share, CONFIG_SHARE_MAX - 1, "");
    CHECK(names_is_path, {"/mnt/media", true}, {"/a b", true}, {"/", false}, {"mnt", false},
          {"", false}, {"/mnt/", false}, {"//mnt", false}, {"/mnt/..", false}, {"/./a", false},
          {"/a\nb", false});
    check_longest(names_is_path, CONFIG_PATH_MAX - 1, "/");
}
