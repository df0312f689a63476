/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Mounts and unmounts as helpers end them, and what those who wait for them are told. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "daemon/actions.h"
#include "rig.h"

static struct supervisor *s;

static void set_up(void) {
    rig_start(2, "");
    s = rig_mount(0);
}

TestSuite(actions, .init = set_up, .fini = rig_finish);

static void want(enum machine_event_id id) {
    supervisor_feed(s, (struct machine_event){.id = id, .reason = MACHINE_FOR_BY_HAND});
}

static void want_mount(void) {
    want(MACHINE_ON_MOUNT_WANTED);
    if (rig_server_job() != NULL)
        rig_answer(rig_server_job(), SMBM_ANSWERS, "it answers");
}

static void ended(const struct helper_result *result, bool doubtful) {
    const struct helper_proc *p = rig_helper();
    p->events.result(p->events.context, result, doubtful);
}

static void last_answer_is(const char *text) {
    cr_assert_gt(rig_answers_len, 0);
    cr_assert_str_eq(rig_answers[rig_answers_len - 1], text);
}

Test(actions, a_mount_that_is_gone_before_anybody_looked_is_none) {
    want_mount();
    cr_assert_eq(rig_helper()->op, HELPER_MOUNT);
    ended(&(struct helper_result){.class = HELPER_OK, .mount_id = 9}, false);
    cr_assert_eq(s->machine.state, MACHINE_FAILED);
    cr_assert_eq(s->machine.reason, MACHINE_FOR_TRANSIENT);
    cr_assert_neq(s->machine.due_ms, 0, "it is tried again");
}

Test(actions, where_a_mount_is_and_whose_it_is_is_kept) {
    struct helper_result result = {.class = HELPER_OK, .mount_id = 100, .device = 100};
    str_copy(result.address, sizeof result.address, "10.9.0.2");
    str_copy(result.session, sizeof result.session, "the session of bob");
    want_mount();
    rig_table[0].ours = 100;
    ended(&result, false);
    cr_assert_eq(s->machine.state, MACHINE_MOUNTED);
    cr_assert_str_eq(s->session, "the session of bob");
    cr_assert_str_eq(s->address, "10.9.0.2");
    rig_shows(0, 0, false); /* somebody took it away: it is mounted anew */
    if (rig_server_job() != NULL)
        rig_answer(rig_server_job(), SMBM_ANSWERS, "it answers");
    str_copy(result.address, sizeof result.address, "10.9.0.7");
    rig_table[0].ours = 100;
    ended(&result, false);
    cr_assert_eq(s->machine.state, MACHINE_MOUNTED);
    cr_assert_not_null(strstr(rig_event(s, EVENT_ADDRESS), "was at 10.9.0."));
}

Test(actions, a_helper_that_cannot_be_ended_is_told) {
    want_mount();
    struct helper_result result = {.class = HELPER_TRANSIENT, .text = "no result in time"};
    ended(&result, true);
    cr_assert_str_eq(rig_event(s, EVENT_STUCK), "a mount helper could not be ended");
    cr_assert(s->machine.doubtful);
    rig_shows(0, 100, false);
    cr_assert_eq(s->machine.state, MACHINE_MOUNTED, "its mount came after all");
}

Test(actions, a_helper_that_cannot_be_started_is_a_failed_mount) {
    rig_no_helper = true;
    want_mount();
    cr_assert_eq(s->machine.state, MACHINE_FAILED);
    cr_assert_str_eq(s->failure, "cannot start the mount helper: busy");
    rig_no_helper = false;
    rig_pass(s->machine.due_ms - rig_now);
    cr_assert_eq(s->machine.state, MACHINE_MOUNTING);
}

Test(actions, no_mount_is_begun_while_the_server_is_silent) {
    want(MACHINE_ON_MOUNT_WANTED);
    rig_answer(rig_server_job(), SMBM_MUTE, "it accepts TCP, but says nothing");
    cr_assert_eq(rig_helpers_len, 0);
    cr_assert_str_eq(s->failure,
                     "the server nas does not answer: it accepts TCP, but says nothing");
    cr_assert(waiters_add(s, rig_call(0), COMMAND_MOUNT));
    waiters_check(s);
    last_answer_is("error 1: transient: the server nas does not answer: "
                   "it accepts TCP, but says nothing");
}

Test(actions, a_question_that_cannot_be_answered_does_not_stop_a_mount) {
    want(MACHINE_ON_MOUNT_WANTED);
    struct rig_job *job = rig_server_job();
    rig_report(job, 0, POOL_CRASHED, SMBM_BLIND, "SIGSEGV");
    rig_done(job, true);
    cr_assert_eq(rig_helper()->op, HELPER_MOUNT);
    cr_assert_eq(s->peer->verdict, SMBM_UNKNOWN);
}

Test(actions, a_question_that_hangs_means_that_it_was_not_reached) {
    want(MACHINE_ON_MOUNT_WANTED);
    struct rig_job *job = rig_server_job();
    rig_report(job, 0, POOL_LATE, SMBM_SUSPECT, "no answer within 2500 ms");
    cr_assert_eq(s->peer->verdict, SMBM_UNREACHABLE);
    cr_assert_eq(s->machine.state, MACHINE_FAILED);
    rig_done(job, false);
}

Test(actions, without_the_probe_it_is_mounted_unasked) {
    d.registry->items[2].ok = false;
    want(MACHINE_ON_MOUNT_WANTED);
    cr_assert_null(rig_server_job());
    cr_assert_eq(rig_helper()->op, HELPER_MOUNT);
    ended(&(struct helper_result){.class = HELPER_TRANSIENT, .text = "no route"}, false);
    peer_watch(s->peer, true);
    cr_assert_eq(peer_tick(s->peer, rig_now), 0, "nobody can ask: it is tried by its own clock");
}

Test(actions, who_changes_his_mind_ends_the_question_or_the_helper) {
    cr_assert(waiters_add(s, rig_call(0), COMMAND_MOUNT));
    want(MACHINE_ON_MOUNT_WANTED);
    want(MACHINE_ON_UNMOUNT_WANTED);
    cr_assert_not(s->mount_waits_for_peer);
    cr_assert_eq(s->machine.state, MACHINE_UNMOUNTED);
    cr_assert_eq(rig_helpers_len, 0);
    last_answer_is("error 1: unmounted again: unmounted by hand");
    struct rig_job *asked = rig_server_job();
    rig_answer(asked, SMBM_ANSWERS, "it answers");
    cr_assert_eq(rig_helpers_len, 0);
    want_mount();
    want(MACHINE_ON_UNMOUNT_WANTED);
    cr_assert(rig_helper()->cancelled);
}

Test(actions, what_comes_to_the_mountpoint_meanwhile_is_not_mounted_over) {
    want_mount();
    rig_shows(0, 0, true);
    cr_assert(rig_helper()->cancelled);
    ended(&(struct helper_result){.class = HELPER_TRANSIENT, .text = "cancelled"}, false);
    cr_assert_eq(s->machine.reason, MACHINE_FOR_FOREIGN);
    cr_assert(waiters_add(s, rig_call(0), COMMAND_UNMOUNT));
    want(MACHINE_ON_UNMOUNT_WANTED);
    last_answer_is("ok: something else is mounted at /mnt/a; ours goes down as soon as that is "
                   "gone");
}

Test(actions, an_unmount_is_what_the_table_says) {
    rig_bring_up(0);
    cr_assert(waiters_add(s, rig_call(0), COMMAND_UNMOUNT));
    want(MACHINE_ON_UNMOUNT_WANTED);
    rig_result(HELPER_OK, "it says that it worked");
    last_answer_is("error 8: still mounted: it says that it worked");
    cr_assert_eq(s->machine.state, MACHINE_MOUNTED);
    cr_assert(waiters_add(s, rig_call(1), COMMAND_UNMOUNT));
    want(MACHINE_ON_UNMOUNT_WANTED);
    rig_table[0].ours = 0;
    rig_result(HELPER_TRANSIENT, "it says that it did not");
    last_answer_is("ok: unmounted; it stays down until: smbmounter mount a");
}

Test(actions, those_who_wait_are_told_when_it_goes_away_or_go_themselves) {
    want(MACHINE_ON_MOUNT_WANTED);
    cr_assert(waiters_add(s, rig_call(0), COMMAND_MOUNT));
    cr_assert(waiters_add(s, rig_call(1), COMMAND_MOUNT));
    cr_assert(waiters_add(s, rig_call(2), COMMAND_MOUNT));
    waiters_forget(s, rig_call(1));
    waiters_forget(s, rig_call(3));
    waiters_check(s);
    cr_assert_eq(rig_answers_len, 0);
    waiters_fail(s, "the daemon stops");
    cr_assert_eq(rig_answers_len, 2);
    last_answer_is("error 1: the daemon stops");
    cr_assert_null(s->waiters);
}

Test(actions, a_mounted_one_says_where) {
    cr_assert(waiters_add(s, rig_call(0), COMMAND_MOUNT));
    rig_bring_up(0);
    last_answer_is("ok: mounted at /mnt/a");
}

static const char *victims(unsigned holders, bool complete, const char *names) {
    struct os_holders found = {.holders = holders, .complete = complete};
    str_copy(found.names, sizeof found.names, names);
    rig_helper()->events.victims(&d, "a", &found);
    return rig_event(s, EVENT_HOLDERS);
}

Test(actions, who_lost_files_is_told_in_whole_words) {
    char many[512] = "cp[1]";
    rig_bring_up(0);
    cr_assert_str_eq(victims(0, true, ""), "", "nobody did");
    cr_assert_str_eq(victims(0, false, ""), "not all programs could be looked at");
    cr_assert_str_eq(victims(1, true, "cp[812]"), "cp[812]");
    cr_assert_str_eq(victims(1, false, "cp[812]"), "cp[812], perhaps others");
    for (int i = 2; i < 60; i++)
        str_copy(many + strlen(many), sizeof many - strlen(many), ", rsync[17]");
    const char *text = victims(60, true, many);
    cr_assert_not_null(strstr(text, "rsync[17], ..."), "%s", text);
    cr_assert_lt(strlen(text), 220);
    rig_helper()->events.victims(&d, "gone", &(struct os_holders){.holders = 1});
}

Test(actions, a_reconnect_is_a_step_that_works_or_does_not) {
    rig_bring_up(0);
    supervisor_on(s, MACHINE_ON_PROBE_DEAD);
    static const struct {
        enum helper_class class;
        const char *event;
        uint32_t outcome;
    } ends[] = {{HELPER_OK, "ok: said so", SMBM_OUTCOME_OK},
                {HELPER_NOTHING, "needless: said so", SMBM_OUTCOME_FAILED},
                {HELPER_CONFIG, "failed: said so", SMBM_OUTCOME_FAILED}};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        rig_decide(rig_open_job(POOL_NEXT), POOL_ANSWERED, SMBM_STEP_RECONNECT, "");
        cr_assert_eq(rig_helper()->op, HELPER_RECONNECT);
        rig_result(ends[i].class, "said so");
        cr_assert_str_eq(rig_event(s, EVENT_STEP_DONE), ends[i].event);
        cr_assert_eq(rig_open_job(POOL_NEXT)->job.situation.steps[i].outcome, ends[i].outcome);
    }
}

Test(actions, a_step_that_makes_no_sense_is_refused) {
    rig_bring_up(0);
    supervisor_on(s, MACHINE_ON_PROBE_DEAD);
    unsigned helpers = rig_helpers_len;
    rig_decide(rig_open_job(POOL_NEXT), POOL_ANSWERED, SMBM_STEP_MOUNT, "over it");
    cr_assert_str_eq(rig_event(s, EVENT_STEP_DONE),
                     "failed: made no sense: the mount table shows otherwise");
    cr_assert_eq(rig_helpers_len, helpers, "nothing is mounted over our mount");
    cr_assert_eq(rig_open_job(POOL_NEXT)->job.situation.steps[0].step, SMBM_STEP_MOUNT);
}

Test(actions, the_table_may_know_it_by_another_path) {
    want_mount();
    supervisor_is_at(s, "/srv/mnt/a");
    cr_assert_str_eq(supervisor_view(s).mountpoint, "/srv/mnt/a");
    cr_assert_eq(s->presence, MOUNT_ABSENT);
    supervisor_is_at(s, "/mnt/a");
    rig_table[0].ours = 100;
    rig_result(HELPER_OK, "mounted");
    cr_assert_eq(s->machine.state, MACHINE_MOUNTED);
}

Test(actions, late_words_of_an_operation_that_is_over_are_dropped) {
    rig_bring_up(0);
    struct machine before = s->machine;
    supervisor_feed(s, (struct machine_event){.id = MACHINE_ON_UNMOUNT_OK, .op_id = 77});
    cr_assert_eq(memcmp(&before, &s->machine, sizeof before), 0);
    cr_assert_not_null(strstr(rig_log, "late unmount-ok dropped"), "%s", rig_log);
    actions_mount_now(s); /* nobody wants one */
    cr_assert_eq(rig_helpers_len, 1);
}

/* From question to question at first; a server that stays away keeps no plugin host busy. */
Test(actions, a_server_is_asked_every_two_seconds) {
    want(MACHINE_ON_MOUNT_WANTED);
    for (unsigned i = 0; i < 40; i++) {
        struct rig_job *ask = rig_server_job();
        cr_assert_not_null(ask, "question %u", i);
        uint64_t begun = rig_now;
        bool early = s->peer->verdict == SMBM_UNKNOWN ||
                     begun + 1800 - s->peer->since_ms < PEER_POLL_EARLY_MS;
        rig_now += 1800;
        rig_answer(ask, SMBM_UNREACHABLE, "no packet back");
        uint64_t least = early ? begun + 1500 : rig_now + 1500;
        if (i > 0) { /* the first was the mount's own */
            cr_assert_geq(s->peer->due_ms, least);
            cr_assert_geq(s->peer->due_ms, rig_now + PEER_POLL_LEAST_MS);
            cr_assert_leq(s->peer->due_ms, least + 1000);
        }
        rig_now = s->peer->due_ms;
        peer_tick(s->peer, rig_now);
    }
}

Test(actions, a_server_is_watched_only_while_somebody_waits) {
    struct peer *peer = s->peer;
    cr_assert_eq(rig_mount(1)->peer, peer, "one for both mounts");
    peer_watch(peer, false);
    cr_assert_eq(peer_tick(peer, rig_now), 0);
    cr_assert_null(rig_server_job());
    want(MACHINE_ON_MOUNT_WANTED);
    rig_answer(rig_server_job(), SMBM_REFUSED, "the port is closed");
    rig_pass(3000);
    struct rig_job *again = rig_server_job();
    cr_assert_not_null(again, "it is asked until it answers");
    rig_report(again, 0, POOL_ANSWERED, SMBM_HEALTHY, "no word of a server");
    cr_assert_eq(peer->verdict, SMBM_REFUSED);
    rig_report(again, 0, POOL_ANSWERED, SMBM_ANSWERS, "it answers");
    rig_done(again, true);
    cr_assert_eq(rig_helper()->op, HELPER_MOUNT);
    peer_options_changed(peer);
    cr_assert(peer_ask(peer, NULL));
    cr_assert(peer_ask(peer, NULL), "one question at a time");
    cr_assert_eq(rig_jobs_len, 3);
}
