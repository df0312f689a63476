/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A recovery plugin that decides as its options say; 98: dies, 99: never comes back. */
#include <signal.h>
#include <smbmounter/plugin.h>
#include <stdio.h>
#include <unistd.h>

static void next(void *instance, const struct smbm_mount *mount,
                 const struct smbm_situation *situation, struct smbm_decision *decision) {
    (void)instance;
    (void)mount;
    if (situation->options[0].number == 98) {
        signal(SIGSEGV, SIG_DFL);
        raise(SIGSEGV);
    }
    if (situation->options[0].number == 99)
        for (;;)
            pause();
    decision->step = (uint32_t)situation->options[0].number;
    decision->wait_ms = situation->outage_ms;
    decision->carry[3] = situation->carry[3] + 1;
    snprintf(decision->reason, sizeof decision->reason, "attempt %u after %u steps, last %u: %.60s",
             (unsigned)situation->attempt, (unsigned)situation->steps_len,
             situation->steps_len > 0 ? (unsigned)situation->steps[situation->steps_len - 1].step
                                      : 0,
             situation->evidence);
}

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    (void)instance;
    (void)mount;
    (void)call;
    snprintf(report->evidence, sizeof report->evidence, "called");
}

static const struct smbm_option options[] = {
    {.name = "step", .type = SMBM_OPT_INT, .max = 1000, .def = "0", .help = "what to decide"},
    SMBM_OPTIONS_END,
};

SMBM_RECOVERY(.header = {SMBM_RECOVERY_HEADER, .name = "decide", .summary = "a test",
                         .version = "1", .options = options},
              .next = next, .run = run);
