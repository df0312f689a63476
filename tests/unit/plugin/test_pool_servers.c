/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Questions to servers: from which host, and when. */
#include <criterion/criterion.h>

#include "plugin/pool_private.h"
#include "pool_rig.h"

/* Else many mute servers, asked all the time, would keep the healthy ones' mounts unlooked at. */
Test(pool_servers, a_look_that_has_waited_its_time_goes_before_servers) {
    struct pool queue = {.loop = &loop};
    struct job look = {.rank = JOB_LOOK}, server = {.rank = JOB_SERVER};
    struct job question = {.rank = JOB_QUESTION};
    cr_assert_eq(uv_loop_init(&loop), 0);
    for (unsigned rank = 0; rank < JOB_RANKS; rank++)
        TAILQ_INIT(&queue.waiting[rank]);
    cr_assert_null(pool_first(&queue));
    TAILQ_INSERT_TAIL(&queue.waiting[JOB_LOOK], &look, waiting);
    look.submitted = uv_now(&loop);
    cr_assert_eq(pool_first(&queue), &look);
    TAILQ_INSERT_TAIL(&queue.waiting[JOB_SERVER], &server, waiting);
    cr_assert_eq(pool_first(&queue), &server);
    look.submitted -= POOL_LOOK_MS;
    cr_assert_eq(pool_first(&queue), &look);
    TAILQ_INSERT_TAIL(&queue.waiting[JOB_QUESTION], &question, waiting);
    cr_assert_eq(pool_first(&queue), &question);
    pool_take(&queue, &question);
    pool_take(&queue, &look);
    TAILQ_INSERT_TAIL(&queue.waiting[JOB_LOOK], &look, waiting);
    cr_assert_eq(pool_first(&queue), &server, "in turn: other looks wait for its answer");
    pool_take(&queue, &server);
    TAILQ_INSERT_TAIL(&queue.waiting[JOB_SERVER], &server, waiting);
    cr_assert_eq(pool_first(&queue), &look);
    uv_loop_close(&loop);
}

/* It may hold the question that a mute server has not answered yet: no second one waits there. */
Test(pool_servers, servers_are_asked_from_the_same_host) {
    struct heard asked[2] = {0}, look = {0};
    start(2, 2);
    while (pool_count(pool, PROC_IDLE) < 2)
        rig_run_for(&loop, 10);
    submit(POOL_ALL, &asked[0], 5000, NAMES("server"));
    cr_assert(rig_run(&loop, &asked[0].done, 10000));
    submit_slow(&look, 300, 5000);
    while (pool_stats(pool).busy == 0)
        rig_run_for(&loop, 10);
    submit(POOL_ALL, &asked[1], 5000, NAMES("server"));
    cr_assert(rig_run(&loop, &look.done, 10000));
    cr_assert(asked[1].done, "the look has left that host alone");
    cr_assert_str_eq(asked[1].answers[0].report.evidence, "asked 2 times here");
    stop();
}

static void ask(struct heard *heard, const char *server) {
    struct pool_job job = job_of(POOL_ALL, heard);
    job.mount.server = server;
    job.calls[job.calls_len++] = call_of("server", 5000, NULL);
    cr_assert_neq(pool_submit(pool, &job), 0);
}

Test(pool_servers, two_servers_keep_a_host_each) {
    struct heard asked[12] = {0};
    start(2, 2);
    while (pool_count(pool, PROC_IDLE) < 2)
        rig_run_for(&loop, 10);
    for (int i = 0; i < 12; i += 2) {
        ask(&asked[i], "nas");
        ask(&asked[i + 1], "attic");
        cr_assert(asked[i].done || rig_run(&loop, &asked[i].done, 10000));
        cr_assert(asked[i + 1].done || rig_run(&loop, &asked[i + 1].done, 10000));
    }
    unsigned bits = 0;
    const struct proc *proc;
    for (proc = TAILQ_FIRST(&pool->procs); proc != NULL; proc = TAILQ_NEXT(proc, link))
        bits += (unsigned)__builtin_popcountll(proc->asks);
    cr_assert_eq(bits, 2, "each has one host at a time");
    stop();
}

/* Looks whose judgement waits for the answer must not wait for all other looks as well. */
Test(pool_servers, a_server_is_asked_in_turn_with_looks_that_hang) {
    struct heard hung[12] = {0}, server = {0};
    unsigned done = 0;
    start(2, 2);
    for (int i = 0; i < 12; i++)
        submit(POOL_PROBE, &hung[i], 1000, NAMES("hang"));
    cr_assert(rig_run(&loop, &hung[0].done, 10000));
    ask(&server, "nas");
    cr_assert(rig_run(&loop, &server.done, 60000));
    for (int i = 0; i < 12; i++)
        done += hung[i].done;
    cr_assert_leq(done, 6, "%u of 12 looks went before", done);
    stop();
}
