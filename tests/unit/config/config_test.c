/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "built.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool has_word(const struct config_words *words, const char *word) {
    for (size_t i = 0; i < words->len; i++)
        if (strcmp(words->items[i], word) == 0)
            return true;
    return false;
}

Test(config, defaults_of_everything) {
    struct built b = build_good(MEDIA "}\n");
    const struct config *c = &b.config;
    cr_assert_str_eq(c->socket, "/run/smbmounter.sock");
    cr_assert_str_eq(c->admin_group, "sudo");
    cr_assert_str_eq(c->plugin_directory, "/usr/local/lib/smbmounter/plugins");
    cr_assert_str_eq(c->runtime_directory, "/run/smbmounter");
    cr_assert_str_eq(c->log_file, "");
    cr_assert(c->max_hosts == 16 && c->log_level == LOG_INFO && c->on_stop == CONFIG_STOP_UNMOUNT);
    const struct config_mount *m = config_find(c, "media");
    cr_assert_not_null(m);
    cr_assert_null(config_find(c, "medi"));
    cr_assert_str_eq(m->source, "//nas/media");
    cr_assert_str_eq(m->fstype, "cifs");
    cr_assert_str_eq(m->username, "");
    cr_assert_str_eq(m->domain, "");
    cr_assert_eq(m->credential, CONFIG_CREDENTIAL_FILE);
    cr_assert_str_eq(m->credential_path, "/etc/smbmounter/credentials/media");
    cr_assert(m->probe_interval_ms == 60000 && m->probe_timeout_ms == 5000);
    cr_assert(m->failed_retry_ms == 30000 && m->idle_unmount_ms == 0);
    cr_assert(m->failure_threshold == 3 && m->mount_at_startup && m->port == 445);
    cr_assert_eq(m->options.len, 4);
    cr_assert(has_word(&m->options, "soft") && has_word(&m->options, "nosharesock"));
    cr_assert(has_word(&m->options, "echo_interval=5") && has_word(&m->options, "port=445"));
    cr_assert(m->probes->len == 5 && m->recovery->len == 4);
    cr_assert_str_eq(m->probes->items[3].name, "stat-timeout");
    cr_assert_eq(m->probes->items[3].options.items[0].number, 5000);
    cr_assert_eq(m->recovery->items[1].options.items[0].list_len, 5);
    cr_assert(m->line == 2 && m->column == 3);
    drop(&b);
}

Test(config, every_log_level_is_itself) {
    for (int level = 0; level < LOG_LEVEL_COUNT; level++) {
        char text[64];
        snprintf(text, sizeof text, "mounts: []\nlog_level: %s\n",
                 log_level_name((enum log_level)level));
        struct built b = build_good(text);
        cr_assert_eq((int)b.config.log_level, level, "%s", text);
        drop(&b);
    }
}

Test(config, mounts_override_defaults) {
    struct built b = build_good(
        "defaults:\n"
        "  probe_interval_sec: 10\n  username: floof\n  idle_unmount_min: 2\n"
        "  mount_options: [soft, seal, port=1445, domain=HOME]\n  log_level: debug\n"
        "mounts:\n"
        "- {name: a, server: nas, share: x, mountpoint: /m/a}\n"
        "- name: b\n  server: 'fe80::1%eth0'\n  share: x/y z\n  mountpoint: /m/b\n"
        "  username: other\n  domain: WORK\n  idle_unmount_min: 0\n  mount_at_startup: false\n"
        "  mount_options: [soft, echo_interval=60]\n  credential: {systemd: nas}\n");
    cr_assert_eq(b.config.log_level, LOG_DEBUG);
    const struct config_mount *x = &b.config.mounts[0], *y = &b.config.mounts[1];
    cr_assert(x->probe_interval_ms == 10000 && y->probe_interval_ms == 10000);
    cr_assert(x->idle_unmount_ms == 120000 && y->idle_unmount_ms == 0);
    cr_assert(x->mount_at_startup && !y->mount_at_startup);
    cr_assert(x->port == 1445 && y->port == 445);
    cr_assert_str_eq(x->domain, "HOME");
    cr_assert_str_eq(y->domain, "WORK");
    cr_assert_str_eq(x->username, "floof");
    cr_assert_str_eq(y->username, "other");
    cr_assert(has_word(&x->options, "seal") && !has_word(&x->options, "domain=HOME"));
    cr_assert(!has_word(&x->options, "port=445"));
    cr_assert(has_word(&y->options, "echo_interval=60") && !has_word(&y->options, "seal"));
    cr_assert_str_eq(y->source, "//fe80::1%eth0/x/y z");
    cr_assert_eq(y->credential, CONFIG_CREDENTIAL_SYSTEMD);
    cr_assert_str_eq(y->credential_path, "nas");
    drop(&b);
}

Test(config, credentials_and_guest) {
    struct built b = build_good(
        "defaults: {username: floof}\n"
        "mounts:\n"
        "- {name: a, server: n, share: x, mountpoint: /m/a, credential: guest}\n"
        "- {name: b, server: n, share: x, mountpoint: /m/b, credential: {file: /etc/x}}\n"
        "- {name: c, server: n, share: x, mountpoint: /m/c,\n"
        "   credential: {command: [/usr/bin/pass, show, \"a b\"]}}\n");
    const struct config_mount *m = b.config.mounts;
    cr_assert_eq(m[0].credential, CONFIG_CREDENTIAL_GUEST);
    cr_assert_str_eq(m[0].username, "");
    cr_assert_str_eq(m[1].credential_path, "/etc/x");
    cr_assert_eq(m[2].credential, CONFIG_CREDENTIAL_COMMAND);
    cr_assert_eq(m[2].credential_command.len, 3);
    cr_assert_str_eq(m[2].credential_command.items[2], "a b");
    drop(&b);
}

Test(config, kerberos_and_anonymous_need_no_credential) {
    struct built b = build_good(
        "defaults: {username: 'HOME\\floof'}\n"
        "mounts:\n"
        "- {name: a, server: n, share: x, mountpoint: /m/a, mount_options: [soft, sec=krb5i]}\n"
        "- {name: b, server: n, share: x, mountpoint: /m/b, mount_options: [soft, sec=none]}\n"
        "- {name: c, server: n, share: x, mountpoint: /m/c, mount_options: [soft, sec=ntlmssp]}\n");
    const struct config_mount *m = b.config.mounts;
    cr_assert_eq(m[0].credential, CONFIG_CREDENTIAL_GUEST);
    cr_assert_str_eq(m[0].username, "HOME\\floof");
    cr_assert_eq(m[1].credential, CONFIG_CREDENTIAL_GUEST);
    cr_assert_str_eq(m[1].credential_path, "");
    cr_assert_eq(m[2].credential, CONFIG_CREDENTIAL_FILE);
    drop(&b);
}

Test(config, command_mounts_leave_out_what_only_fits_smb) {
    struct built b = build_good(
        "defaults: {mount_options: [soft, seal], domain: X, credential: guest}\n"
        "mounts:\n"
        "- {name: s, server: n, share: x, mountpoint: /m/s}\n"
        "- {name: f, mounter: command, mountpoint: /m/f, fstype: fuse.x, source: dev,\n"
        "   mount_command: [/bin/m, a], unmount_command: [/bin/u], command_timeout_sec: 7}\n"
        "- {name: g, mounter: command, mountpoint: /m/g, fstype: fuse.x,\n"
        "   mount_command: [/bin/m]}\n");
    const struct config_mount *m = &b.config.mounts[1];
    cr_assert(m->mounter == CONFIG_COMMAND && m->command_timeout_ms == 7000);
    cr_assert(m->probes->len == 3 && m->recovery->len == 3);
    cr_assert_str_eq(m->probes->items[2].name, "stat-timeout");
    cr_assert_str_eq(m->recovery->items[2].name, "force-unmount-remount");
    cr_assert_str_eq(m->source, "dev");
    cr_assert_str_eq(m->server, "");
    cr_assert(m->unmount_command.len == 1 && b.config.mounts[2].unmount_command.len == 0);
    cr_assert_str_eq(m->domain, "");
    cr_assert_eq(m->options.len, 0);
    cr_assert_str_eq(m->mount_command.items[1], "a");
    cr_assert_eq(m->probes, b.config.mounts[2].probes);
    cr_assert_neq(m->probes, b.config.mounts[0].probes);
    drop(&b);
}

Test(config, equal_chains_are_shared) {
    struct built b = build_good(
        "mounts:\n"
        "- {name: a, server: n, share: x, mountpoint: /m/a}\n"
        "- {name: b, server: n, share: x, mountpoint: /m/b, probe_timeout_sec: 5}\n"
        "- {name: c, server: n, share: x, mountpoint: /m/c, probe_timeout_sec: 6}\n"
        "- {name: d, server: n, share: x, mountpoint: /m/d, recovery: [await-server, backoff,\n"
        "   reconnect, {force-unmount-remount: }]}\n");
    const struct config_mount *m = b.config.mounts;
    cr_assert_eq(m[0].probes, m[1].probes);
    cr_assert_neq(m[0].probes, m[2].probes);
    cr_assert_eq(m[0].recovery, m[3].recovery);
    cr_assert_eq(m[0].recovery->references, 4);
    drop(&b);
}

static int64_t timeout_of(const struct config_mount *m) {
    return m->probes->items[0].options.items[0].number;
}

Test(config, shorthand_sets_the_option_it_stands_for) {
    struct built b =
        build_good("defaults:\n"
                   "  probe_timeout_sec: 8\n  recover_backoff_sec: [1, 2]\n"
                   "  probes: [stat-timeout]\n  recovery: [{backoff: {jitter_percent: 0}}]\n"
                   "mounts:\n"
                   "- {name: a, server: n, share: x, mountpoint: /m/a}\n"
                   "- {name: b, server: n, share: x, mountpoint: /m/b, probe_timeout_sec: 9}\n"
                   "- {name: c, server: n, share: x, mountpoint: /m/c, probes: [stat-timeout]}\n"
                   "- {name: d, server: n, share: x, mountpoint: /m/d,\n"
                   "   probes: [{stat-timeout: {timeout_ms: 700}}], recover_backoff_sec: 3}\n");
    const struct config_mount *m = b.config.mounts;
    cr_assert_eq(timeout_of(&m[0]), 8000);
    cr_assert_eq(timeout_of(&m[1]), 9000);
    cr_assert_eq(timeout_of(&m[2]), 8000);
    cr_assert_eq(timeout_of(&m[3]), 700);
    cr_assert(m[0].probe_timeout_ms == 8000 && m[1].probe_timeout_ms == 9000);
    const struct option_value *backoff = m[0].recovery->items[0].options.items;
    cr_assert(backoff[0].list_len == 2 && backoff[0].list[1] == 2 && backoff[1].number == 0);
    backoff = m[3].recovery->items[0].options.items;
    cr_assert(backoff[0].list_len == 1 && backoff[0].list[0] == 3);
    drop(&b);
}

Test(config, shorthand_overrides_an_option_of_the_defaults) {
    struct built b = build_good("defaults: {probes: [{stat-timeout: {timeout_ms: 700}}]}\n" MEDIA
                                ", probe_timeout_sec: 2}\n");
    cr_assert_eq(timeout_of(&b.config.mounts[0]), 2000);
    drop(&b);
}

Test(config, thousands_of_mounts) {
    static char text[YAML_BYTES_MAX];
    size_t len = (size_t)snprintf(text, sizeof text, "mounts:\n"), n = 0;
    for (; n < CONFIG_MOUNTS_MAX; n++)
        len += (size_t)snprintf(text + len, 100,
                                "- {name: m%zu, server: n, share: x, "
                                "mountpoint: /m/%zu}\n",
                                n, n);
    struct built b = build(text, len);
    cr_assert_eq(b.rc, 0);
    cr_assert(b.config.mounts_len == n);
    cr_assert_eq(b.config.mounts[0].probes, b.config.mounts[n - 1].probes);
    drop(&b);
}

Test(config, plugin_directory_is_known_first) {
    char directory[64];
    struct yaml_problems problems = {0};
    const char *text = "plugins: {directory: /opt/p}\nnonsense: 1\n";
    cr_assert_eq(config_plugin_directory(text, strlen(text), directory, 64, &problems), 0);
    cr_assert_str_eq(directory, "/opt/p");
    cr_assert_eq(config_plugin_directory("", 0, directory, 64, &problems), 0);
    cr_assert_str_eq(directory, "/usr/local/lib/smbmounter/plugins");
    text = "plugins: {directory: ../p}\n";
    cr_assert_eq(config_plugin_directory(text, strlen(text), directory, 64, &problems), 0);
    cr_assert_str_eq(directory, "/usr/local/lib/smbmounter/plugins");
    cr_assert_eq(problems.len, 0);
    cr_assert_eq(config_plugin_directory("a: [", 4, directory, 64, &problems), -EINVAL);
    cr_assert_eq(problems.len, 1);
    yaml_problems_finish(&problems);
}

static void write_file(const char *path, size_t len, mode_t mode) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    cr_assert_geq(fd, 0);
    cr_assert_eq(ftruncate(fd, (off_t)len), 0);
    cr_assert_eq(fchmod(fd, mode), 0);
    close(fd);
}

Test(config, read_wants_a_trusted_file_of_bounded_size) {
    char path[] = "/root/smbmounter-config-test-XXXXXX", *bytes;
    struct err err = {0};
    size_t len;
    int fd = mkstemp(path);
    if (fd < 0)
        cr_skip_test("needs root");
    close(fd);
    write_file(path, YAML_BYTES_MAX, 0644);
    cr_expect_eq(config_read(path, getuid(), &bytes, &len, &err), 0, "%s", err.text);
    cr_expect_eq(len, YAML_BYTES_MAX);
    free(bytes);
    write_file(path, YAML_BYTES_MAX + 1, 0644);
    cr_expect_eq(config_read(path, getuid(), &bytes, &len, &err), -E2BIG);
    cr_expect_null(bytes);
    write_file(path, 10, 0666);
    cr_expect_eq(config_read(path, getuid(), &bytes, &len, &err), -EPERM);
    unlink(path);
    cr_expect_eq(config_read(path, getuid(), &bytes, &len, &err), -ENOENT);
    cr_expect(strstr(err.text, path) != NULL);
}
