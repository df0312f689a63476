/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A reload: what is new is mounted, what changed is remounted, all else is left alone. */
#include "daemon/reload.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/logins.h"
#include "daemon/notify.h"
#include "rig.h"

/* In place of reading a file and asking its plugins. */
static load_done *loaded_done;
static void *loaded_context;

void load_start(uv_loop_t *loop, const char *path, const char *host_path, uid_t trusted_uid,
                load_done *done, void *context) {
    (void)loop, (void)path, (void)host_path, (void)trusted_uid;
    loaded_done = done;
    loaded_context = context;
}

#define MOUNT(name, more) "- {name: " name ", server: nas, " more "}\n"
#define A MOUNT("a", "share: a, mountpoint: /mnt/a")
#define BS_OWN "credential: {file: /etc/smbmounter/credentials/b}"
#define B MOUNT("b", "share: b, mountpoint: /mnt/b")

static void set_up(void) {
    rig_start(2, "");
    rig_bring_up(0);
    rig_bring_up(1);
}

TestSuite(reload, .init = set_up, .fini = rig_finish);

static void reload_to(const char *options, const char *text) {
    struct loaded loaded = {.registry = rig_registry()};
    loaded.config = rig_config(options, text);
    reload_apply(&d, &loaded);
}

static void log_has(const char *line) {
    cr_assert_not_null(strstr(rig_log, line), "'%s' in:\n%s", line, rig_log);
}

Test(reload, the_same_again_changes_nothing) {
    unsigned helpers = rig_helpers_len;
    const struct supervisor *a = rig_mount(0);
    reload_to("", A B);
    cr_assert_eq(d.mounts_len, 2);
    cr_assert_eq(rig_mount(0), a);
    cr_assert_eq(rig_helpers_len, helpers);
    cr_assert_eq(a->machine.state, MACHINE_MOUNTED);
}

Test(reload, a_new_mount_is_mounted_or_adopted) {
    rig_table[2].ours = 102;
    daemon_read_table(&d);
    reload_to("", A B MOUNT("c", "share: c, mountpoint: /mnt/c")
                      MOUNT("e", "share: e, mountpoint: /mnt/e, mount_at_startup: false"));
    cr_assert_eq(d.mounts_len, 4);
    cr_assert_eq(rig_mount(2)->machine.state, MACHINE_MOUNTED);
    log_has("mount 'c': adopted, it was mounted already");
    cr_assert_eq(rig_mount(3)->machine.state, MACHINE_UNMOUNTED);
}

Test(reload, one_that_is_no_longer_there_goes_when_it_is_down) {
    reload_to("", A);
    struct supervisor *b = rig_mount(1);
    cr_assert(b->removed);
    cr_assert_eq(rig_helper()->op, HELPER_UNMOUNT);
    rig_result(HELPER_BUSY, "in use by cp[812]");
    reload_sweep(&d);
    cr_assert_eq(d.mounts_len, 2, "somebody uses it: it is tried again");
    rig_pass(b->conf.failed_retry_ms);
    rig_table[1].ours = 0;
    rig_result(HELPER_OK, "unmounted");
    reload_sweep(&d);
    cr_assert_eq(d.mounts_len, 1);
    log_has("mount 'b': removed");
}

Test(reload, one_that_comes_back_on_its_way_down_is_kept) {
    reload_to("", A);
    struct supervisor *b = rig_mount(1);
    rig_result(HELPER_BUSY, "in use by cp[812]");
    reload_to("", A);
    reload_to("", A B);
    cr_assert_not(b->removed);
    cr_assert_eq(b->machine.state, MACHINE_MOUNTED);
    cr_assert(b->machine.wanted);
}

Test(reload, one_that_failed_goes_at_once) {
    rig_shows(1, 0, true);
    cr_assert_eq(rig_mount(1)->machine.state, MACHINE_FAILED);
    reload_to("", A);
    cr_assert_eq(d.mounts_len, 1);
}

Test(reload, another_name_for_the_same_mount_cuts_nothing) {
    struct supervisor *b = rig_mount(1);
    reload_to("", A MOUNT("films", "share: b, mountpoint: /mnt/b, " BS_OWN));
    cr_assert_eq(d.mounts_len, 2);
    cr_assert_str_eq(b->conf.name, "films");
    cr_assert_eq(b->machine.state, MACHINE_MOUNTED, "%s", rig_log);
    log_has("mount 'b' is called 'films' now");
}

/* What it logs in with has the mount's name, where nothing else is said. */
Test(reload, with_another_name_and_so_another_password_it_is_mounted_anew) {
    reload_to("", A MOUNT("films", "share: b, mountpoint: /mnt/b"));
    log_has("mount 'b' is called 'films' now");
    log_has("mount 'films': its definition changed");
    cr_assert_eq(rig_helper()->op, HELPER_UNMOUNT, "politely");
}

/* The same place, but another share; or a name that is taken: those are not the same mount. */
Test(reload, another_share_at_its_place_is_another_mount) {
    reload_to("", A MOUNT("films", "share: films, mountpoint: /mnt/b"));
    cr_assert(rig_mount(1)->removed);
    cr_assert_eq(d.mounts_len, 3);
    cr_assert_str_eq(rig_mount(2)->conf.name, "films");
    cr_assert_eq(rig_mount(2)->machine.reason, MACHINE_FOR_FOREIGN, "b is still there");
}

Test(reload, other_probes_are_taken_at_once_and_cut_nothing) {
    unsigned helpers = rig_helpers_len;
    reload_to("", A MOUNT("b", "share: b, mountpoint: /mnt/b, probes: [looks]"));
    cr_assert_eq(rig_mount(1)->conf.probes->len, 1);
    cr_assert_eq(rig_helpers_len, helpers);
}

#define MOVED MOUNT("b", "share: b, mountpoint: /mnt/b, mount_options: [soft, actimeo=7]")

Test(reload, another_definition_waits_until_nobody_uses_it) {
    struct supervisor *b = rig_mount(1);
    reload_to("", A MOVED);
    log_has("mount 'b': its definition changed");
    rig_result(HELPER_BUSY, "in use by cp[812]");
    cr_assert_not_null(b->next_conf);
    reload_to("", A MOUNT("b", "share: b, mountpoint: /mnt/b, mount_options: [soft, actimeo=7], "
                               "probes: [looks]"));
    cr_assert_not_null(b->next_conf, "with other probes, it waits as before");
    cr_assert_eq(b->next_conf->probes->len, 1);
    reload_to("", A MOUNT("films", "share: b, mountpoint: /mnt/b"));
    cr_assert(b->removed, "what waits for another definition is not renamed");
    rig_table[1].ours = 0;
    daemon_read_table(&d);
    rig_pass(1);
}

Test(reload, what_is_held_open_for_life_stays_and_is_told) {
    free(d.config.socket);
    free(d.config.admin_group);
    d.config.socket = strdup("/run/one");
    d.config.admin_group = strdup("staff");
    free(d.config.runtime_directory);
    d.config.runtime_directory = strdup("/run/smbm");
    reload_to("", A B);
    cr_assert_str_eq(d.config.socket, "/run/one");
    cr_assert_str_eq(d.config.admin_group, "staff");
    cr_assert_str_eq(d.config.runtime_directory, "/run/smbm");
    log_has("control.socket is another one now: that takes a restart of the daemon");
    log_has("control.admin_group is another one now");
    log_has("runtime_directory is another one now");
}

Test(reload, a_log_that_cannot_be_opened_keeps_the_old_one) {
    struct loaded loaded = {.registry = rig_registry()};
    loaded.config = rig_config("", A B);
    free(loaded.config.log_file);
    loaded.config.log_file = strdup("/no/such/folder/log");
    reload_apply(&d, &loaded);
    log_has("the old log is kept");
    cr_assert_str_eq(d.log.path, "");
}

static struct loaded read_again(void) {
    struct loaded loaded = {.registry = rig_registry()};
    loaded.config = rig_config("", A);
    return loaded;
}

static void answers_are(unsigned count, const char *last) {
    cr_assert_eq(rig_answers_len, count);
    cr_assert(count == 0 || strcmp(rig_answers[count - 1], last) == 0, "%s",
              rig_answers[count - 1]);
}

Test(reload, one_at_a_time) {
    reload_start(&d, rig_call(0));
    reload_start(&d, rig_call(1));
    answers_are(1, "error 1: another reload is under way; try again");
    reload_start(&d, NULL); /* a signal has nobody to tell */
    reload_forget(&d, rig_call(1));
    struct loaded loaded = read_again();
    loaded_done(&loaded, "", loaded_context);
    answers_are(2, "ok: the new configuration is in force");
    cr_assert_null(d.reload);
    cr_assert(rig_mount(1)->removed);
    reload_forget(&d, rig_call(0));
}

Test(reload, mistakes_are_told_to_whoever_waits_and_to_the_log) {
    struct loaded none = {0};
    reload_start(&d, rig_call(0));
    loaded_done(&none, "x:1:2: no such key\nx:3:1: not a number\n", loaded_context);
    answers_are(1, "error 7: x:1:2: no such key\nx:3:1: not a number\n");
    log_has("reload refused, nothing was changed");
    log_has("\nx:3:1: not a number\n");
    cr_assert_eq(d.mounts_len, 2);
    reload_start(&d, NULL);
    loaded_done(&none, "x:1:2: no such key", loaded_context);
    answers_are(1, rig_answers[0]);
}

Test(reload, a_client_that_left_is_not_answered) {
    reload_start(&d, rig_call(0));
    reload_forget(&d, rig_call(0));
    struct loaded loaded = read_again();
    loaded_done(&loaded, "", loaded_context);
    answers_are(0, "");
    log_has("reloaded; the new configuration is in force");
}

Test(reload, at_the_end_of_the_daemon_nothing_is_taken) {
    reload_start(&d, rig_call(0));
    d.stopping = true;
    struct loaded loaded = read_again();
    loaded_done(&loaded, "", loaded_context);
    cr_assert_eq(d.mounts_len, 2);
    cr_assert_not(rig_mount(1)->removed);
    cr_assert_null(d.reload);
}
