/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The promises that hold at every moment of every simulation. */
#include <string.h>

#include "base/clock.h"
#include "sim.h"

#define STALE_MS 30000u /* an operation that is not heard of for so long is lost */

static void check_machine(const struct supervisor *s) {
    const struct machine *m = &s->machine;
    const char *name = s->conf.name;
    if (m->strikes > s->policy.failure_threshold)
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
    if (m->due_ms != 0 && m->due_ms + STALE_MS < clock_boot_ms())
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

void check_event(const struct event_record *record, struct supervisor *s, struct tally *t) {
    if (strcmp(record->kind, "incident") == 0) {
        t->incidents++;
        t->incident_ms = engine_now();
        memcpy(t->evidence, record->text, sizeof t->evidence);
        t->evidence[sizeof t->evidence - 1] = '\0';
    } else if (strcmp(record->kind, "recovered") == 0) {
        t->recovered++;
    } else if (strcmp(record->kind, "step") == 0) {
        t->steps++;
        if (strncmp(record->text, "backoff: wait", 13) == 0)
            check_backoff(s, t);
    } else if (strcmp(record->kind, "mount-error") == 0) {
        t->attempts_auth += strncmp(record->text, "auth", 4) == 0;
    } else if (strcmp(record->kind, "state") == 0 && strncmp(record->text, "mounted", 7) == 0) {
        t->mounted_ms = engine_now();
    } else if (strcmp(record->kind, "network") == 0 || strcmp(record->kind, "server") == 0 ||
               strcmp(record->kind, "command") == 0) {
        t->backoff_ms = 0; /* these may cut a wait short */
    }
}

static void check_reconnect(const struct supervisor *s, struct tally *t) {
    if (t->outage_key != s->machine.outage_ms)
        t->reconnects_outage = 0;
    t->outage_key = s->machine.outage_ms;
    t->reconnects++;
    if (++t->reconnects_outage > 1)
        sim_broken("%s: the connection is cut %u times in one outage", s->conf.name,
                   t->reconnects_outage);
}

void check_helper(struct supervisor *s, struct tally *t, const struct helper_request *request) {
    const char *name = s->conf.name;
    if (s->helper != NULL)
        sim_broken("%s: a second operation begins while one is under way", name);
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
        if (s->presence == MOUNT_FOREIGN)
            sim_broken("%s: unmounts what is not ours", name);
    }
}
