/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A recovery: how the chain of plugins is asked, and what becomes of its answers. */
#include <criterion/criterion.h>
#include <string.h>

#include "rig.h"

static struct supervisor *s;

static void set_up(void) {
    rig_start(1, "");
    s = rig_mount(0);
    rig_bring_up(0);
}

TestSuite(recovery, .init = set_up, .fini = rig_finish);

static void fails_with(enum smbm_verdict verdict, const char *evidence) {
    rig_pass(60000);
    rig_answer(rig_open_job(POOL_PROBE), verdict, evidence);
    cr_assert_eq(s->machine.state, MACHINE_RECOVERING);
}

static const struct pool_job *question(void) {
    struct rig_job *job = rig_open_job(POOL_NEXT);
    cr_assert_not_null(job, "the chain is asked");
    cr_assert_eq(job->id, s->question);
    return &job->job;
}

static void answer(enum smbm_step step, const char *reason) {
    rig_decide(rig_open_job(POOL_NEXT), POOL_ANSWERED, step, reason);
}

static void event_is(enum event_kind kind, const char *text) {
    cr_assert_str_eq(rig_event(s, kind), text);
}

/* Who awaits a server without knowing how it is would take its answer for that of one that never
 * was away, and go on to harsher steps at once. */
Test(recovery, the_first_word_of_the_server_is_worth_a_decision) {
    fails_with(SMBM_DEAD, "gone");
    cr_assert_eq(question()->situation.server, SMBM_UNKNOWN);
    answer(SMBM_STEP_AWAIT, "asking whether the server answers");
    rig_pass(10);
    rig_answer(rig_server_job(), SMBM_MUTE, "says nothing");
    cr_assert_eq(question()->situation.server, SMBM_MUTE);
    answer(SMBM_STEP_AWAIT, "it does not answer");
    struct smbm_report report = {.size = sizeof report, .verdict = SMBM_MUTE};
    peer_report(s->peer, &report, "");
    cr_assert_null(rig_open_job(POOL_NEXT), "that is known");
    report.verdict = SMBM_ANSWERS;
    peer_report(s->peer, &report, "");
    cr_assert_eq(question()->situation.server, SMBM_ANSWERS);
}

Test(recovery, the_plugins_learn_what_was_seen) {
    static const struct {
        enum smbm_verdict verdict;
        const char *evidence;
    } rows[] = {{SMBM_DEAD, "the device is gone"},
                {SMBM_DENIED, "permission denied"},
                {SMBM_GONE, "no such share"}};
    for (size_t i = 0; i < 3; i++) {
        fails_with(rows[i].verdict, rows[i].evidence);
        const struct smbm_situation *now = &question()->situation;
        cr_assert_eq(now->verdict, rows[i].verdict);
        cr_assert_str_eq(now->evidence, rows[i].evidence);
        cr_assert_eq(now->mounted, 1);
        cr_assert_eq(now->server, SMBM_UNKNOWN, "what it said a minute ago is no news");
        cr_assert_eq(now->network_changed_ms, UINT64_MAX);
        cr_assert_eq(now->steps_len, 0);
        event_is(EVENT_INCIDENT, rows[i].evidence);
        answer(SMBM_STEP_PROBE, "");
        rig_answer(rig_open_job(POOL_PROBE), SMBM_HEALTHY, "well");
        cr_assert_eq(s->machine.state, MACHINE_MOUNTED);
    }
    cr_assert_eq(s->recoveries, 3);
}

Test(recovery, one_that_passes_or_fails_leaves_it_to_the_next) {
    fails_with(SMBM_DEAD, "gone");
    cr_assert_str_eq(question()->calls[0].plugin->name, "first");
    answer(SMBM_STEP_PASS, "");
    cr_assert_str_eq(question()->calls[0].plugin->name, "second");
    answer(SMBM_STEP_WAIT, "a moment");
    event_is(EVENT_STEP, "second: wait: a moment");
    rig_pass(500);
    cr_assert_str_eq(question()->calls[0].plugin->name, "first", "the chain begins anew");
    cr_assert_eq(question()->calls[0].carry[0], 1, "each keeps its own words");
    cr_assert_eq(question()->situation.steps_len, 1);
    cr_assert_eq(question()->situation.steps[0].step, SMBM_STEP_WAIT);
    cr_assert_eq(question()->situation.steps[0].outcome, SMBM_OUTCOME_OK);
    rig_decide(rig_open_job(POOL_NEXT), POOL_CRASHED, SMBM_STEP_PASS, "the host was ended");
    event_is(EVENT_PLUGIN, "first: the host was ended; the next plugin is asked");
    cr_assert_not_null(d.plugin_faults);
    cr_assert_str_eq(question()->calls[0].plugin->name, "second");
    answer(SMBM_STEP_PASS, "");
    event_is(EVENT_STEP, "no plugin of the chain has anything more to say");
    cr_assert_eq(s->machine.state, MACHINE_FAILED);
    cr_assert_eq(s->machine.reason, MACHINE_FOR_GAVE_UP);
}

Test(recovery, somebody_elses_mount_of_it_ends_the_outage_as_well) {
    fails_with(SMBM_DEAD, "gone");
    answer(SMBM_STEP_GIVE_UP, "no more ideas");
    cr_assert_eq(s->machine.reason, MACHINE_FOR_GAVE_UP);
    rig_shows(0, 555, false);
    cr_assert_eq(s->machine.state, MACHINE_MOUNTED);
    cr_assert_eq(s->machine.reason, MACHINE_FOR_ADOPTED);
    event_is(EVENT_RECOVERED, "found mounted");
    cr_assert_eq(s->recoveries, 1);
}

Test(recovery, a_plugin_that_is_broken_or_gone_is_left_out) {
    d.registry->items[3].ok = false; /* first, which a reload found broken */
    fails_with(SMBM_DEAD, "gone");
    cr_assert_str_eq(question()->calls[0].plugin->name, "second");
    d.registry->items[4].name[0] = '\0'; /* and second is no longer there */
    rig_decide(rig_open_job(POOL_NEXT), POOL_LATE, SMBM_STEP_PASS, "no answer within 1000 ms");
    event_is(EVENT_PLUGIN, "second: no answer within 1000 ms; the next plugin is asked");
    cr_assert_eq(s->machine.reason, MACHINE_FOR_GAVE_UP);
    cr_assert_null(d.plugin_faults, "a fault of a plugin that is no more is nobody's");
}

Test(recovery, without_plugin_hosts_it_gives_up_and_tries_again) {
    rig_pass(60000);
    struct rig_job *probe = rig_open_job(POOL_PROBE);
    rig_no_pool = true;
    rig_answer(probe, SMBM_DEAD, "gone");
    cr_assert_eq(s->machine.reason, MACHINE_FOR_GAVE_UP);
    cr_assert_neq(s->machine.due_ms, 0);
    rig_no_pool = false;
    rig_pass(s->machine.due_ms - rig_now);
    cr_assert_str_eq(question()->calls[0].plugin->name, "first");
}

Test(recovery, the_same_wait_for_a_server_is_told_once) {
    fails_with(SMBM_DEAD, "gone");
    unsigned told = 0;
    for (int turn = 0; turn < 3; turn++) {
        size_t before = s->events.count;
        answer(SMBM_STEP_AWAIT, "the server is away");
        rig_pass(0);
        if (rig_server_job() != NULL)
            rig_answer(rig_server_job(), SMBM_MUTE, "silent");
        event_is(EVENT_STEP, "first: await-server: the server is away");
        told += s->events.count != before;
        rig_pass(s->machine.due_ms > rig_now ? s->machine.due_ms - rig_now : 1);
        cr_assert_eq(question()->situation.steps[turn].outcome, SMBM_OUTCOME_FAILED,
                     "it did not answer in the time");
    }
    cr_assert_leq(told, 2);
    answer(SMBM_STEP_AWAIT, "it is away for longer");
    event_is(EVENT_STEP, "first: await-server: it is away for longer");
}

Test(recovery, a_plugin_may_act_itself) {
    fails_with(SMBM_DEAD, "gone");
    answer(SMBM_STEP_CALL, "I can do it");
    struct rig_job *run = rig_open_job(POOL_RUN);
    cr_assert_not_null(run);
    cr_assert_eq(run->job.calls[0].timeout_ms, s->conf.probe_timeout_ms, "it named none");
    rig_report(run, 0, POOL_ANSWERED, SMBM_HEALTHY, "done it");
    rig_done(run, true);
    event_is(EVENT_STEP_DONE, "ok: done it");
    cr_assert_eq(question()->situation.steps[0].outcome, SMBM_OUTCOME_OK);
    answer(SMBM_STEP_CALL, "once more");
    run = rig_open_job(POOL_RUN);
    rig_report(run, 0, POOL_CRASHED, SMBM_HEALTHY, "SIGSEGV");
    rig_done(run, true);
    event_is(EVENT_STEP_DONE, "failed: SIGSEGV");
    cr_assert_not_null(d.plugin_faults);
    cr_assert_eq(question()->situation.steps[1].outcome, SMBM_OUTCOME_FAILED);
    rig_no_pool = true;
    rig_jobs[rig_jobs_len - 1].ended = false;
    answer(SMBM_STEP_CALL, "and again");
    event_is(EVENT_STEP, "no plugin of the chain has anything more to say");
    event_is(EVENT_STEP_DONE, "failed: the plugin could not be called");
}

Test(recovery, an_attempt_remembers_its_newest_steps) {
    fails_with(SMBM_DEAD, "gone");
    for (uint64_t i = 0; i < SMBM_STEPS_MAX + 3 && s->machine.attempt == 0; i++) {
        answer(SMBM_STEP_WAIT, "");
        rig_pass(500);
    }
    cr_assert_leq(question()->situation.steps_len, SMBM_STEPS_MAX);
    const struct smbm_situation *now = &question()->situation;
    for (uint32_t i = 1; i < now->steps_len; i++)
        cr_assert_lt(now->steps[i].ago_ms, now->steps[i - 1].ago_ms, "the oldest is first");
}

Test(recovery, a_probe_of_its_own_that_finds_it_bad_goes_on) {
    fails_with(SMBM_DEAD, "gone");
    answer(SMBM_STEP_PROBE, "");
    rig_answer(rig_open_job(POOL_PROBE), SMBM_DENIED, "permission denied");
    cr_assert_eq(question()->situation.verdict, SMBM_DENIED, "the newest verdict");
    event_is(EVENT_STEP_DONE, "failed: permission denied");
    answer(SMBM_STEP_PROBE, "");
    rig_answer(rig_open_job(POOL_PROBE), SMBM_SUSPECT, "");
    event_is(EVENT_STEP_DONE, "failed");
    cr_assert_eq(question()->situation.verdict, SMBM_SUSPECT);
}

Test(recovery, after_a_sleep_its_times_begin_anew) {
    fails_with(SMBM_DEAD, "gone");
    answer(SMBM_STEP_WAIT, "");
    rig_now += 3600000;
    d.woke_ms = rig_now;
    d.network_changed_ms = rig_now - 5;
    rig_pass(400);
    const struct smbm_situation *now = &question()->situation;
    cr_assert_leq(now->outage_ms, 400);
    cr_assert_leq(now->attempt_ms, 400);
    cr_assert_leq(now->network_changed_ms, 405);
}

static void take_other_chain(void) {
    struct config config = rig_config("", "- {name: a, server: nas, share: a, mountpoint: /mnt/a, "
                                          "recovery: [second]}\n");
    supervisor_reconfigure(s, &config.mounts[0]);
    config_finish(&config);
}

Test(recovery, another_chain_is_asked_at_once) {
    fails_with(SMBM_DEAD, "gone");
    uint64_t old = s->question;
    take_other_chain();
    cr_assert(rig_jobs[old - 1].cancelled);
    cr_assert_str_eq(question()->calls[0].plugin->name, "second");
    cr_assert_eq(question()->calls[0].carry[0], 0, "the words of the old chain are not its");
    answer(SMBM_STEP_WAIT, "");
    take_other_chain(); /* nothing is asked now */
    rig_pass(500);
    cr_assert_eq(question()->calls[0].carry[0], 0);
}

Test(recovery, an_act_of_the_old_chain_counts_as_failed) {
    fails_with(SMBM_DEAD, "gone");
    answer(SMBM_STEP_CALL, "");
    struct rig_job *run = rig_open_job(POOL_RUN);
    take_other_chain();
    cr_assert(run->cancelled);
    event_is(EVENT_STEP_DONE, "failed: the configuration changed meanwhile");
    cr_assert_str_eq(question()->calls[0].plugin->name, "second");
}

Test(recovery, ends_with_the_mount_that_it_is_about) {
    fails_with(SMBM_DEAD, "gone");
    supervisor_feed(
        s, (struct machine_event){.id = MACHINE_ON_FORCE_WANTED, .reason = MACHINE_FOR_BY_HAND});
    answer(SMBM_STEP_MOUNT, "too late");
    cr_assert_eq(s->machine.state, MACHINE_UNMOUNTING);
    cr_assert_null(s->recovery);
    rig_table[0].ours = 0;
    rig_result(HELPER_OK, "forced");
    cr_assert_eq(s->machine.state, MACHINE_UNMOUNTED);
    struct smbm_report report = {.verdict = SMBM_DEAD};
    recovery_new_verdict(s, &report); /* late ones find nothing to tell */
    recovery_step_begins(s, SMBM_STEP_WAIT);
    recovery_step_ends(s, true, "");
    cr_assert_null(s->recovery);
}
