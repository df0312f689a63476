/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The commands of clients: which mount they mean, what they begin, and what they are told. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "daemon/answers.h"
#include "daemon/reload.h"
#include "fail.h"
#include "rig.h"

static load_done *loaded_done;
static void *loaded_context;

void load_start(uv_loop_t *loop, const char *path, const char *host_path, uid_t trusted_uid,
                load_done *done, void *context) {
    (void)loop, (void)path, (void)host_path, (void)trusted_uid;
    loaded_done = done;
    loaded_context = context;
}

static struct supervisor *s;

static void set_up(void) {
    rig_start(2, "");
    s = rig_mount(0);
}

TestSuite(commands, .init = set_up, .fini = rig_finish);

static void say(enum command command, const char *first, const char *second) {
    struct control_request request = {.command = command};
    str_copy(request.method, sizeof request.method, command_table[command].name);
    if (first != NULL)
        str_copy(request.params[request.params_len++], CONTROL_PARAM_TEXT_MAX, first);
    if (second != NULL)
        str_copy(request.params[request.params_len++], CONTROL_PARAM_TEXT_MAX, second);
    answers_handle(&d, rig_call(0), &request);
}

static void told(const char *text) {
    cr_assert_gt(rig_answers_len, 0, "nothing was answered");
    cr_assert_str_eq(rig_answers[rig_answers_len - 1], text);
}

Test(commands, a_mount_has_to_be_named) {
    static const enum command each[] = {COMMAND_MOUNT, COMMAND_UNMOUNT, COMMAND_PROBE, COMMAND_WHY};
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
        char text[128];
        say(each[i], NULL, NULL);
        snprintf(text, sizeof text, "error 2: %s needs the name of a mount",
                 command_table[each[i]].name);
        told(text);
        say(each[i], "nothing", NULL);
        told("error 5: no mount 'nothing' is configured; see: smbmounter status");
    }
    say(COMMAND_UNMOUNT, "true", "");
    told("error 2: unmount needs the name of a mount");
    say(COMMAND_STATUS, "nothing", NULL);
    told("error 5: no mount 'nothing' is configured; see: smbmounter status");
    cr_assert_eq(s->machine.state, MACHINE_UNMOUNTED);
}

Test(commands, status_and_events_are_of_all_or_of_one) {
    say(COMMAND_STATUS, NULL, NULL);
    told("ok: 2 rows");
    say(COMMAND_STATUS, "b", NULL);
    told("ok: 1 rows");
    say(COMMAND_EVENTS, "false", NULL);
    cr_assert_str_eq(rig_followed, "");
    say(COMMAND_EVENTS, "true", NULL);
    cr_assert_str_eq(rig_followed, "all");
    say(COMMAND_EVENTS, "--follow", "b");
    cr_assert_str_eq(rig_followed, "b");
    say(COMMAND_EVENTS, "true", "nothing");
    cr_assert_eq(strncmp(rig_answers[rig_answers_len - 1], "error 5", 7), 0);
    say(COMMAND_VERSION, NULL, NULL);
    told("ok: 1 rows");
}

/* Clients send a flag as a word, and words that look like one as a flag. */
Test(commands, a_mount_may_be_called_true) {
    cr_assert(supervisor_rename(s, "true"));
    cr_assert(supervisor_rename(rig_mount(1), "false"));
    say(COMMAND_STATUS, "true", NULL);
    told("ok: 1 rows");
    say(COMMAND_UNMOUNT, "false", "true");
    told("ok: unmounted; it stays down until: smbmounter mount true");
    say(COMMAND_UNMOUNT, "true", "false");
    told("ok: unmounted; it stays down until: smbmounter mount false");
    cr_assert_str_eq(rig_event(rig_mount(1), EVENT_COMMAND), "unmount -f, by user id 1000");
    cr_assert_str_eq(rig_event(s, EVENT_COMMAND), "unmount, by user id 1000");
    say(COMMAND_MOUNT, "false", NULL);
    cr_assert_eq(rig_mount(1)->machine.state, MACHINE_MOUNTING);
}

Test(commands, a_mount_is_waited_for) {
    say(COMMAND_MOUNT, "a", NULL);
    cr_assert_str_eq(rig_event(s, EVENT_COMMAND), "mount, by user id 1000");
    rig_answer(rig_server_job(), SMBM_ANSWERS, "it answers");
    cr_assert_eq(rig_answers_len, 0);
    rig_table[0].ours = 100;
    rig_result(HELPER_OK, "mounted");
    told("ok: mounted at /mnt/a");
    s->removed = true;
    say(COMMAND_MOUNT, "a", NULL);
    told("error 5: 'a' is no longer configured");
}

Test(commands, force_is_only_used_when_asked_for) {
    rig_bring_up(0);
    say(COMMAND_UNMOUNT, "a", NULL);
    cr_assert_eq(rig_helper()->op, HELPER_UNMOUNT);
    rig_result(HELPER_BUSY, "in use by cp[812]");
    told("error 8: still mounted: in use by cp[812]");
    say(COMMAND_UNMOUNT, "-f", "a");
    cr_assert_eq(rig_helper()->op, HELPER_DETACH, "a share is detached");
    rig_table[0].ours = 0;
    rig_result(HELPER_OK, "detached");
    told("ok: unmounted; it stays down until: smbmounter mount a");
}

Test(commands, a_probe_that_cannot_be_is_refused_at_once) {
    rig_bring_up(0);
    for (unsigned i = 0; i <= ASKERS_MAX; i++)
        say(COMMAND_PROBE, "a", NULL);
    cr_assert_eq(rig_answers_len, 0);
    say(COMMAND_PROBE, "a", NULL);
    told("error 1: too many probes of 'a' are waited for already; try again in a moment");
    s->round->hung_told = true;
    say(COMMAND_PROBE, "a", NULL);
    cr_assert_eq(strncmp(rig_answers[rig_answers_len - 1],
                         "error 1: an earlier probe of 'a' hangs in the kernel", 52),
                 0);
    answers_gone(&d, rig_call(0));
    rig_answers_len = 0;
    rig_done(rig_open_job(POOL_ALL), true);
    cr_assert_eq(rig_answers_len, 0, "their client is gone");
}

Test(commands, who_left_is_forgotten_everywhere) {
    say(COMMAND_MOUNT, "a", NULL);
    say(COMMAND_RELOAD, NULL, NULL);
    cr_assert_not_null(d.reload);
    answers_gone(&d, rig_call(0));
    cr_assert_null(s->waiters);
    struct loaded none = {0};
    loaded_done(&none, "x:1:2: no such key\n", loaded_context);
    cr_assert_eq(rig_answers_len, 0);
}

Test(commands, at_the_end_nothing_is_begun) {
    d.stopping = true;
    say(COMMAND_MOUNT, "a", NULL);
    told("error 1: the daemon is stopping");
    cr_assert_eq(s->machine.state, MACHINE_UNMOUNTED);
    say(COMMAND_SETUP, "a", NULL);
    told("error 2: unknown method 'setup'");
}

/* Each call failing once: there is one answer, and only when it is begun. */
Test(commands, without_memory_each_is_answered_all_the_same) {
    const char *call;
    long n = 0, refused = 0;
    rig_bring_up(0);
    do {
        rig_answers_len = 0;
        fail_after(n++);
        say(COMMAND_MOUNT, "a", NULL);
        call = fail_end();
        cr_assert_eq(rig_answers_len, 1, "call %ld (%s)", n, call);
        refused += strncmp(rig_answers[0], "error 1:", 8) == 0;
        cr_assert_null(s->waiters);
    } while (call != NULL);
    cr_assert_geq(refused, 2);
    told("ok: mounted at /mnt/a");
    n = 0;
    do {
        rig_answers_len = 0;
        say(COMMAND_PROBE, "a", NULL);
        struct rig_job *job = rig_open_job(POOL_ALL);
        fail_after(n++);
        rig_report(job, 0, POOL_ANSWERED, SMBM_HEALTHY, "well");
        rig_report(job, 1, POOL_ANSWERED, SMBM_HEALTHY, "well");
        rig_done(job, true);
        call = fail_end();
        cr_assert_eq(rig_answers_len, 1, "call %ld (%s)", n, call);
    } while (call != NULL);
    told("ok: 2 rows");
}
