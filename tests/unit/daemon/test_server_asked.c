/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Looks that find something wrong, and their server, which is asked once for all of them. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rig.h"

static struct supervisor *a, *b;

static void set_up(void) {
    rig_start(2, "");
    a = rig_mount(0);
    b = rig_mount(1);
    rig_bring_up(0);
    rig_bring_up(1);
    rig_server_talks = true;
}

TestSuite(server_asked, .init = set_up, .fini = rig_finish);

/* Both are looked at, and the looks are answered so. */
static void both_find(enum smbm_verdict verdict) {
    rig_pass(60000);
    for (unsigned i = 0; i < 2; i++) {
        struct rig_job *look = rig_open_job(POOL_PROBE);
        cr_assert_not_null(look);
        for (size_t c = 0; c < look->job.calls_len; c++)
            cr_assert_neq(look->job.calls[c].plugin->subject, SMBM_ON_SERVER);
        rig_answer(look, verdict, "no answer within 5000 ms");
    }
}

static unsigned questions(void) {
    unsigned count = 0;
    for (unsigned i = 0; i < rig_jobs_len; i++)
        count += rig_jobs[i].server;
    return count;
}

Test(server_asked, a_healthy_look_asks_nobody) {
    unsigned before = questions();
    both_find(SMBM_HEALTHY);
    cr_assert_eq(questions(), before);
    cr_assert_eq(a->health, MACHINE_ON_PROBE_HEALTHY);
}

Test(server_asked, once_for_all_its_mounts_and_they_wait_for_it) {
    unsigned before = questions();
    supervisor_set_address(a, "192.0.2.1");
    supervisor_set_address(b, "192.0.2.1");
    both_find(SMBM_DEAD);
    cr_assert_eq(questions(), before + 1);
    struct rig_job *ask = rig_server_job();
    cr_assert_str_eq(ask->job.mount.address, "192.0.2.1", "has it moved? it is about theirs");
    cr_assert_eq(a->machine.state, MACHINE_MOUNTED, "not judged yet");
    cr_assert_eq(b->machine.state, MACHINE_MOUNTED);
    cr_assert_null(rig_open_job(POOL_PROBE));
    rig_answer(ask, SMBM_MUTE, "it accepts TCP, but says nothing");
    cr_assert_null(rig_server_job());
    cr_assert_eq(a->peer->verdict, SMBM_MUTE);
    cr_assert_eq(a->machine.state, MACHINE_RECOVERING);
    cr_assert_eq(b->machine.state, MACHINE_RECOVERING);
}

static struct rig_job *look_of(const struct supervisor *s) {
    for (unsigned i = rig_jobs_len; i-- > 0;)
        if (!rig_jobs[i].ended && rig_jobs[i].job.kind == POOL_PROBE &&
            rig_jobs[i].job.context == s)
            return &rig_jobs[i];
    return NULL;
}

/* The kernel says that it waits for an answer, and the share itself is found so. */
static void find_while_the_kernel_waits(struct rig_job *look, enum smbm_verdict verdict,
                                        int os_errno) {
    cr_assert_not_null(look);
    struct smbm_report report = {
        .size = sizeof report, .verdict = SMBM_HEALTHY, .flags = SMBM_REPORT_UNANSWERED};
    look->job.on_report(look->job.context, 0, POOL_ANSWERED, &report, NULL);
    report = (struct smbm_report){.size = sizeof report, .verdict = verdict, .os_errno = os_errno};
    look->job.on_report(look->job.context, 1, POOL_ANSWERED, &report, NULL);
    rig_done(look, true);
}

/* In the look that comes by itself; how often the server is asked then. */
static unsigned questions_after(enum smbm_verdict verdict, int os_errno) {
    unsigned before = questions();
    rig_pass(60000);
    find_while_the_kernel_waits(rig_open_job(POOL_PROBE), verdict, os_errno);
    return questions() - before;
}

/* A question of ours would stand before the kernel's own in the queue of a mute server. */
Test(server_asked, not_while_the_kernel_itself_waits_for_it) {
    cr_assert_eq(questions_after(SMBM_SUSPECT, 0), 0);
    cr_assert_eq(a->machine.strikes + b->machine.strikes, 1);
}

/* Nobody waits any more when the kernel gave it up. */
Test(server_asked, when_what_is_done_depends_on_it) {
    cr_assert_eq(questions_after(SMBM_DEAD, 0), 1);
}
Test(server_asked, when_the_look_failed) {
    cr_assert_eq(questions_after(SMBM_SUSPECT, EAGAIN), 1);
}

/* What is done next depends on how the server is. */
Test(server_asked, in_a_recovery_it_is_asked) {
    rig_pass(60000);
    struct rig_job *look = rig_open_job(POOL_PROBE);
    struct supervisor *s = look->job.context;
    rig_answer(look, SMBM_DEAD, "gone");
    rig_answer(rig_server_job(), SMBM_ANSWERS, "SMB 3.1.1");
    rig_decide(rig_open_job(POOL_NEXT), POOL_ANSWERED, SMBM_STEP_PROBE, "");
    rig_pass(2000);
    unsigned before = questions();
    find_while_the_kernel_waits(look_of(s), SMBM_SUSPECT, 0);
    cr_assert_eq(questions(), before + 1);
}

Test(server_asked, one_that_could_not_be_asked_holds_nobody_up) {
    both_find(SMBM_SUSPECT);
    rig_done(rig_server_job(), true);
    cr_assert_eq(a->machine.strikes, 1);
    cr_assert_eq(b->machine.strikes, 1);
    rig_no_pool = true;
    rounds_server_asked(a); /* nothing waits */
    cr_assert_eq(a->machine.strikes, 1);
}

Test(server_asked, a_host_that_hangs_meanwhile_is_reaped) {
    rig_pass(60000);
    struct rig_job *look = rig_open_job(POOL_PROBE);
    const struct supervisor *s = look->job.context;
    rig_report(look, 1, POOL_LATE, SMBM_SUSPECT, "no answer within 5000 ms");
    rig_done(look, false);
    cr_assert(s->round->asks);
    cr_assert_neq(s->round->hung_job, 0);
    rig_reaped(look);
    cr_assert(s->round->asks, "its judgement is still to come");
    rig_answer(rig_server_job(), SMBM_ANSWERS, "SMB 3.1.1");
    cr_assert_eq(s->machine.strikes, 1);
}

Test(server_asked, another_definition_ends_the_waiting) {
    both_find(SMBM_DEAD);
    struct config config = rig_config("", "- {name: a, server: other, share: a, mountpoint: "
                                          "/mnt/a, probes: [looks]}\n");
    supervisor_reconfigure(a, &config.mounts[0]);
    config_finish(&config);
    cr_assert_null(a->round, "nothing of it is kept");
    cr_assert_gt(a->probe_due_ms, rig_now);
    rig_answer(rig_server_job(), SMBM_MUTE, "silent");
    cr_assert_eq(a->machine.state, MACHINE_MOUNTED, "that was the old server");
    cr_assert_eq(b->machine.state, MACHINE_RECOVERING);
}

Test(server_asked, a_sleep_meanwhile_makes_the_look_worthless) {
    both_find(SMBM_DEAD);
    rounds_woke(a, rig_now);
    cr_assert_null(a->round, "nor does it wait for the answer");
    rig_answer(rig_server_job(), SMBM_MUTE, "silent");
    cr_assert_eq(a->machine.state, MACHINE_MOUNTED);
    cr_assert_eq(b->machine.state, MACHINE_RECOVERING);
}

static void reconfigure_a(const char *probes) {
    char text[200];
    snprintf(text, sizeof text,
             "- {name: a, server: nas, share: a, mountpoint: /mnt/a, probes: %s}\n", probes);
    struct config config = rig_config("", text);
    supervisor_reconfigure(a, &config.mounts[0]);
    config_finish(&config);
}

/* What the old chain's probes carry is not for the new one's. */
Test(server_asked, another_look_that_another_definition_begins_is_by_the_new_chain) {
    reconfigure_a("[looks, smb-negotiate]");
    rig_pass(90000);
    struct rig_job *look = look_of(a);
    cr_assert_not_null(look);
    struct smbm_report report = {.size = sizeof report, .verdict = SMBM_SUSPECT, .carry = {7}};
    look->job.on_report(look->job.context, 0, POOL_ANSWERED, &report, NULL);
    rig_done(look, true);
    cr_assert(a->round->asks);
    supervisor_on(a, MACHINE_ON_NET_CHANGED);
    cr_assert(a->round->again);
    reconfigure_a("[smb-negotiate, peeks, looks]");
    struct rig_job *next = look_of(a);
    cr_assert_not_null(next);
    cr_assert_eq(next->job.calls_len, 2);
    for (size_t i = 0; i < 2; i++)
        cr_assert_eq(next->job.calls[i].carry[0], 0);
}
