/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Every class of mistake. The @ stands before the place where it must be told. */
#include "built.h"

static const struct {
    const char *text, *message;
} mistakes[] = {
    /* the file as a whole */
    {"@", "mounts is missing (an empty list is: mounts: [])"},
    {"mounts: @{}\n", "mounts must be a list of at most 10000 mounts"},
    {"@- a\n", "must be a mapping (key: value)"},
    {"mounts: []\n@log_lvl: info\n", "unknown key 'log_lvl'; did you mean 'log_level'?"},
    {"mounts: []\nlog_level: @loud\n",
     "log_level must be one of error, warning, notice, info, debug"},
    {"mounts: []\non_stop: @leave\n", "on_stop must be one of unmount, keep"},
    {"mounts: []\nlog_file: @var/log\n", "log_file must be an absolute path"},
    {"mounts: []\ncontrol: {socket: @sock}\n", "control: socket must be an absolute path"},
    {"mounts: []\ncontrol: {admin_group: @-x}\n", "control: admin_group must be the name"},
    {"mounts: []\ncontrol: @5\n", "control: must be a mapping"},
    {"mounts: []\nplugins: {max_hosts: @1}\n", "plugins: max_hosts must be 2 to 256"},
    {"mounts: []\nplugins: {directory: @/a/../b}\n", "plugins: directory must be an absolute"},
    {"mounts: []\nlog_level: info\ndefaults: {log_level: @debug}\n",
     "defaults: log_level is given at the top level too"},
    /* settings */
    {"mounts: []\ndefaults: {@probe_intervall_sec: 5}\n",
     "defaults: unknown key 'probe_intervall_sec'; did you mean 'probe_interval_sec'?"},
    {"mounts: []\ndefaults: {@name: x}\n", "defaults: unknown key 'name'"},
    {"mounts: []\ndefaults: {mount_at_startup: @yes}\n",
     "defaults: mount_at_startup must be true or false"},
    {"mounts: []\ndefaults: {idle_unmount_min: @\"5\"}\n",
     "defaults: idle_unmount_min must be 0 to 10080, without quotes"},
    {"mounts: []\ndefaults: {username: @\"a,uid=0\"}\n", "defaults: username must be without"},
    {"mounts: []\ndefaults: {domain: @A\\B}\n",
     "defaults: domain must be without comma, backslash"},
    {"mounts: []\ndefaults: {@password: hunter2}\n",
     "defaults: the key 'password' is refused: no password belongs in this file"},
    {"mounts: []\ndefaults: {mount_options: @[nodev]}\n",
     "defaults: mount_options must contain 'soft'"},
    {"mounts: []\ndefaults: {mount_options: @soft}\n", "defaults: mount_options must be a list"},
    {"mounts: []\ndefaults: {mount_options: [soft, @{port: 1}]}\n",
     "defaults: mount_options: each item must be 'key' or 'key=value'"},
    {"mounts: []\ndefaults: {mount_options: [soft, @pass=hunter2]}\n",
     "defaults: mount_options: 'pass' is refused: no password"},
    {"mounts: []\ndefaults: {mount_options: [@hard]}\n",
     "defaults: mount_options: 'hard' is refused"},
    {"mounts: []\ndefaults: {mount_options: [soft, port=1, @port=2]}\n",
     "defaults: mount option 'port' is given twice"},
    {"mounts: []\ndefaults: {mount_options: [soft, noperm, @perm]}\n",
     "defaults: mount options 'noperm' and 'perm' contradict each other"},
    {"mounts: []\ndefaults: {domain: A, mount_options: [soft, @domain=B]}\n",
     "defaults: the domain is given twice"},
    {"mounts: []\ndefaults: {local_user: @-x}\n", "defaults: local_user must be a user name"},
    /* credentials */
    {MEDIA ", credential: @{}}\n", "credential must have exactly one of file, systemd"},
    {MEDIA ", credential: @{file: /a, systemd: b}}\n", "exactly one of"},
    {MEDIA ", credential: @{file: a}}\n", "file must be an absolute path"},
    {MEDIA ", credential: @{systemd: a/b}}\n", "systemd must be the name of a credential"},
    {MEDIA ", credential: {command: [@pass]}}\n",
     "mount 'media': credential: command must begin with the absolute path"},
    {MEDIA ", credential: {command: @/bin/pass}}\n", "must be a list of 1 to 64 words"},
    {MEDIA ", credential: {command: [/bin/p, @token=hunter2]}}\n",
     "mount 'media': credential: command: no password belongs in a word of it"},
    {MEDIA ", credential: {@password: hunter2}}\n",
     "mount 'media': credential: the key 'password' is refused"},
    {MEDIA ", credential: @hunter2}\n", "credential must be {file: PATH}"},
    {MEDIA ", credential: @guest, username: x}\n", "a guest has no name"},
#ifndef __APPLE__
    {MEDIA ", credential: @{keychain: true}}\n", "keychain is for macOS only"},
#endif
    {MEDIA ", credential: @{keychain: false}}\n", "keychain can only be true"},
    /* mounts */
    {"mounts: [@media]\n", "mount 1: must be a mapping"},
    {"mounts:\n- @{server: n, share: s, mountpoint: /m}\n", "mount 1: name is missing"},
    {"mounts:\n- {name: @-a, server: n, share: s, mountpoint: /m}\n",
     "mount 1: name must be letters, digits"},
    {"mounts:\n- @{name: a, share: s, mountpoint: /m}\n",
     "mount 'a': server is missing (mounter 'cifs' needs it)"},
    {"mounts:\n- @{name: a, server: n, mountpoint: /m}\n", "mount 'a': share is missing"},
    {"mounts:\n- @{name: a, server: n, share: s}\n", "mount 'a': mountpoint is missing"},
    {"mounts:\n- {name: a, server: @//n, share: s, mountpoint: /m}\n",
     "mount 'a': server must be a host name or an address"},
    {"mounts:\n- {name: a, server: @\"n,x\", share: s, mountpoint: /m}\n", "server must be"},
    {"mounts:\n- {name: a, server: @\"[::1]\", share: s, mountpoint: /m}\n", "server must be"},
    {"mounts:\n- {name: a, server: @1.2.3, share: s, mountpoint: /m}\n", "server must be"},
    {"mounts:\n- {name: a, server: n, share: @/s, mountpoint: /m}\n", "share must be"},
    {"mounts:\n- {name: a, server: n, share: @s/, mountpoint: /m}\n", "share must be"},
    {"mounts:\n- {name: a, server: n, share: @s/../t, mountpoint: /m}\n", "share must be"},
    {"mounts:\n- {name: a, server: n, share: @\"s,t\", mountpoint: /m}\n", "share must be"},
    {"mounts:\n- {name: a, server: n, share: s, mountpoint: @/}\n", "mountpoint must be"},
    {"mounts:\n- {name: a, server: n, share: s, mountpoint: @m}\n", "mountpoint must be"},
    {"mounts:\n- {name: a, server: n, share: s, mountpoint: @/m/}\n", "mountpoint must be"},
    {"mounts:\n- {name: a, server: n, share: s, mountpoint: @/m/../n}\n", "mountpoint must be"},
    {MEDIA ", mounter: @nfs}\n", "mounter must be one of cifs, command"},
    {MEDIA ", fstype: @nfs}\n", "fstype means nothing to mounter 'cifs': leave it out"},
    {MEDIA ", mount_command: @[/bin/x]}\n", "mount_command means nothing to mounter 'cifs'"},
    {MEDIA "}\n- {name: @media, server: nas, share: b, mountpoint: /mnt/b}\n",
     "mount 'media': the name is that of another mount 'media' (line 2)"},
    {MEDIA "}\n- {name: b, server: nas, share: b, mountpoint: @/mnt/media}\n",
     "mount 'b': the mountpoint is that of mount 'media' (line 2)"},
    {MEDIA "}\n- {name: b, server: nas, share: b, mountpoint: @/mnt/media/b}\n",
     "mount 'b': the mountpoint is inside of mount 'media' (line 2)"},
    {"mounts:\n- {name: media, server: nas, share: media, mountpoint: @/mnt/media}\n- {name: b, "
     "server: nas, share: b, mountpoint: /mnt}\n",
     "mount 'media': the mountpoint is inside of mount 'b' (line 3)"},
    /* command mounts */
    {"mounts:\n- @{name: f, mounter: command, mountpoint: /f, fstype: x, unmount_command: [/b]}\n",
     "mount 'f': mount_command is missing (mounter 'command' needs it)"},
    {"mounts:\n- {name: f, mounter: command, mountpoint: /f, fstype: x, unmount_command: [/b],\n   "
     "mount_command: [@b]}\n",
     "mount 'f': mount_command must begin with the absolute path of a program"},
    {"mounts:\n- {name: f, mounter: command, mountpoint: /f, fstype: x, unmount_command: [/b],\n   "
     "mount_command: @/b}\n",
     "mount 'f': mount_command must be a list of 1 to 64 words; there is no shell"},
    {"mounts:\n- {name: f, mounter: command, mountpoint: /f, fstype: x, unmount_command: [/b],\n   "
     "mount_command: [/b, -o, @\"uid=0,,Password=hunter2,rw\"]}\n",
     "mount 'f': mount_command: no password belongs in a word of it, which everybody can read "
     "while it runs; let the program read a file"},
    {"mounts:\n- {name: f, mounter: command, mountpoint: /f, fstype: x, mount_command: [/b],\n   "
     "unmount_command: [/b, @--secret=]}\n",
     "mount 'f': unmount_command: no password belongs in a word of it"},
    {"mounts:\n- {name: f, mounter: command, mountpoint: /f, fstype: x, unmount_command: [/b],\n   "
     "mount_command: [/b, passwd_file=/e/pw, \"uid=pass,pass\", pwd, a=b=token=, "
     "@\"pwd=/a,pwd=hunter2\"]}\n",
     "mount 'f': mount_command: no password belongs in a word of it"},
    {"mounts:\n- {name: f, mounter: command, mountpoint: /f, fstype: x, unmount_command: [/b],\n   "
     "mount_command: [/b], server: @n}\n",
     "mount 'f': server means nothing to mounter 'command'"},
    {"mounts:\n- {name: f, mounter: command, mountpoint: /f, fstype: x, unmount_command: [/b],\n   "
     "mount_command: [/b], probes: [@smb-negotiate]}\n",
     "mount 'f': probe 'smb-negotiate' only fits an SMB mount"},
    {"defaults: {probes: [smb-negotiate]}\nmounts:\n- @{name: f, mounter: command, mountpoint: /f, "
     "fstype: x, unmount_command: [/b],\n   mount_command: [/b]}\n",
     "mount 'f': no default probe fits mounter 'command': give 'probes'"},
    /* plugins */
    {MEDIA ", probes: @[]}\n", "mount 'media': probes must be a list of at least one plugin"},
    {MEDIA ", probes: @device-id}\n", "probes must be a list of at least one plugin"},
    {MEDIA ", probes: [@nope]}\n", "mount 'media': probe 'nope': no such plugin"},
    {MEDIA ", probes: [@backoff]}\n", "mount 'media': probe 'backoff': no such plugin"},
    {MEDIA ", probes: [@../x]}\n", "the name of a plugin is 1 to 32 lower case letters"},
    {MEDIA ", probes: [device-id, @device-id]}\n", "is in the chain already"},
    {MEDIA ", probes: [@[a]]}\n", "each item must be a plugin's name or {NAME: {options}}"},
    {MEDIA ", probes: [@{a: , b: }]}\n", "each item must be a plugin's name"},
    {MEDIA ", probes: [@needy]}\n", "mount 'media': probe 'needy': path is missing"},
    {MEDIA ", probes: [{stat-timeout: {timeout_ms: @99}}]}\n",
     "mount 'media': probe 'stat-timeout': timeout_ms must be 100 to 600000"},
    {MEDIA ", probes: [{stat-timeout: {@timeout: 99}}]}\n",
     "mount 'media': probe 'stat-timeout': unknown key 'timeout'; did you mean 'timeout_ms'?"},
    {MEDIA ", probes: [{stat-timeout: @5}]}\n", "probe 'stat-timeout': must be a mapping"},
    {"mounts: []\ndefaults: {recovery: [@nope]}\n", "defaults: recovery 'nope': no such plugin"},
    /* shorthand */
    {MEDIA ", probe_timeout_sec: @3, probes: [{stat-timeout: {timeout_ms: 200}}]}\n",
     "mount 'media': probe_timeout_sec and timeout_ms of 'stat-timeout' say the same"},
    {"mounts: []\ndefaults: {recover_backoff_sec: @5, recovery: [{backoff: {schedule_sec: 5}}]}\n",
     "defaults: recover_backoff_sec and schedule_sec of 'backoff' say the same"},
    {MEDIA ", recover_backoff_sec: @5, recovery: [reconnect]}\n",
     "mount 'media': recover_backoff_sec sets schedule_sec of 'backoff', which is not in the "
     "chain"},
    {MEDIA ", recover_backoff_sec: @[5, 100000]}\n",
     "mount 'media': recover_backoff_sec must be a list of 1 to 32 numbers, each 0 to 86400"},
};

/* The text without its mark, and where that was. */
static size_t unmark(const char *marked, char *text, unsigned *line, unsigned *column) {
    const char *mark = strchr(marked, '@');
    size_t before = (size_t)(mark - marked);
    *line = *column = 1;
    for (size_t i = 0; i < before; i++) {
        *column = marked[i] == '\n' ? 1 : *column + 1;
        *line += marked[i] == '\n' ? 1 : 0;
    }
    memcpy(text, marked, before);
    strcpy(text + before, mark + 1);
    return strlen(text);
}

Test(config_errors, each_mistake_is_told_where_it_stands) {
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        char text[1024];
        unsigned line, column;
        size_t len = unmark(mistakes[i].text, text, &line, &column);
        struct built b = build(text, len);
        cr_expect_eq(b.rc, -EINVAL, "%s", text);
        cr_expect_eq(b.problems.len, 1, "%s: %zu problems", text, b.problems.len);
        for (size_t k = 0; k < b.problems.len; k++) {
            const struct yaml_problem *p = &b.problems.items[k];
            cr_expect(p->line == line && p->column == column &&
                          strstr(p->text, mistakes[i].message) != NULL,
                      "%s\n%u:%u: %s", text, p->line, p->column, p->text);
            cr_expect_null(strstr(p->text, "hunter2"), "%s", p->text);
        }
        cr_expect(b.config.mounts == NULL && b.config.socket == NULL);
        drop(&b);
    }
}

Test(config_errors, all_are_told_at_once_in_the_order_of_lines) {
    struct built b = {0};
    const char *text = "defaults:\n"
                       "  probe_interval_sec: 0\n"
                       "  mount_options: [soft, sael]\n"
                       "mounts:\n"
                       "- {name: a, server: n, share: s, mountpoint: m}\n"
                       "- {name: a, server: n, share: s, mountpoint: /n, probes: [nope]}\n"
                       "- {name: a, server: n, share: s, mountpoint: /n}\n"
                       "log_level: loud\n"
                       "nonsense: 1\n";
    b = build(text, strlen(text));
    static const unsigned lines[] = {2, 3, 5, 6, 7, 7, 8, 9};
    cr_assert_eq(b.problems.len, sizeof lines / sizeof lines[0], "%zu", b.problems.len);
    for (size_t i = 0; i < b.problems.len; i++)
        cr_expect_eq(b.problems.items[i].line, lines[i], "%zu: %u: %s", i, b.problems.items[i].line,
                     b.problems.items[i].text);
    drop(&b);
}

static const struct smbm_option *broken(void *context, enum config_plugin_kind kind,
                                        const char *name, bool *smb_only, struct err *why) {
    (void)context, (void)kind, (void)name, (void)smb_only;
    err_set(why, ENOEXEC, "cannot be loaded: wrong ABI");
    return NULL;
}

Test(config_errors, broken_default_plugins_are_told_once) {
    struct config_plugins plugins = {broken, NULL};
    struct built b = {0};
    const char *text = MEDIA "}\n- {name: b, server: n, share: s, mountpoint: /b}\n";
    b.rc = config_build(text, strlen(text), &plugins, &b.config, &b.problems);
    cr_assert_eq(b.rc, -EINVAL);
    cr_assert_eq(b.problems.len, 9);
    cr_assert_str_eq(b.problems.items[0].text,
                     "defaults: probe 'device-id': cannot be loaded: wrong ABI");
    drop(&b);
    b.rc = config_build("mounts: []\n", 11, &plugins, &b.config, &b.problems);
    cr_assert_eq(b.rc, 0);
    drop(&b);
}
