/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Rounds of probes: who waits for one, which one counts, and one that hangs. */
#include <criterion/criterion.h>
#include <string.h>

#include "rig.h"

static struct supervisor *s;

static void set_up(void) {
    rig_start(1, "  probe_interval_sec: 60\n");
    s = rig_mount(0);
    rig_bring_up(0);
}

TestSuite(rounds, .init = set_up, .fini = rig_finish);

static struct rig_job *round_under_way(void) {
    rig_pass(120000); /* its slot is somewhere in its interval */
    struct rig_job *job = rig_open_job(POOL_PROBE);
    cr_assert_not_null(job);
    return job;
}

static void answers_are(unsigned count, const char *last) {
    cr_assert_eq(rig_answers_len, count);
    cr_assert_str_eq(rig_answers[count - 1], last);
}

Test(rounds, a_command_gets_a_round_of_its_own) {
    struct rig_job *first = round_under_way();
    cr_assert(rounds_for_command(s, rig_call(0)));
    cr_assert(rounds_for_command(s, rig_call(1)));
    cr_assert_eq(rig_answers_len, 0);
    rig_answer(first, SMBM_HEALTHY, "well");
    cr_assert_eq(rig_answers_len, 0, "that one was under way before they asked");
    struct rig_job *own = rig_open_job(POOL_ALL);
    cr_assert_not_null(own);
    rounds_forget_call(s, rig_call(1)); /* its client went away */
    rig_report(own, 0, POOL_ANSWERED, SMBM_HEALTHY, "well");
    rig_report(own, 1, POOL_ANSWERED, SMBM_DEAD, "gone");
    rig_done(own, true);
    answers_are(1, "ok: 2 rows");
    cr_assert_eq(s->machine.state, MACHINE_MOUNTED, "it shows what is, and starts no recovery");
}

Test(rounds, who_leaves_before_its_round_begins_is_forgotten) {
    struct rig_job *first = round_under_way();
    rounds_forget_call(s, rig_call(0)); /* it does not wait */
    cr_assert(rounds_for_command(s, rig_call(0)));
    rounds_forget_call(s, rig_call(0));
    rig_answer(first, SMBM_HEALTHY, "well");
    cr_assert_null(rig_open_job(POOL_ALL));
    cr_assert_null(s->round, "nothing of it is kept");
    rounds_forget_call(s, rig_call(0));
    cr_assert_eq(rig_answers_len, 0);
}

Test(rounds, more_askers_than_there_is_room_for_are_refused) {
    struct rig_job *first = round_under_way();
    for (unsigned i = 0; i < ASKERS_MAX; i++)
        cr_assert(rounds_for_command(s, rig_call(0)));
    cr_assert_not(rounds_for_command(s, rig_call(1)));
    rig_answer(first, SMBM_HEALTHY, "well");
    rig_done(rig_open_job(POOL_ALL), true);
    answers_are(ASKERS_MAX, "error 1: no probe gave an answer");
}

Test(rounds, without_a_host_whoever_asks_is_told) {
    rig_no_pool = true;
    cr_assert(rounds_for_command(s, rig_call(0)));
    answers_are(1, "error 1: no probe of this mount could be started");
    rig_pass(60000);
    cr_assert_gt(s->probe_due_ms, rig_now, "it is tried again at its time");
    cr_assert_eq(s->machine.state, MACHINE_MOUNTED);
}

Test(rounds, of_what_is_not_mounted_only_the_server_is_asked) {
    rig_shows(0, 0, true);
    cr_assert_eq(s->machine.state, MACHINE_FAILED);
    cr_assert(rounds_for_command(s, rig_call(0)));
    struct rig_job *job = rig_open_job(POOL_ALL);
    cr_assert_not_null(job);
    cr_assert_eq(job->job.calls_len, 2);
    for (size_t i = 0; i < 2; i++)
        cr_assert_str_neq(job->job.calls[i].plugin->name, "looks", "the folder below is not it");
    d.registry->items[0].ok = d.registry->items[2].ok = false; /* and with no other probe left */
    rig_done(job, true);
    cr_assert(rounds_for_command(s, rig_call(0)));
    answers_are(2, "error 1: no probe of this mount could be started");
}

/* A probe that not even SIGKILL ends. */
static struct rig_job *hang(void) {
    struct rig_job *job = round_under_way();
    rig_report(job, 1, POOL_LATE, SMBM_SUSPECT, "no answer within 5000 ms");
    rig_done(job, false);
    return job;
}

Test(rounds, a_probe_that_hangs_in_the_kernel_counts_like_a_late_one) {
    struct rig_job *job = hang();
    cr_assert(rounds_for_command(s, rig_call(0)));
    unsigned jobs = rig_jobs_len;
    rig_pass(s->conf.probe_timeout_ms);
    cr_assert_str_eq(rig_event(s, EVENT_STUCK), "a probe hangs in the kernel; no other is started");
    cr_assert_eq(rig_jobs_len, jobs);
    answers_are(1, "error 1: the probe before this one hangs in the kernel");
    cr_assert_not(rounds_for_command(s, rig_call(0)), "who asks now is told at once");
    cr_assert_eq(s->machine.strikes, 2);
    rig_pass(3 * s->conf.probe_timeout_ms);
    cr_assert_eq(s->machine.state, MACHINE_RECOVERING);
    cr_assert_str_eq(s->recovery->evidence, "an earlier probe still hangs in the kernel");
    rig_reaped(job);
    cr_assert_neq(rig_jobs_len, jobs);
}

Test(rounds, one_that_is_let_go_is_followed_by_another) {
    struct rig_job *job = hang();
    rig_pass(s->conf.probe_timeout_ms);
    cr_assert_null(rig_open_job(POOL_PROBE));
    rig_reaped(job);
    rig_pass(1);
    struct rig_job *next = rig_open_job(POOL_PROBE);
    cr_assert_not_null(next);
    rig_answer(next, SMBM_HEALTHY, "well");
    cr_assert_eq(s->machine.strikes, 0);
}

Test(rounds, a_recovery_does_not_wait_for_one_that_hangs) {
    struct rig_job *job = hang();
    supervisor_on(s, MACHINE_ON_PROBE_DEAD);
    rig_decide(rig_open_job(POOL_NEXT), POOL_ANSWERED, SMBM_STEP_PROBE, "");
    cr_assert_str_eq(rig_event(s, EVENT_STEP_DONE),
                     "failed: the last probe still hangs in the kernel");
    cr_assert_not_null(rig_server_job(), "the next decision needs to know of the server");
    rig_reaped(job);
    rig_no_pool = true;
    struct rig_job *question = rig_open_job(POOL_NEXT);
    rig_decide(question, POOL_ANSWERED, SMBM_STEP_PROBE, "");
    cr_assert_str_eq(rig_event(s, EVENT_STEP_DONE), "failed: no probe could be started");
}

static void other_definition(void) {
    struct config config = rig_config("", "- {name: a, server: nas, share: a, mountpoint: /mnt/a, "
                                          "probes: [looks]}\n");
    supervisor_reconfigure(s, &config.mounts[0]);
    config_finish(&config);
}

Test(rounds, what_was_asked_by_the_old_chain_is_not_believed) {
    cr_assert(rounds_for_command(s, rig_call(0)));
    struct rig_job *old = rig_open_job(POOL_ALL);
    cr_assert(rounds_for_command(s, rig_call(1)));
    other_definition();
    cr_assert_eq(rig_answers_len, 2);
    answers_are(2, "error 1: the configuration changed meanwhile");
    rig_report(old, 2, POOL_ANSWERED, SMBM_DEAD, "gone");
    rig_done(old, true);
    cr_assert_eq(s->machine.state, MACHINE_MOUNTED);
    cr_assert_eq(s->last_verdict[0], SMBM_UNKNOWN);
    cr_assert_gt(s->probe_due_ms, rig_now);
}

Test(rounds, a_recovery_whose_probe_is_of_the_old_chain_asks_anew) {
    supervisor_on(s, MACHINE_ON_PROBE_DEAD);
    rig_decide(rig_open_job(POOL_NEXT), POOL_ANSWERED, SMBM_STEP_PROBE, "");
    struct rig_job *old = rig_open_job(POOL_PROBE);
    other_definition();
    cr_assert_str_eq(rig_event(s, EVENT_STEP_DONE), "failed: the configuration changed meanwhile");
    rig_decide(rig_open_job(POOL_NEXT), POOL_ANSWERED, SMBM_STEP_PROBE, "");
    cr_assert_eq(rig_open_job(POOL_PROBE), old, "the one under way has to end first");
    rig_report(old, 1, POOL_ANSWERED, SMBM_HEALTHY, "of the old chain");
    rig_done(old, true);
    cr_assert_eq(s->machine.state, MACHINE_RECOVERING, "it cannot answer the question");
    rig_answer(rig_open_job(POOL_PROBE), SMBM_HEALTHY, "of the new one");
    cr_assert_eq(s->machine.state, MACHINE_MOUNTED);
}

Test(rounds, a_sleep_makes_the_times_of_one_worthless) {
    struct rig_job *job = round_under_way();
    rounds_woke(s, rig_now);
    cr_assert_str_eq(job->expired, "cut short, for the machine slept meanwhile");
    rig_report(job, 1, POOL_LATE, SMBM_SUSPECT, "no answer within 5000 ms");
    rig_done(job, true);
    cr_assert_eq(s->machine.strikes, 0);
    cr_assert_eq(s->health, 0);
    rounds_woke(s, rig_now); /* nothing is under way */
    cr_assert_gt(s->probe_due_ms, rig_now);
}

Test(rounds, a_sleep_in_the_probe_of_a_recovery_asks_once_more) {
    supervisor_on(s, MACHINE_ON_PROBE_DEAD);
    rig_decide(rig_open_job(POOL_NEXT), POOL_ANSWERED, SMBM_STEP_PROBE, "");
    struct rig_job *slept = rig_open_job(POOL_PROBE);
    rounds_woke(s, rig_now);
    rig_answer(slept, SMBM_DEAD, "gone");
    cr_assert_eq(s->machine.op, MACHINE_OP_PROBE, "not yet answered");
    rig_answer(rig_open_job(POOL_PROBE), SMBM_HEALTHY, "well");
    cr_assert_eq(s->machine.state, MACHINE_MOUNTED);
}

Test(rounds, one_about_a_mount_that_was_replaced_is_dropped) {
    struct rig_job *job = round_under_way();
    rig_report(job, 1, POOL_ANSWERED, SMBM_DEAD, "gone");
    rig_shows(0, 777, false);
    rig_done(job, true);
    cr_assert_eq(s->machine.state, MACHINE_MOUNTED);
    cr_assert_str_eq(rig_event(s, EVENT_TABLE), "another mount of the same share is there now");
    job = hang();
    rig_shows(0, 778, false);
    rig_pass(s->conf.probe_timeout_ms - 1);
    cr_assert_eq(s->machine.strikes, 1, "nor does one that hangs in the old one count");
    rig_reaped(job);
}

Test(rounds, what_happens_in_one_begins_another) {
    struct rig_job *job = round_under_way();
    rounds_soon(s);
    rig_answer(job, SMBM_HEALTHY, "well");
    struct rig_job *again = rig_open_job(POOL_PROBE);
    cr_assert_not_null(again);
    rounds_soon(s);
    rig_answer(again, SMBM_DEAD, "gone");
    cr_assert_eq(s->machine.state, MACHINE_RECOVERING);
    cr_assert_null(rig_open_job(POOL_PROBE), "the recovery asks when it wants to know");
}

Test(rounds, a_mount_that_goes_away_takes_all_of_it_along) {
    struct rig_job *hung = hang();
    cr_assert(rounds_for_command(s, rig_call(0)));
    rounds_finish(s);
    cr_assert(hung->ended && hung->cancelled);
    answers_are(1, "error 1: the mount is no longer configured");
    rounds_finish(s);
    struct rig_job *job = round_under_way();
    rounds_finish(s);
    cr_assert(job->cancelled);
    cr_assert_null(s->round);
}

Test(rounds, what_a_probe_remembers_comes_back_to_it) {
    struct rig_job *job = round_under_way();
    struct smbm_report report = {.size = sizeof report, .verdict = SMBM_HEALTHY, .carry = {7, 8}};
    job->job.on_report(job->job.context, 0, POOL_ANSWERED, &report, NULL);
    rig_report(job, 1, POOL_ANSWERED, SMBM_HEALTHY, "well");
    rig_done(job, true);
    job = round_under_way();
    cr_assert_eq(job->job.calls[0].carry[1], 8);
    cr_assert_eq(job->job.calls[1].carry[0], 0, "each has its own");
    rig_answer(job, SMBM_HEALTHY, "well");
    rig_shows(0, 779, false);
    cr_assert_eq(round_under_way()->job.calls[0].carry[1], 0, "it was of another mount");
}

Test(rounds, slow_says_why_it_is_not_called_dead) {
    struct rig_job *job = round_under_way();
    struct smbm_report report = {.size = sizeof report,
                                 .verdict = SMBM_HEALTHY,
                                 .flags = SMBM_REPORT_PROGRESS,
                                 .evidence = "12 MB came in the last 5 s"};
    job->job.on_report(job->job.context, 0, POOL_ANSWERED, &report, NULL);
    rig_report(job, 1, POOL_LATE, SMBM_SUSPECT, "no answer within 5000 ms");
    rig_done(job, true);
    cr_assert_eq(s->health, MACHINE_ON_PROBE_SLOW);
    cr_assert_str_eq(
        s->health_text,
        "probe plugin 'looks': no answer within 5000 ms; but 12 MB came in the last 5 s");
    cr_assert_eq(s->machine.strikes, 0);
}

Test(rounds, a_probe_that_may_not_look_says_nothing) {
    struct rig_job *job = round_under_way();
    rig_report(job, 0, POOL_ANSWERED, SMBM_HEALTHY, "the kernel is content");
    rig_report(job, 1, POOL_ANSWERED, SMBM_BLIND, "permission denied to look");
    rig_done(job, true);
    cr_assert_eq(s->machine.state, MACHINE_MOUNTED);
    cr_assert_eq(s->health, MACHINE_ON_PROBE_BLIND);
    cr_assert_str_eq(s->health_text, "permission denied to look");
}
