/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A host that SIGKILL does not end, as in a call on a dead share: a traced process is not reaped
 * before its tracer has seen it end. */
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <unistd.h>

#include "plugin/pool_private.h"
#include "pool_rig.h"

static int hold_fd; /* closed: the tracer goes */

static pid_t busy_host(void) {
    const struct proc *proc;
    for (unsigned waited = 0; waited < 500; waited++, rig_run_for(&loop, 10))
        TAILQ_FOREACH(proc, &pool->procs, link)
    if (proc->state == PROC_BUSY)
        return proc->child.process.pid;
    return -1;
}

/* Whether this process may trace at all is the machine's choice. */
static void hold(pid_t host) {
    int told[2], held[2];
    char attached = 0;
    cr_assert(host > 0 && pipe(told) == 0 && pipe(held) == 0);
    pid_t tracer = fork();
    if (tracer == 0) {
        close(held[1]);
        attached = ptrace(PTRACE_SEIZE, host, NULL, NULL) == 0;
        if (write(told[1], &attached, 1) == 1 && read(held[0], &attached, 1) == 0)
            _exit(0);
        _exit(1);
    }
    close(told[1]);
    close(held[0]);
    cr_assert_eq(read(told[0], &attached, 1), 1);
    close(told[0]);
    hold_fd = held[1];
    if (!attached)
        cr_skip_test("needs to trace a process");
}

static void wait_for_answers(const struct heard *heard, size_t len) {
    for (unsigned waited = 0; waited < 1000 && heard->len < len; waited++)
        rig_run_for(&loop, 10);
    cr_assert_eq(heard->len, len);
}

Test(pool_reap, all_waits_for_the_killed_one) {
    struct heard heard = {0};
    start(1, 2);
    submit(POOL_ALL, &heard, 1500, NAMES("hang", "healthy", "server"));
    hold(busy_host());
    wait_for_answers(&heard, 1);
    cr_assert_eq(heard.answers[0].end, POOL_LATE);
    cr_assert_eq(pool_stats(pool).stuck, 1);
    cr_assert_eq(pool_stats(pool).busy + pool_stats(pool).waiting, 0, "the next one is held");
    close(hold_fd);
    cr_assert(rig_run(&loop, &heard.done, 10000));
    cr_assert(heard.done_reaped);
    cr_assert_eq(heard.answers[1].end, POOL_ANSWERED);
    cr_assert_eq(heard.answers[2].end, POOL_ANSWERED);
    stop();
}

Test(pool_reap, all_goes_on_without_looks_when_one_cannot_be_killed) {
    struct heard heard = {0};
    start(1, 2);
    submit(POOL_ALL, &heard, 1500, NAMES("hang", "healthy", "sick", "server"));
    hold(busy_host());
    cr_assert(rig_run(&loop, &heard.done, 10000));
    cr_assert_not(heard.done_reaped);
    static const enum pool_end ends[] = {POOL_LATE, POOL_UNASKED, POOL_UNASKED, POOL_ANSWERED};
    cr_assert_eq(heard.len, 4);
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(heard.answers[i].end, ends[i], "call %zu", i);
    cr_assert_not_null(strstr(heard.answers[1].report.evidence, "hangs in the kernel"));
    close(hold_fd);
    cr_assert(rig_run(&loop, &heard.reaped, 10000));
    stop();
}

Test(pool_reap, a_pool_with_a_held_job_can_go) {
    struct heard heard = {0};
    start(1, 2);
    submit(POOL_ALL, &heard, 1500, NAMES("hang", "healthy"));
    hold(busy_host());
    wait_for_answers(&heard, 1);
    stop();
    close(hold_fd);
    cr_assert_not(heard.done);
}
