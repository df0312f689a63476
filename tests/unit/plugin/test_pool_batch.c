/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What happens to the jobs behind one that hangs, crashes or writes rubbish, in the same batch. */
#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "pool_rig.h"

#define OTHERS 12

/* One host, ready and idle, so that all of it is one batch; more only once something is late. */
static void play(const char *bad, uint32_t timeout_ms, struct heard *first, struct heard *others) {
    struct heard warm = {0};
    start(1, 3);
    submit(POOL_PROBE, &warm, 5000, NAMES("healthy"));
    cr_assert(rig_run(&loop, &warm.done, 10000));
    unsigned left = OTHERS;
    bool all_done = false;
    submit(POOL_PROBE, first, timeout_ms, NAMES("healthy", bad));
    for (int i = 0; i < OTHERS; i++) {
        others[i].left = &left;
        others[i].all_done = &all_done;
        submit(POOL_PROBE, &others[i], 5000, NAMES("healthy", "healthy"));
    }
    cr_assert(rig_run(&loop, &all_done, 10000));
    for (int i = 0; i < OTHERS; i++) {
        cr_assert_eq(others[i].len, 2);
        cr_assert_eq(others[i].answers[1].end, POOL_ANSWERED);
    }
}

Test(pool_batch, a_hanging_call_gives_back_those_behind_it) {
    struct heard hung = {0}, others[OTHERS] = {0};
    play("hang", 4000, &hung, others);
    cr_assert_not(hung.done, "they did not wait for its deadline");
    cr_assert_eq(hung.len, 1, "what it answered before has been heard");
    cr_assert_eq(hung.answers[0].end, POOL_ANSWERED);
    cr_assert(rig_run(&loop, &hung.done, 10000));
    cr_assert_eq(hung.answers[1].end, POOL_LATE);
    cr_assert_str_eq(hung.answers[1].report.evidence, "no answer within 4000 ms");
    cr_assert_eq(pool_stats(pool).calls, 2 * OTHERS + 2, "each was asked once");
    stop();
}

Test(pool_batch, a_crash_harms_no_other_job) {
    struct heard crashed = {0}, others[OTHERS] = {0};
    play("crash", 5000, &crashed, others);
    cr_assert(crashed.done || rig_run(&loop, &crashed.done, 10000));
    cr_assert_eq(crashed.len, 2);
    cr_assert_eq(crashed.answers[0].end, POOL_ANSWERED);
    cr_assert_eq(crashed.answers[1].end, POOL_CRASHED);
    stop();
}

Test(pool_batch, rubbish_in_the_socket_harms_no_other_job) {
    struct heard refused = {0}, others[OTHERS] = {0};
    play("rubbish", 5000, &refused, others);
    cr_assert(refused.done || rig_run(&loop, &refused.done, 10000));
    cr_assert_eq(refused.answers[1].end, POOL_REFUSED);
    stop();
}

/* Its host may be ended when it has answered already, and the next one is at work. When the daemon
 * has read the rubbish before the host could count it (once in a thousand), it is nobody's. */
Test(pool_batch, rubbish_in_the_socket_is_not_blamed_on_the_next_call) {
    unsigned refused = 0;
    start(1, 3);
    for (unsigned i = 0; i < 40; i++) {
        struct heard heard = {0};
        submit(POOL_PROBE, &heard, 5000, NAMES("rubbish", "healthy", "odd-verdict"));
        cr_assert(rig_run(&loop, &heard.done, 10000));
        refused += heard.answers[0].end == POOL_REFUSED;
        cr_assert_eq(heard.answers[1].end, POOL_ANSWERED, "%s", heard.answers[1].report.evidence);
        cr_assert_not_null(strstr(heard.answers[2].report.evidence, "42"), "%s",
                           heard.answers[2].report.evidence);
        cr_assert(heard.done_reaped || heard.reaped || rig_run(&loop, &heard.reaped, 5000));
    }
    cr_assert_gt(refused, 30);
    stop();
}

/* On a machine with too much to do a first call takes longer than any batch should, and is no
 * reason to hear of the second only when its time would have been over. */
Test(pool_batch, what_is_answered_late_is_heard_before_the_next_ends) {
    struct heard warm = {0}, heard = {0};
    start(1, 1);
    submit(POOL_PROBE, &warm, 5000, NAMES("healthy"));
    cr_assert(rig_run(&loop, &warm.done, 10000));
    struct pool_job job = job_of(POOL_PROBE, &heard);
    delay_item.number = 60;
    job.calls[0] = call_of("slow", 10000, &delay);
    job.calls[1] = call_of("healthy", 10000, NULL);
    job.calls[2] = call_of("hang", 10000, NULL);
    job.calls_len = 3;
    uint64_t began = uv_now(&loop);
    cr_assert_neq(pool_submit(pool, &job), 0);
    while (heard.len < 2)
        uv_run(&loop, UV_RUN_ONCE);
    cr_assert_lt(uv_now(&loop) - began, 5000, "not at its limit, 10 s");
    cr_assert_not(heard.done);
    stop();
}

/* A loop that was busy elsewhere runs its timers before it reads what came: the answer is heard
 * when the batch is looked at, and the bell finds a host that has nothing to do. */
Test(pool_batch, whoever_waits_goes_on_when_the_bell_is_heard_late) {
    struct heard warm = {0}, slow = {0}, waiting = {0};
    start(1, 1);
    submit(POOL_PROBE, &warm, 5000, NAMES("healthy"));
    cr_assert(rig_run(&loop, &warm.done, 10000));
    submit_slow(&slow, 10, 5000);
    while (pool_stats(pool).busy == 0)
        uv_run(&loop, UV_RUN_NOWAIT);
    submit(POOL_PROBE, &waiting, 5000, NAMES("healthy"));
    usleep(1500); /* it is dispatched in vain */
    uv_run(&loop, UV_RUN_NOWAIT);
    usleep(60000);
    cr_assert(rig_run(&loop, &waiting.done, 2000));
    cr_assert(slow.done);
    stop();
}
