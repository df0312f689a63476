/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * What macOS's kernel goes through when a server falls silent, second by second (times from its
 * sources: 35 s until it reconnects, NOTRESP 5 s after that, calls fail after 12 s, DEAD after
 * 60 s), judged by the same code as on a Mac. Printed as a table.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/smbfs.h"
#include "machine/policy.h"

#define GLANCE_S 2   /* kernel-status */
#define TICKLE_S 10  /* statfs-fstype */
#define NOTICES_S 35 /* without a word from the server: it reconnects */
#define NOTRESP_S 5  /* after that */
#define DEAD_S 60    /* after that */
#define DOUBTS 3     /* suspicious glances: the share itself is asked */
#define WAITING_MS 5000
#define NEVER (-1)

struct play {
    const char *name;
    int silent_s;  /* the server falls silent then */
    int back_s;    /* and speaks again; NEVER */
    bool reset;    /* it resets the connection instead */
    bool nobrowse; /* the kernel sends no event */
    int error;     /* of every question to the kernel */
    int asleep_s, wake_s;
};

struct seen {
    int doubt_s, sure_s, event_s;
    bool blind;
};

/* The kernel at one second: what waits since when, and how far it has given up. */
static struct smbfs_status kernel_at(const struct play *p, int now) {
    struct smbfs_status status = {.error = p->error};
    int asked = (p->silent_s + TICKLE_S - 1) / TICKLE_S * TICKLE_S; /* nobody else uses it */
    if (p->silent_s == NEVER || now < asked || (p->back_s != NEVER && now >= p->back_s))
        return status;
    int reconnects = p->reset ? p->silent_s : asked + NOTICES_S;
    bool was_dead = p->back_s != NEVER && p->back_s >= reconnects + DEAD_S;
    status.wait_s = (uint32_t)(now - asked);
    status.threads = 1;
    status.not_responding = now >= reconnects + NOTRESP_S && !p->nobrowse;
    status.dead = now >= reconnects + DEAD_S || was_dead;
    return status;
}

/* Event, if the kernel sends one at this second: NOTRESP and DEAD; DEAD even with nobrowse. */
static bool event_at(const struct play *p, int now) {
    struct smbfs_status before = kernel_at(p, now - 1), at = kernel_at(p, now);
    return before.dead != at.dead || before.not_responding != at.not_responding;
}

static struct seen replay(const struct play *p, int until_s) {
    struct seen seen = {NEVER, NEVER, NEVER, false};
    unsigned doubts = 0;
    for (int now = 1; now <= until_s; now++) {
        bool asleep = now >= p->asleep_s && now < p->wake_s;
        bool event = event_at(p, now);
        if (asleep || (now % GLANCE_S != 0 && !event))
            continue;
        if (event && seen.event_s == NEVER)
            seen.event_s = now;
        struct smbfs_status status = kernel_at(p, now);
        struct smbm_report report = {.size = sizeof report};
        smbfs_judge(&status, WAITING_MS, &report);
        seen.blind = seen.blind || report.verdict == SMBM_BLIND;
        doubts = report.verdict == SMBM_SUSPECT ? doubts + 1 : 0;
        if (doubts == DOUBTS && seen.doubt_s == NEVER)
            seen.doubt_s = now;
        if (report.verdict == SMBM_DEAD && seen.sure_s == NEVER)
            seen.sure_s = now;
    }
    return seen;
}

static void cell(int second, int since) {
    if (second == NEVER)
        printf("        -");
    else
        printf("  %5d s", second - since);
}

static struct seen show(const struct play *p) {
    struct seen seen = replay(p, 300);
    printf("%-42s", p->name);
    cell(seen.event_s, p->silent_s);
    cell(seen.doubt_s, p->silent_s);
    cell(seen.sure_s, p->silent_s);
    printf("\n");
    return seen;
}

/* Seen at all, and by then. */
static bool by(int second, int limit) {
    return second != NEVER && second <= limit;
}

static const struct play silent = {
    .name = "idle mount, server silent", .silent_s = 21, .back_s = NEVER};

Test(timeline, table) {
    printf("\n%-42s    event    doubt     dead   (after the fault)\n", "");
    struct seen s = show(&silent);
    cr_expect(by(s.doubt_s, silent.silent_s + 25), "long before the kernel says anything");
    cr_expect(by(s.sure_s, 30 + NOTICES_S + DEAD_S), "at the kernel's own second, by its event");

    struct play p = silent;
    p.name = "the same, mounted nobrowse";
    p.nobrowse = true;
    struct seen quiet = show(&p);
    cr_expect_eq(quiet.doubt_s, s.doubt_s, "no event is needed");
    cr_expect_eq(quiet.sure_s, s.sure_s);

    p = silent;
    p.name = "connection reset";
    p.reset = true;
    cr_expect(by(show(&p).sure_s, s.sure_s - 1));

    p = silent;
    p.name = "silent for 50 s only";
    p.back_s = silent.silent_s + 50;
    struct seen healed = show(&p);
    cr_expect_neq(healed.doubt_s, NEVER);
    cr_expect_eq(healed.sure_s, NEVER, "it heals by itself: nothing is taken down");

    p = silent;
    p.name = "we may not ask (EPERM)";
    p.error = EPERM;
    struct seen blind = show(&p);
    cr_expect(blind.blind && blind.doubt_s == NEVER && blind.sure_s == NEVER, "never dead");

    p = (struct play){.name = "sleep for 2 min, server there",
                      .silent_s = NEVER,
                      .back_s = NEVER,
                      .asleep_s = 20,
                      .wake_s = 140};
    struct seen woke = show(&p);
    cr_expect(woke.doubt_s == NEVER && woke.sure_s == NEVER);
}

/* Glances are passive: alone they never begin a recovery, only what is definite does. */
Test(timeline, policy_of_the_verdicts) {
    size_t which;
    struct policy_report report = {.verdict = POLICY_SUSPECT};
    cr_assert_eq(policy_judge(&report, 1, NULL, &which), MACHINE_ON_PROBE_SLOW);
    report.verdict = POLICY_DEAD;
    cr_assert_eq(policy_judge(&report, 1, NULL, &which), MACHINE_ON_PROBE_DEAD);
    report.verdict = POLICY_BLIND;
    cr_assert_eq(policy_judge(&report, 1, NULL, &which), MACHINE_ON_PROBE_BLIND);
}
