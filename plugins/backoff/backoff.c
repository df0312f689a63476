/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Recovery: wait before every attempt but the first of an outage, longer each time. */
#include "common/report.h"
#include "common/steps.h"

#define JITTER_MAX 50

enum option { SCHEDULE_SEC, JITTER_PERCENT };
enum carry { WAITED_ATTEMPT = 0 }; /* the attempt that has had its wait */

static const struct smbm_option options[] = {
    {"schedule_sec", SMBM_OPT_INT_LIST, 0, 0, 86400, "[2, 5, 15, 30, 60]", NULL,
     "the waits, one an attempt; the last one is used for all that follow"},
    {"jitter_percent", SMBM_OPT_INT, 0, 0, JITTER_MAX, "10", NULL,
     "how far a wait may be off, so that many mounts do not come at once"},
    SMBM_OPTIONS_END,
};

/* ms, off by at most percent to either side. */
static uint64_t jitter(uint64_t ms, uint64_t percent, uint64_t random) {
    uint64_t reach = ms * percent / 100;

    return ms - reach + random % (2 * reach + 1);
}

static void next(void *instance, const struct smbm_mount *mount, const struct smbm_situation *s,
                 struct smbm_decision *d) {
    const struct smbm_value *schedule = &s->options[SCHEDULE_SEC];
    size_t i = s->attempt < schedule->list_len ? s->attempt : schedule->list_len;

    (void)instance, (void)mount;
    if (steps_just_did(s, SMBM_STEP_AWAIT) && s->server == SMBM_ANSWERS) {
        d->carry[WAITED_ATTEMPT] = s->attempt; /* it was long enough: the server is back */
        decide(d, SMBM_STEP_PASS, "%s", "");
        return;
    }
    if (s->attempt == 0 || i == 0 || s->carry[WAITED_ATTEMPT] == s->attempt) {
        decide(d, SMBM_STEP_PASS, "%s", "");
        return;
    }
    d->carry[WAITED_ATTEMPT] = s->attempt;
    d->wait_ms = jitter((uint64_t)schedule->list[i - 1] * 1000,
                        (uint64_t)s->options[JITTER_PERCENT].number, s->random);
    decide(d, SMBM_STEP_WAIT, "a pause of %llu.%llu s before attempt %u",
           (unsigned long long)(d->wait_ms / 1000), (unsigned long long)(d->wait_ms % 1000 / 100),
           s->attempt + 1);
}

SMBM_RECOVERY(.header = {SMBM_RECOVERY_HEADER, .name = "backoff",
                         .summary = "wait before every attempt but the first, longer each time",
                         .version = "1", .options = options},
              .next = next);
