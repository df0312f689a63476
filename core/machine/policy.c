/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "machine/policy.h"

static uint32_t bound(uint32_t value, uint32_t low, uint32_t high) {
    return value < low ? low : value > high ? high : value;
}

struct machine_policy policy_make(uint32_t failure_threshold, uint32_t failed_retry_ms) {
    uint32_t retry = bound(failed_retry_ms, 1000u, 86400000u);
    return (struct machine_policy){
        .failure_threshold = bound(failure_threshold, 1u, 1000u),
        .recheck_ms = POLICY_RECHECK_MS,
        .failed_retry_ms = retry,
        .absent_retry_ms = bound(retry * POLICY_ABSENT_FACTOR, retry, 86400000u),
        .await_max_ms = POLICY_AWAIT_MAX_MS,
        .wait_max_ms = POLICY_WAIT_MAX_MS,
        .steps_max = POLICY_STEPS_MAX,
    };
}

/* Heaviest first; one that looked and found it healthy outweighs one that could not look. */
static int weight(const struct policy_report *report, bool answered) {
    static const int weights[] = {
        [POLICY_NONE] = 0, [POLICY_BLIND] = 1, [POLICY_HEALTHY] = 2, [POLICY_SUSPECT] = 4,
        [POLICY_DEAD] = 5, [POLICY_GONE] = 6,  [POLICY_DENIED] = 7,
    };
    if (report->verdict == POLICY_SUSPECT && !report->active && answered)
        return 1;
    if (report->verdict == POLICY_HEALTHY && report->active)
        return 3;
    return weights[report->verdict];
}

static bool is_under_load(const struct policy_signs *signs) {
    return signs != NULL && !signs->server_bad &&
           (signs->data || (signs->alive && signs->late_ms < POLICY_ALIVE_MS));
}

enum machine_event_id policy_judge(const struct policy_report *reports, size_t len,
                                   const struct policy_signs *signs, size_t *which) {
    static const enum machine_event_id events[] = {
        MACHINE_ON_PROBE_BLIND,   MACHINE_ON_PROBE_BLIND,   MACHINE_ON_PROBE_HEALTHY,
        MACHINE_ON_PROBE_HEALTHY, MACHINE_ON_PROBE_SUSPECT, MACHINE_ON_PROBE_DEAD,
        MACHINE_ON_PROBE_GONE,    MACHINE_ON_PROBE_DENIED,
    };
    bool answered = false, active = false;
    for (size_t i = 0; i < len; i++) {
        answered = answered || (reports[i].active && reports[i].verdict == POLICY_HEALTHY);
        active = active || (reports[i].active && reports[i].verdict != POLICY_NONE);
    }
    int worst = 0;
    *which = 0;
    for (size_t i = 0; i < len; i++) {
        int w = weight(&reports[i], answered);
        if (w > worst) {
            worst = w;
            *which = i;
        }
    }
    if (events[worst] == MACHINE_ON_PROBE_SUSPECT && (!active || is_under_load(signs)))
        return MACHINE_ON_PROBE_SLOW;
    return events[worst];
}

uint32_t policy_poll_delay_ms(uint32_t tries, uint32_t cap_ms, uint64_t random) {
    uint32_t delay = 2000u;
    while (tries-- > 0 && delay < cap_ms)
        delay *= 2u;
    delay = bound(delay, 2000u, cap_ms < 2000u ? 2000u : cap_ms);
    return delay / 4u * 3u + (uint32_t)(random % (delay / 2u + 1u));
}
