/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A mount helper as the daemon sees it, with one that does odd things (odd_helper.c): whatever it
 * does, there is exactly one result. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "daemon/helper_inside.h"
#include "fail.h"
#include "os/os.h"

static struct daemon d;
static struct err err;
static char log_text[4096];

/* What was heard of each helper, by its number. */
static struct heard {
    unsigned results, turns, victims;
    struct helper_result result;
    bool doubtful;
    bool refuse;
} heard[8];
static unsigned order[8], order_len; /* whose results came */

/* One that no signal ends, as in a call on a dead share. */
static bool immortal;

/* Whose limits pass a hundred times as fast. */
static bool all_hasty;
static const struct helper_proc *hasty;

int __real_uv_timer_start(uv_timer_t *timer, uv_timer_cb done, uint64_t ms, uint64_t repeat);
int __wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb done, uint64_t ms, uint64_t repeat);
int __wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb done, uint64_t ms, uint64_t repeat) {
    bool sooner = all_hasty || timer->data == hasty;
    if (ms == HELPER_REAP_MS && !immortal) /* a killed one may take its time to go */
        sooner = false;
    return __real_uv_timer_start(timer, done, sooner ? ms / 100 : ms, repeat);
}

int __real_os_kill(pid_t pid, int pidfd);
int __wrap_os_kill(pid_t pid, int pidfd);
int __wrap_os_kill(pid_t pid, int pidfd) {
    return immortal ? 0 : __real_os_kill(pid, pidfd);
}

static void on_result(void *context, const struct helper_result *result, bool doubtful) {
    struct heard *h = context;
    cr_assert_eq(h->results, 0, "once");
    h->results++;
    h->result = *result;
    h->doubtful = doubtful;
    order[order_len++] = (unsigned)(h - heard);
}

static void on_turn(void *context, uint32_t login, struct login_leave *leave) {
    struct heard *h = context;
    cr_assert_eq(login, 77);
    h->turns++;
    leave->refused = h->refuse;
    str_copy(leave->mount, sizeof leave->mount, h->refuse ? "other" : "");
}

static void on_victims(struct daemon *daemon, const char *mount, const struct os_holders *victims) {
    cr_assert_eq(daemon, &d);
    cr_assert_gt(strlen(mount), 0);
    cr_assert_str_eq(victims->names, "cp[812]");
    heard[0].victims++;
}

static void keep_line(void *context, enum log_level level, const char *line) {
    (void)context, (void)level;
    str_copy(log_text, sizeof log_text, line);
}

static void set_up(void) {
    signal(SIGPIPE, SIG_IGN);
    cr_assert_eq(uv_loop_init(&d.loop), 0);
    TAILQ_INIT(&d.slot_waiting);
    TAILQ_INIT(&d.helpers_waiting);
    d.log = (struct log){.level = LOG_DEBUG, .fd = -1, .write = keep_line};
    strcpy(d.self_path, ODD_HELPER);
}

static void tear_down(void) {
    uv_run(&d.loop, UV_RUN_DEFAULT);
    cr_assert_eq(uv_loop_close(&d.loop), 0);
    cr_assert_eq(d.helpers + d.helpers_stuck + d.helpers_mounting[0] + d.helpers_mounting[1], 0);
    cr_assert(d.slot_holder == NULL && TAILQ_EMPTY(&d.slot_waiting));
    cr_assert(TAILQ_EMPTY(&d.helpers_waiting));
}

TestSuite(helper_proc, .init = set_up, .fini = tear_down, .timeout = 60);

static struct helper_request request_of(enum helper_op op, enum config_mounter mounter,
                                        char *name) {
    static char empty[] = "";
    struct helper_request request = {.op = op, .mount = {.name = name, .mounter = mounter}};
    struct config_mount *m = &request.mount;
    m->server = m->share = m->mountpoint = m->username = m->domain = m->local_user = m->fstype =
        m->source = m->credential_path = empty;
    m->command_timeout_ms = 20000;
    return request;
}

static struct helper_proc *start(unsigned number, enum helper_op op, enum config_mounter mounter,
                                 const char *what) {
    char name[64];
    str_copy(name, sizeof name, what);
    const struct helper_request request = request_of(op, mounter, name);
    const struct helper_events events = {
        .result = on_result, .turn = on_turn, .victims = on_victims, .context = &heard[number]};
    struct helper_proc *p = helper_proc_start(&d, &request, &events, &err);
    cr_assert_not_null(p, "%s", err.text);
    return p;
}

static void run(enum helper_op op, enum config_mounter mounter, const char *what) {
    start(0, op, mounter, what);
    uv_run(&d.loop, UV_RUN_DEFAULT);
    cr_assert_eq(heard[0].results, 1);
}

static void says(const char *words) {
    cr_assert_str_eq(heard[0].result.text, words);
}

Test(helper_proc, has_its_turn_and_its_result) {
    run(HELPER_MOUNT, CONFIG_CIFS, "rwo");
    says("went well");
    cr_assert_eq(heard[0].result.class, HELPER_OK);
    cr_assert_eq(heard[0].turns, 1);
}

Test(helper_proc, is_told_when_its_login_was_refused) {
    heard[0].refuse = true;
    run(HELPER_MOUNT, CONFIG_NETFS, "rwo");
    cr_assert_eq(heard[0].result.class, HELPER_AUTH);
    says("other");
}

Test(helper_proc, who_lost_files_is_heard_after_the_result_and_once) {
    run(HELPER_FORCE, CONFIG_CIFS, "ovv");
    cr_assert_eq(heard[0].victims, 1);
    says("went well");
}

Test(helper_proc, an_end_without_a_result_is_one) {
    run(HELPER_MOUNT, CONFIG_CIFS, "r");
    says("the mount helper ended without a result (status 3)");
    cr_assert_str_eq(heard[0].result.address, "10.9.0.2", "as far as it came");
    cr_assert_eq(heard[0].result.class, HELPER_TRANSIENT);
}

Test(helper_proc, an_end_by_a_signal_is_one) {
    run(HELPER_UNMOUNT, CONFIG_CIFS, "t");
    says("the mount helper ended without a result (signal 15)");
}

/* It is ended for it, and what it may have done is for the mount table to say. */
Test(helper_proc, what_no_helper_says_ends_it) {
    static const char *const rows[] = {"bp", "vp", "up", "lp", "rrp"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        memset(heard, 0, sizeof heard);
        order_len = 0;
        run(HELPER_MOUNT, CONFIG_CIFS, rows[i]);
        says("cancelled");
        cr_assert_eq(heard[0].victims, 0);
        cr_assert_not(heard[0].doubtful);
    }
    memset(heard, 0, sizeof heard);
    run(HELPER_UNMOUNT, CONFIG_CIFS, "rp"); /* an unmount needs no leave */
    says("cancelled");
    memset(heard, 0, sizeof heard);
    order_len = 0;
    run(HELPER_FORCE, CONFIG_CIFS, "oVp");
    says("went well");
}

Test(helper_proc, one_that_is_late_is_ended) {
    static const struct {
        enum helper_op op;
        enum config_mounter mounter;
        const char *what;
    } rows[] = {{HELPER_MOUNT, CONFIG_CIFS, "p"},
                {HELPER_MOUNT, CONFIG_CIFS, "rwp"},
                {HELPER_MOUNT, CONFIG_NETFS, "rwp"},
                {HELPER_MOUNT, CONFIG_COMMAND, "rwp"},
                {HELPER_UNMOUNT, CONFIG_CIFS, "p"}};
    all_hasty = true;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        memset(heard, 0, sizeof heard);
        order_len = 0;
        run(rows[i].op, rows[i].mounter, rows[i].what);
        says("no result in time; the helper was ended");
        cr_assert_eq(heard[0].result.os_errno, ETIMEDOUT);
    }
}

Test(helper_proc, one_that_lingers_after_its_result_is_ended) {
    all_hasty = true;
    run(HELPER_UNMOUNT, CONFIG_CIFS, "op");
    cr_assert_eq(heard[0].results, 1);
}

static void run_until(const unsigned *count) {
    while (*count == 0)
        uv_run(&d.loop, UV_RUN_ONCE);
}

/* Its mount may still come: the result is doubtful, and the next one has its turn. */
Test(helper_proc, one_that_cannot_be_ended_holds_up_nobody) {
    immortal = true;
    hasty = start(0, HELPER_MOUNT, CONFIG_CIFS, "rwp");
    while (d.slot_holder != hasty)
        uv_run(&d.loop, UV_RUN_ONCE);
    start(1, HELPER_MOUNT, CONFIG_CIFS, "rwo");
    run_until(&heard[0].results);
    cr_assert(heard[0].doubtful);
    says("no result in time, and its helper is stuck in the kernel");
    cr_assert_eq(d.helpers_stuck, 1);
    cr_assert_not_null(strstr(log_text, "is stuck in the kernel and could not be ended"));
    int pid = 0;
    cr_assert_eq(sscanf(strstr(log_text, "(pid "), "(pid %d)", &pid), 1);
    run_until(&heard[1].results);
    cr_assert_str_eq(heard[1].result.text, "went well");
    kill(pid, SIGKILL); /* the kernel lets it go */
}

Test(helper_proc, mounts_of_cifs_have_their_turns_one_by_one) {
    for (unsigned i = 0; i < 5; i++)
        start(i, HELPER_MOUNT, CONFIG_CIFS, "rwo");
    start(5, HELPER_MOUNT, CONFIG_COMMAND, "rwo"); /* waits for nobody */
    uv_run(&d.loop, UV_RUN_DEFAULT);
    cr_assert_eq(order_len, 6);
    for (unsigned i = 0; i < 6; i++) {
        cr_assert_eq(heard[i].results, 1);
        cr_assert_eq(heard[i].turns, 1);
    }
}

/* Until so many wait for their turn behind the one that has it. */
static void wait_for_queue(unsigned len) {
    for (unsigned there = 0; there < len;) {
        const struct helper_proc *p;
        uv_run(&d.loop, UV_RUN_ONCE);
        there = 0;
        TAILQ_FOREACH(p, &d.slot_waiting, link) there++;
    }
}

Test(helper_proc, one_that_is_cancelled_leaves_the_queue) {
    struct helper_proc *p[3];
    p[0] = start(0, HELPER_MOUNT, CONFIG_CIFS, "rwp");
    while (d.slot_holder != p[0])
        uv_run(&d.loop, UV_RUN_ONCE);
    p[1] = start(1, HELPER_MOUNT, CONFIG_CIFS, "rwo");
    wait_for_queue(1);
    p[2] = start(2, HELPER_MOUNT, CONFIG_CIFS, "rwo");
    wait_for_queue(2);
    helper_proc_cancel(p[2]); /* the last one */
    run_until(&heard[2].results);
    cr_assert_str_eq(heard[2].result.text, "cancelled");
    cr_assert_eq(TAILQ_LAST(&d.slot_waiting, helper_list), p[1]);
    helper_proc_cancel(p[1]); /* the first one, which is the last one now */
    helper_proc_cancel(p[1]);
    run_until(&heard[1].results);
    cr_assert(TAILQ_EMPTY(&d.slot_waiting));
    cr_assert_eq(heard[1].turns + heard[2].turns, 0);
    helper_proc_cancel(p[0]);
}

Test(helper_proc, one_that_is_abandoned_tells_nobody) {
    struct helper_proc *p = start(0, HELPER_MOUNT, CONFIG_CIFS, "rwo");
    helper_proc_abandon(p);
    uv_run(&d.loop, UV_RUN_DEFAULT);
    cr_assert_eq(heard[0].results + heard[0].turns, 0);
}

Test(helper_proc, systemd_credentials_are_passed_on) {
    unsetenv("CREDENTIALS_DIRECTORY");
    run(HELPER_MOUNT, CONFIG_COMMAND, "c");
    says("none");
    setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x", 1);
    heard[0] = (struct heard){.results = 0};
    run(HELPER_MOUNT, CONFIG_COMMAND, "c");
    says("/run/credentials/x");
}

Test(helper_proc, one_that_cannot_be_started_has_no_result) {
    char name[] = "o";
    const struct helper_request request = request_of(HELPER_MOUNT, CONFIG_CIFS, name);
    const struct helper_events events = {.result = on_result, .context = &heard[0]};
    strcpy(d.self_path, "/no/such/program");
    cr_assert_null(helper_proc_start(&d, &request, &events, &err));
    cr_assert_str_eq(err.text, "cannot start the mount helper: no such file or directory");
    uv_run(&d.loop, UV_RUN_DEFAULT);
    cr_assert_eq(heard[0].results, 0);
}

Test(helper_proc, a_request_that_is_too_long_starts_nothing) {
    static char name[70000];
    memset(name, 'o', sizeof name - 1);
    const struct helper_request request = request_of(HELPER_MOUNT, CONFIG_CIFS, name);
    cr_assert_null(helper_proc_start(&d, &request, &(struct helper_events){0}, &err));
    cr_assert_str_eq(err.text, "no memory to start the mount helper");
}

/* Each call failing once: it is not started, or it has one result. */
Test(helper_proc, a_failing_call_costs_one_helper) {
    const char *call;
    long n = 0;
    do {
        char name[] = "rwo";
        const struct helper_request request = request_of(HELPER_MOUNT, CONFIG_CIFS, name);
        const struct helper_events events = {
            .result = on_result, .turn = on_turn, .context = &heard[0]};
        heard[0] = (struct heard){.results = 0};
        order_len = 0;
        fail_after(n++);
        const struct helper_proc *p = helper_proc_start(&d, &request, &events, &err);
        uv_run(&d.loop, UV_RUN_DEFAULT);
        call = fail_end();
        cr_assert_eq(heard[0].results, p != NULL ? 1 : 0, "call %ld (%s)", n, call);
        cr_assert(p != NULL || strcmp(call, "malloc") == 0 || strcmp(call, "calloc") == 0);
        cr_assert(d.slot_holder == NULL && d.helpers == 0);
    } while (call != NULL);
    cr_assert_str_eq(heard[0].result.text, "went well");
    cr_assert_geq(n, 4);
}

/* As if so many mounts were under way. */
Test(helper_proc, one_without_room_waits_for_it) {
    d.helpers_mounting[0] = 64;
    struct helper_proc *p = start(0, HELPER_MOUNT, CONFIG_COMMAND, "rwo");
    start(1, HELPER_MOUNT, CONFIG_COMMAND, "rwo");
    start(2, HELPER_UNMOUNT, CONFIG_COMMAND, "o");
    cr_assert_eq(d.helpers, 1, "an unmount has room beside them");
    start(4, HELPER_MOUNT, CONFIG_CIFS, "rwo");
    cr_assert_eq(d.helpers, 2, "and cifs waits for no command");
    uv_run(&d.loop, UV_RUN_DEFAULT);
    cr_assert_eq(heard[0].results + heard[1].results, 0);
    cr_assert_eq(heard[4].results, 1);
    helper_proc_cancel(p);
    cr_assert_eq(heard[0].results, 0, "never from within the call");
    uv_run(&d.loop, UV_RUN_DEFAULT);
    says("cancelled");
    d.helpers_mounting[0] = 0;
    start(3, HELPER_UNMOUNT, CONFIG_COMMAND, "o");
    uv_run(&d.loop, UV_RUN_DEFAULT);
    cr_assert_str_eq(heard[1].result.text, "went well");
}

/* What lingers after its result takes no room from others. */
Test(helper_proc, a_result_makes_room) {
    start(0, HELPER_UNMOUNT, CONFIG_COMMAND, "o");
    cr_assert_eq(d.helpers, 1);
    while (heard[0].results == 0)
        uv_run(&d.loop, UV_RUN_ONCE);
    cr_assert_eq(d.helpers, 0);
    uv_run(&d.loop, UV_RUN_DEFAULT);
    cr_assert_eq(d.helpers, 0, "and once only");
}

Test(helper_proc, one_that_waited_in_vain_is_told) {
    d.helpers_mounting[0] = 64;
    start(0, HELPER_MOUNT, CONFIG_COMMAND, "rwo");
    helper_proc_abandon(start(1, HELPER_MOUNT, CONFIG_COMMAND, "rwo"));
    d.helpers_mounting[0] = 0;
    strcpy(d.self_path, "/no/such/program");
    helper_let_in(&d);
    cr_assert_eq(heard[0].results, 0, "never from within the call");
    uv_run(&d.loop, UV_RUN_DEFAULT);
    says("cannot start the mount helper: no such file or directory");
    cr_assert_eq(heard[1].results, 0);
}
