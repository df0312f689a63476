/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A plugin of version 1.0, described and called by today's host. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/pool.h"
#include "plugin/registry.h"
#include "rig.h"

static struct registry *registry;
static struct smbm_report answer;
static enum pool_end answer_end;
static bool done;

static void on_scan(struct registry *scanned, const struct err *err, void *context) {
    (void)err;
    (void)context;
    registry = scanned;
    done = true;
}

static void on_report(void *context, size_t call, enum pool_end end,
                      const struct smbm_report *report, const struct smbm_decision *decision) {
    (void)context;
    (void)call;
    (void)decision;
    answer = *report;
    answer_end = end;
}

static void on_done(void *context, bool reaped) {
    (void)context;
    (void)reaped;
    done = true;
}

static void on_destroyed(void *context) {
    (void)context;
    done = true;
}

static void call_it(uv_loop_t *loop, struct pool *pool, const struct descriptor *d) {
    int64_t waits[] = {2, 5};
    char mode[] = "b";
    struct option_value items[] = {{.number = 1, .text = mode}, {.list = waits, .list_len = 2}};
    const struct option_values options = {items, 2};
    const struct pool_job job = {.kind = POOL_PROBE,
                                 .mount = {.name = "media", .source = "//nas/media"},
                                 .calls = {{d, &options, 5000, {1, 2, 3, 4}}},
                                 .calls_len = 1,
                                 .on_report = on_report,
                                 .on_done = on_done};
    done = false;
    cr_assert_neq(pool_submit(pool, &job), 0);
    cr_assert(rig_run(loop, &done, 10000));
}

Test(abi, a_plugin_of_1_0_runs) {
    uv_loop_t loop;
    char folder[RIG_PATH_MAX];
    struct log log = {.fd = 2};
    signal(SIGPIPE, SIG_IGN);
    rig_folder(folder, (const char *const[]){"old", NULL});
    uv_loop_init(&loop);
    cr_assert_eq(registry_scan(&loop, HOST, folder, rig_uid(), on_scan, NULL), 0);
    cr_assert(rig_run(&loop, &done, 10000));
    const struct descriptor *d = registry_find(registry, SMBM_KIND_PROBE, "old");
    cr_assert(d != NULL && d->ok, "%s", d != NULL ? d->error : "not listed");
    cr_assert_eq(d->abi_minor, 0);
    cr_assert_eq(d->flags, SMBM_PROBE_SMB_ONLY);
    cr_assert_str_eq(d->options[1].def, "[2, 5]");
    const struct pool_setup setup = {&loop, &log, HOST, folder, rig_uid(), 1, 1};
    struct pool *pool = pool_create(&setup, NULL);
    call_it(&loop, pool, d);
    cr_assert_eq(answer_end, POOL_ANSWERED, "%s", answer.evidence);
    cr_assert_eq(answer.verdict, SMBM_SUSPECT);
    cr_assert_eq(answer.os_errno, 112);
    cr_assert_eq(answer.flags, SMBM_REPORT_PROGRESS);
    cr_assert_eq(answer.carry[3], 5);
    cr_assert_str_eq(answer.evidence, "media //nas/media b 5");
    done = false;
    pool_destroy(pool, on_destroyed, NULL);
    cr_assert(rig_run(&loop, &done, 5000));
    registry_destroy(registry);
    rig_remove(folder);
}
