/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The promises that hold at every moment of every simulation. */
#include <string.h>

#include "base/clock.h"
#include "sim.h"

#define OLD_NEWS_MS 10000u
#define STALE_MS 30000u /* an operation that is not heard of for so long is lost */

static void check_machine(const struct supervisor *s) {
    const struct machine *m = &s->machine;
    const char *name = s->conf.name;
    if (m->strikes > s->conf.failure_threshold)
        sim_broken("%s: %u strikes", name, m->strikes);
    if (m->state == MACHINE_RECOVERING && m->op == MACHINE_OP_NONE && m->due_ms == 0)
        sim_broken("%s: recovering, but nothing is under way and nothing is due", name);
    if ((m->state == MACHINE_MOUNTING || m->state == MACHINE_UNMOUNTING) &&
        m->op == MACHINE_OP_NONE)
        sim_broken("%s: %s, but nothing is under way", name, machine_state_name(m->state));
    bool waits = m->state == MACHINE_FAILED && machine_reason_retry(m->reason) != 0;
    if (waits && m->wanted && m->due_ms == 0)
        sim_broken("%s: failed for now, but no retry is due", name);
    if (m->state == MACHINE_FAILED && machine_reason_retry(m->reason) == 0 && m->due_ms != 0)
        sim_broken("%s: failed for good, but a retry is due", name);
    bool just_woke = engine_now() < sim_woke_ms() + STALE_MS;
    if (!just_woke && m->due_ms != 0 && m->due_ms + STALE_MS < clock_boot_ms())
        sim_broken("%s: was due %llu ms ago", name,
                   (unsigned long long)(clock_boot_ms() - m->due_ms));
    if (m->op != MACHINE_OP_MOUNT && m->op != MACHINE_OP_UNMOUNT && m->op != MACHINE_OP_RECONNECT &&
        s->helper != NULL)
        sim_broken("%s: a helper is at work beside operation %s", name, machine_op_name(m->op));
}

/* Two mounts of ours on top of each other: somebody mounted over something. */
static void check_stack(const struct share *share) {
    unsigned depth = 0;
    for (unsigned i = 0; i < WORLD_MOUNTS; i++)
        depth += world.mounts[i].share == share && world.mounts[i].in_table;
    if (depth > 1)
        sim_broken("%s is mounted %u times", share->name, depth);
}

void check_all(void) {
    for (unsigned i = 0; i < sim_len(); i++) {
        check_machine(sim_mount(i));
        check_stack(sim_share(i));
    }
}

static void check_backoff(struct supervisor *s, struct tally *t) {
    static const uint64_t schedule[] = {2000, 5000, 15000, 30000, 60000};
    uint32_t attempt = s->machine.attempt;
    uint64_t wait = s->recovery->decision.wait_ms;
    uint64_t wanted = schedule[attempt < 5 ? attempt - 1 : 4];
    if (attempt == 0 || wait < wanted * 9 / 10 || wait > wanted * 11 / 10)
        sim_broken("%s: attempt %u waits %llu ms", s->conf.name, attempt, (unsigned long long)wait);
    t->backoff_ms = engine_now() + wait;
}

static bool begins(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

/* Something is done to the mount, after it was only looked at. */
static void note_act(struct tally *t) {
    if (t->incidents == 0 || t->acted_ms < t->incident_ms)
        t->acted_ms = engine_now();
}

void check_event(const struct event_record *record, struct supervisor *s, struct tally *t) {
    if (strcmp(record->kind, "incident") == 0) {
        t->incidents++;
        t->incident_ms = engine_now();
    } else if (strcmp(record->kind, "recovered") == 0) {
        t->recovered++;
    } else if (strcmp(record->kind, "step") == 0) {
        if (begins(record->text, "backoff: wait"))
            check_backoff(s, t);
    } else if (strcmp(record->kind, "mount-error") == 0) {
        t->attempts_auth += begins(record->text, "auth");
    } else if (strcmp(record->kind, "state") == 0 && begins(record->text, "mounted")) {
        t->mounted_ms = engine_now();
    } else if (strcmp(record->kind, "network") == 0 || strcmp(record->kind, "server") == 0 ||
               strcmp(record->kind, "command") == 0) {
        t->backoff_ms = 0; /* these may cut a wait short */
        if (begins(record->text, "answers"))
            t->answers_ms = engine_now();
    }
}

static void check_reconnect(const struct supervisor *s, struct tally *t) {
    if (t->outage_key != s->machine.outage_ms)
        t->reconnects_outage = 0;
    t->outage_key = s->machine.outage_ms;
    /* While a look is not reaped no round is begun, and so the server is not asked either. */
    /* A question that was under way when the machine fell asleep is past mending. */
    bool could_ask =
        engine_now() > sim_woke_ms() + 100 && s->round != NULL && s->round->hung_job == 0;
    bool old = clock_boot_ms() - s->peer->checked_ms > OLD_NEWS_MS;
    if (s->peer->verdict != SMBM_ANSWERS || (could_ask && old))
        sim_broken("%s: a connection is cut by old news of the server", s->conf.name);
    t->reconnects++;
    if (++t->reconnects_outage > 1)
        sim_broken("%s: the connection is cut %u times in one outage", s->conf.name,
                   t->reconnects_outage);
}

void check_helper(struct supervisor *s, struct tally *t, const struct helper_request *request) {
    const char *name = s->conf.name;
    if (s->helper != NULL)
        sim_broken("%s: a second operation begins while one is under way", name);
    if (request->op != HELPER_HOLDERS)
        note_act(t);
    if (request->op == HELPER_MOUNT) {
        t->mounts++;
        if (s->presence != MOUNT_ABSENT)
            sim_broken("%s: mounts over something", name);
        if (engine_now() < t->backoff_ms)
            sim_broken("%s: mounts before its backoff is over", name);
    } else if (request->op == HELPER_RECONNECT) {
        check_reconnect(s, t);
    } else if (request->op != HELPER_HOLDERS) {
        t->unmounts++;
        t->unmount_ms = engine_now();
        if (s->presence == MOUNT_FOREIGN)
            sim_broken("%s: unmounts what is not ours", name);
    }
}
