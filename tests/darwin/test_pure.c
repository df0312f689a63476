/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What needs no Mac at all: names, URLs, numbers and their meaning, the platform's defaults. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/smbfs.h"
#include "config/config.h"
#include "fake_plugins.h"
#include "mount/keychain.h"
#include "mount/netfs.h"
#include "mount/smbfs.h"
#include "os/os.h"
#include "shim.h"

static struct config_mount mount_of(const char *server, const char *share) {
    static char name[] = "media", empty[] = "", mountpoint[] = "/Volumes/media", user[] = "floof";
    static char host[256], part[512];
    snprintf(host, sizeof host, "%s", server);
    snprintf(part, sizeof part, "%s", share);
    return (struct config_mount){.name = name,
                                 .server = host,
                                 .share = part,
                                 .username = user,
                                 .domain = empty,
                                 .local_user = empty,
                                 .mountpoint = mountpoint,
                                 .mounter = CONFIG_NETFS,
                                 .credential = CONFIG_CREDENTIAL_KEYCHAIN,
                                 .port = 445};
}

Test(source, equal) {
    static const struct {
        const char *expected, *found;
        bool equal;
    } cases[] = {
        {"//nas.local/media", "//floof@nas.local/media", true},
        {"//nas.local/media", "//floof@NAS.Local/media", true},
        {"//nas.local/media", "//nas.local/media", true},
        {"//nas.local/media", "//WORK;floof@nas.local/media", true},
        {"//nas.local/media", "//WORK;floof:@nas.local:445/media", true},
        {"//nas.local/media", "//floof%40example.com@nas.local/media", true},
        {"//nas.local/media", "//floof@nas.local./media", true},
        {"//nas.local/my share", "//floof@nas.local/my%20share", true},
        {"//nas.local/a%b", "//floof@nas.local/a%25b", true},
        {"//nas.local/a%zz", "//floof@nas.local/a%zz", true},
        {"//nas.local/caf\xc3\xa9/x", "//floof@nas.local/caf%C3%a9/x", true},
        {"//::1/media", "//floof@[::1]/media", true},
        {"//::1/media", "//floof@[::1]:1445/media", true},
        {"//nas.local/media", "//floof@nas.local/media/films", false},
        {"//nas.local/media/films", "//floof@nas.local/media/films", true},
        {"//nas.local/media", "//floof@nas.local/Media", false},
        {"//nas.local/media", "//floof@other.local/media", false},
        {"//nas.local/media", "//floof@nas.local", false},
        {"//nas.local/media", "//floof@nas.local/", false},
        {"//nas.local/media", "/dev/disk3s1", false},
        {"//nas.local/a\nb", "//floof@nas.local/a%0Ab", false},
        {"//nas.local/a", "//floof@nas.local/a%00", false},
        {"//nas.local/media", "", false},
        {"/media", "//floof@nas.local/media", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_eq(smbfs_source_equal(cases[i].expected, cases[i].found), cases[i].equal,
                     "%s and %s", cases[i].expected, cases[i].found);
}

Test(source, too_long_is_no_source) {
    char text[2000];
    struct smbfs_source source;
    memset(text, 'a', sizeof text - 1);
    memcpy(text, "//h/", 4);
    text[sizeof text - 1] = '\0';
    cr_assert_not(smbfs_source_parse(text, &source));
}

Test(url, is_escaped) {
    static const struct {
        const char *server, *share, *user, *domain;
        uint16_t port;
        const char *url;
    } cases[] = {
        {"nas.local", "media", "floof", "", 445, "smb://floof@nas.local/media"},
        {"nas.local", "my share/a b", "u@d:/?#", "", 445,
         "smb://u%40d%3A%2F%3F%23@nas.local/my%20share/a%20b"},
        {"nas.local", "media", "floof", "WORK GROUP", 1445,
         "smb://WORK%20GROUP;floof@nas.local:1445/media"},
        {"::1", "media", "", "", 445, "smb://[::1]/media"},
        {"fe80::1%en0", "m", "", "", 445, "smb://[fe80::1%25en0]/m"},
        {"nas.local", "100%/caf\xc3\xa9", "a;b", "", 445, "smb://a%3Bb@nas.local/100%25/caf%C3%A9"},
        {"nas.local", "-._~", "-._~", "", 445, "smb://-._~@nas.local/-._~"},
        {"nas.local", "m", "", "WORK", 445, "smb://nas.local/m"},
    };
    char url[NETFS_URL_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct config_mount mount = mount_of(cases[i].server, cases[i].share);
        mount.port = cases[i].port;
        cr_expect_eq(netfs_url(&mount, cases[i].user, cases[i].domain, url, sizeof url, NULL), 0);
        cr_expect_str_eq(url, cases[i].url);
    }
}

Test(url, limits_of_the_client) {
    char url[NETFS_URL_MAX], name[512];
    struct err err = {0};
    struct config_mount mount = mount_of("nas.local", "media");
    memset(name, 'x', sizeof name);
    name[NETFS_NAME_MAX + 1] = '\0';
    cr_assert_eq(netfs_url(&mount, name, "", url, sizeof url, &err), -ENAMETOOLONG);
    cr_assert_not_null(strstr(err.text, "127"));
    name[NETFS_NAME_MAX] = '\0';
    cr_assert_eq(netfs_url(&mount, name, "", url, sizeof url, NULL), 0);
    memset(name, ' ', sizeof name);
    name[NETFS_SHARE_MAX + 1] = '\0';
    mount = mount_of("nas.local", name);
    cr_assert_eq(netfs_url(&mount, "floof", "", url, sizeof url, NULL), -ENAMETOOLONG);
    cr_assert_eq(netfs_url(&mount, "floof", "", url, 20, NULL), -ENAMETOOLONG);
}

/* Every code of the table in facts about NetFS, and what is done about it. */
Test(codes, all_have_a_class_and_a_hint) {
    static const struct {
        int code;
        enum helper_class class;
    } cases[] = {
        {80, HELPER_AUTH},         {81, HELPER_AUTH},        {13, HELPER_AUTH},
        {-5045, HELPER_AUTH},      {-5046, HELPER_AUTH},     {-5999, HELPER_AUTH},
        {-5042, HELPER_AUTH},      {-6600, HELPER_AUTH},     {-128, HELPER_CONFIG},
        {-5997, HELPER_CONFIG},    {-5996, HELPER_CONFIG},   {-5998, HELPER_CONFIG},
        {-6003, HELPER_CONFIG},    {-6004, HELPER_CONFIG},   {-6602, HELPER_CONFIG},
        {1, HELPER_CONFIG},        {17, HELPER_CONFIG},      {20, HELPER_CONFIG},
        {22, HELPER_CONFIG},       {45, HELPER_CONFIG},      {62, HELPER_CONFIG},
        {63, HELPER_CONFIG},       {2, HELPER_ABSENT},       {16, HELPER_TRANSIENT},
        {5, HELPER_TRANSIENT},     {12, HELPER_TRANSIENT},   {32, HELPER_TRANSIENT},
        {35, HELPER_TRANSIENT},    {50, HELPER_TRANSIENT},   {51, HELPER_TRANSIENT},
        {52, HELPER_TRANSIENT},    {53, HELPER_TRANSIENT},   {54, HELPER_TRANSIENT},
        {57, HELPER_TRANSIENT},    {60, HELPER_TRANSIENT},   {61, HELPER_TRANSIENT},
        {64, HELPER_TRANSIENT},    {65, HELPER_TRANSIENT},   {68, HELPER_TRANSIENT},
        {-6005, HELPER_TRANSIENT}, {9999, HELPER_TRANSIENT}, {-9999, HELPER_TRANSIENT},
    };
    struct config_mount mount = mount_of("nas.local", "media");
    char text[ERR_TEXT_MAX], number[16];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect_eq(netfs_explain(cases[i].code, NULL, &mount, text, sizeof text), cases[i].class,
                     "%d", cases[i].code);
        snprintf(number, sizeof number, "%d)", cases[i].code);
        cr_expect_not_null(strstr(text, number), "%d: %s", cases[i].code, text);
        cr_expect_null(strstr(text, "%s"), "%s", text);
        bool asks = cases[i].class == HELPER_AUTH || cases[i].class == HELPER_CONFIG;
        cr_expect_eq(strstr(text, "smbmounter ") != NULL, asks || cases[i].code == 2, "%s", text);
    }
}

Test(codes, which_speak_of_the_login) {
    struct config_mount mount = mount_of("nas.local", "media");
    char text[ERR_TEXT_MAX];
    cr_assert_eq(netfs_refusal(80, &mount), LOGIN_REFUSED);
    cr_assert_eq(netfs_refusal(-5999, &mount), LOGIN_REFUSED);
    cr_assert_eq(netfs_refusal(13, &mount), LOGIN_PERHAPS_REFUSED);
    cr_assert_eq(netfs_refusal(-6600, &mount), LOGIN_PERHAPS_REFUSED);
    cr_assert_eq(netfs_refusal(60, &mount), LOGIN_NOT_REFUSED);
    cr_assert_eq(netfs_explain(80, "films", &mount, text, sizeof text), HELPER_AUTH);
    cr_assert_not_null(strstr(text, "as it said to mount 'films'"), "%s", text);
    mount.credential = CONFIG_CREDENTIAL_GUEST;
    cr_assert_eq(netfs_refusal(80, &mount), LOGIN_NOT_REFUSED);
}

Test(codes, hostile_names_stay_text) {
    struct config_mount mount = mount_of("nas\x1b[2J", "media");
    char text[ERR_TEXT_MAX];
    netfs_explain(60, NULL, &mount, text, sizeof text);
    cr_assert_null(strchr(text, '\x1b'));
}

Test(keychain, every_status_in_words) {
    static const struct {
        int status, code;
        const char *word;
    } cases[] = {
        {-25300, ENOENT, "setup media"},
        {-25293, EACCES, "setup media"},
        {-25308, EACCES, "setup media"},
        {-25315, EACCES, "setup media"},
        {-128, EACCES, "setup media"},
        {-25294, ENOENT, "setup media"},
        {-25295, EINVAL, "setup media"},
        {-25291, EAGAIN, "by itself"},
        {-25292, EROFS, "writable"},
        {-61, EPERM, "root"},
        {-25299, EEXIST, "Keychain Access"},
        {-50, EINVAL, "mount media"},
        {-108, ENOMEM, "memory"},
        {-67068, EIO, "security error -67068"},
    };
    struct config_mount mount = mount_of("nas.local", "media");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err err = {0};
        cr_expect_eq(keychain_explain(cases[i].status, &mount, &err), -cases[i].code);
        cr_expect_not_null(strstr(err.text, cases[i].word), "%s", err.text);
        cr_expect_not_null(strstr(err.text, "nas.local"), "%s", err.text);
    }
}

static struct smbm_report judged(const struct smbfs_status *status) {
    struct smbm_report report = {.size = sizeof report};
    smbfs_judge(status, 5000, &report);
    return report;
}

Test(kernel_status, verdicts) {
    static const struct {
        struct smbfs_status status;
        uint32_t verdict;
    } cases[] = {
        {{.error = EPERM}, SMBM_BLIND},
        {{.error = EACCES}, SMBM_BLIND},
        {{.error = ENOENT}, SMBM_BLIND},
        {{.error = ENOTSUP, .dead = true}, SMBM_BLIND},
        {{.wait_s = 0}, SMBM_HEALTHY},
        {{.wait_s = 4, .threads = 2}, SMBM_HEALTHY},
        {{.wait_s = 5, .threads = 1}, SMBM_SUSPECT},
        {{.wait_s = 600, .threads = 1}, SMBM_SUSPECT},
        {{.not_responding = true, .wait_s = 40}, SMBM_SUSPECT},
        {{.not_responding = true, .dead = true}, SMBM_DEAD},
        {{.dead = true}, SMBM_DEAD},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct smbm_report report = judged(&cases[i].status);
        cr_expect_eq(report.verdict, cases[i].verdict, "case %zu: %s", i, report.evidence);
        cr_expect_neq(report.evidence[0], '\0');
    }
}

Test(path, firmlinks_have_one_name) {
    cr_assert_str_eq(os_plain_path("/System/Volumes/Data/Volumes/media"), "/Volumes/media");
    cr_assert_str_eq(os_plain_path("/System/Volumes/Data"), "/System/Volumes/Data");
    cr_assert_str_eq(os_plain_path("/System/Volumes/Data/"), "/System/Volumes/Data/");
    cr_assert_str_eq(os_plain_path("/System/Volumes/Database/x"), "/System/Volumes/Database/x");
    cr_assert_str_eq(os_plain_path("/Volumes/media"), "/Volumes/media");
}

static int load(const char *yaml, struct config *config, struct yaml_problems *problems) {
    return config_build(yaml, strlen(yaml), &fake_registry, config, problems);
}

Test(config, defaults_of_the_platform) {
    struct config config;
    struct yaml_problems problems = {0};
    cr_assert_eq(load("mounts:\n  - name: media\n    server: nas.local\n    share: media\n"
                      "    mountpoint: /Volumes/media\n    username: floof\n",
                      &config, &problems),
                 0);
    const struct config_mount *m = &config.mounts[0];
    uint32_t flags = 0;
    cr_assert_eq(m->mounter, CONFIG_NETFS);
    cr_assert_eq(m->credential, CONFIG_CREDENTIAL_KEYCHAIN);
    cr_assert_str_eq(m->fstype, "smbfs");
    cr_assert_eq(m->probe_interval_ms, 10000);
    cr_assert_eq(m->probes->len, 4, "no stat-timeout: it holds a lock");
    cr_assert_str_eq(config.socket, "/var/run/smbmounter.sock");
    cr_assert_str_eq(config.admin_group, "staff");
    cr_assert_str_eq(config.log_file, "/var/log/smbmounter.log");
    cr_assert_eq(netfs_flags(m, &flags, NULL), 0);
    cr_assert_eq(flags, 0x18, "nosuid and nodev always");
    config_finish(&config);
}

Test(config, flags_of_mount_options) {
    struct config config;
    struct yaml_problems problems = {0};
    uint32_t flags = 0;
    cr_assert_eq(load("mounts:\n  - name: media\n    server: nas.local\n    share: media\n"
                      "    mountpoint: /Volumes/media\n    username: floof\n"
                      "    mount_options: [soft, nodev, nosuid, noowners, rdonly, nobrowse]\n",
                      &config, &problems),
                 0);
    cr_assert_eq(netfs_flags(&config.mounts[0], &flags, NULL), 0);
    cr_assert_eq(flags, 0x300019);
    config_finish(&config);
}

Test(config, options_of_linux_mean_nothing) {
    struct config config;
    struct yaml_problems problems = {0};
    cr_assert_eq(load("mounts:\n  - name: media\n    server: nas.local\n    share: media\n"
                      "    mountpoint: /Volumes/media\n    username: floof\n"
                      "    mount_options: [soft, seal]\n",
                      &config, &problems),
                 -EINVAL);
    cr_assert_gt(problems.len, 0);
    yaml_problems_finish(&problems);
}

Test(config, the_example_is_valid) {
    char text[8192];
    struct config config;
    struct yaml_problems problems = {0};
    FILE *file = fopen(EXAMPLE, "r");
    cr_assert_not_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    cr_assert_eq(load(text, &config, &problems), 0, "%s",
                 problems.len > 0 ? problems.items[0].text : "");
    cr_assert_str_eq(config.mounts[0].mountpoint, "/Volumes/media");
    config_finish(&config);
}
