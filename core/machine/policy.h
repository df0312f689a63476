/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Numbers of the machine, and what several probes' verdicts come to. Pure. */
#ifndef MACHINE_POLICY_H
#define MACHINE_POLICY_H

#include <stddef.h>

#include "machine/machine.h"

#define POLICY_RECHECK_MS 1600u  /* a silent connection is certain after 0.8 s: kernel-status */
#define POLICY_ABSENT_FACTOR 10u /* absent shares are retried ten times slower */
#define POLICY_ALIVE_MS 120000u  /* late for longer with nothing but echoes: a wedged client? */
#define POLICY_AWAIT_MAX_MS 60000u
#define POLICY_WAIT_MAX_MS 3600000u
#define POLICY_STEPS_MAX 128u /* two minutes of patience are some 70 */

/* From the configured numbers, with bounds. */
struct machine_policy policy_make(uint32_t failure_threshold, uint32_t failed_retry_ms);

/* Verdicts in the order of their weight on a mount. Kept apart from the plugins' enum, which is
 * an ABI; core/daemon translates. */
enum policy_verdict {
    POLICY_NONE,
    POLICY_HEALTHY,
    POLICY_BLIND,
    POLICY_SUSPECT,
    POLICY_DEAD,
    POLICY_GONE,
    POLICY_DENIED,
};
struct policy_report {
    enum policy_verdict verdict;
    bool active; /* it asked the share itself: its HEALTHY outweighs a passive SUSPECT */
};

/* What is known beside a round's reports when it ends. */
struct policy_signs {
    bool data;        /* moved on the server's connections within the last seconds */
    bool alive;       /* they answer, if only the kernel's echoes */
    bool server_bad;  /* asked just now, the server did not answer */
    uint64_t late_ms; /* for so long no round has found the mount healthy */
};

/* One round of reports to one event: the heaviest verdict wins, except that a share that answered
 * is not suspect. SUSPECT is SLOW (look again, no strike) with no active probe in the round, and
 * while the server answers and data moves or, for POLICY_ALIVE_MS, its connections are alive. Only
 * blind eyes, or none, are BLIND. which: the report that decided. signs may be NULL. */
enum machine_event_id policy_judge(const struct policy_report *reports, size_t len,
                                   const struct policy_signs *signs, size_t *which);

/* How long to wait before asking a server again: 2 s at first, doubling up to cap_ms, spread by
 * random over 75 to 125 %. */
uint32_t policy_poll_delay_ms(uint32_t tries, uint32_t cap_ms, uint64_t random);

#endif
