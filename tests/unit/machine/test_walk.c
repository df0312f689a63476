/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * 1,000,000 random steps against a small model of the world (one mountpoint, operations that end
 * as they like, results that come late), with the invariants of the design checked after each, and
 * every transition seen compared with the documented ones.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "machine/machine.h"
#include "machine/policy.h"

#define STEPS 1000000

static bool seen[MACHINE_EVENT_COUNT][MACHINE_STATE_COUNT][MACHINE_STATE_COUNT];
static uint64_t seed = 88172645463325252u;

static uint32_t rnd(uint32_t n) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed % n);
}

/* The world: what the table shows, what is under way, old operation ids. */
struct world {
    enum machine_present present;
    enum machine_op op;
    uint32_t op_id, old_id;
    enum machine_event_id again;
};

static const enum machine_event_id results[MACHINE_OP_COUNT][12] = {
    [MACHINE_OP_MOUNT] = {MACHINE_ON_MOUNT_OK, MACHINE_ON_MOUNT_TRANSIENT, MACHINE_ON_MOUNT_ABSENT,
                          MACHINE_ON_MOUNT_AUTH, MACHINE_ON_MOUNT_CONFIG, MACHINE_ON_MOUNT_FOREIGN},
    [MACHINE_OP_UNMOUNT] = {MACHINE_ON_UNMOUNT_OK, MACHINE_ON_UNMOUNT_BUSY,
                            MACHINE_ON_UNMOUNT_FAILED},
    [MACHINE_OP_RECONNECT] = {MACHINE_ON_STEP_OK, MACHINE_ON_STEP_FAILED},
    [MACHINE_OP_CALL] = {MACHINE_ON_STEP_OK, MACHINE_ON_STEP_FAILED},
    [MACHINE_OP_PROBE] = {MACHINE_ON_PROBED_HEALTHY, MACHINE_ON_PROBED_BAD},
    [MACHINE_OP_DECIDE] = {MACHINE_ON_DECIDED_WAIT, MACHINE_ON_DECIDED_AWAIT,
                           MACHINE_ON_DECIDED_RECONNECT, MACHINE_ON_DECIDED_PROBE,
                           MACHINE_ON_DECIDED_UNMOUNT, MACHINE_ON_DECIDED_FORCE,
                           MACHINE_ON_DECIDED_DETACH, MACHINE_ON_DECIDED_MOUNT,
                           MACHINE_ON_DECIDED_CALL, MACHINE_ON_DECIDED_GIVE_UP},
};
static const uint32_t results_len[MACHINE_OP_COUNT] = {
    [MACHINE_OP_MOUNT] = 6, [MACHINE_OP_UNMOUNT] = 3, [MACHINE_OP_RECONNECT] = 2,
    [MACHINE_OP_CALL] = 2,  [MACHINE_OP_PROBE] = 2,   [MACHINE_OP_DECIDE] = 10,
};

static const enum machine_event_id spontaneous[] = {
    MACHINE_ON_MOUNT_WANTED,   MACHINE_ON_UNMOUNT_WANTED, MACHINE_ON_FORCE_WANTED,
    MACHINE_ON_REMOUNT_WANTED, MACHINE_ON_PROBE_HEALTHY,  MACHINE_ON_PROBE_SUSPECT,
    MACHINE_ON_PROBE_SLOW,     MACHINE_ON_PROBE_BLIND,    MACHINE_ON_PROBE_DEAD,
    MACHINE_ON_PROBE_DENIED,   MACHINE_ON_PROBE_GONE,     MACHINE_ON_SERVER_ANSWERS,
    MACHINE_ON_LOGIN_WORKS,    MACHINE_ON_NET_CHANGED,    MACHINE_ON_WOKE,
};

static enum machine_event_id table_event(enum machine_present present) {
    return present == MACHINE_OURS    ? MACHINE_ON_TABLE_OURS
           : present == MACHINE_OTHER ? MACHINE_ON_TABLE_FOREIGN
                                      : MACHINE_ON_TABLE_ABSENT;
}

/* What comes next: a result (sometimes a stale one), a table change, a timer, or anything. */
static struct machine_event next_event(struct world *w, const struct machine *m, uint64_t *now) {
    struct machine_event e = {
        .wait_ms = rnd(100000), .reason = MACHINE_FOR_BY_HAND, .doubtful = rnd(4) == 0};
    uint32_t dice = rnd(100);
    *now += rnd(500);
    if (w->op != MACHINE_OP_NONE && dice < 55) {
        e.id = results[w->op][rnd(results_len[w->op])];
        e.op_id = w->op_id;
        if (e.id == MACHINE_ON_MOUNT_OK)
            w->present = MACHINE_OURS;
        if (e.id == MACHINE_ON_UNMOUNT_OK)
            w->present = MACHINE_NOTHING;
        w->op = MACHINE_OP_NONE;
        w->old_id = w->op_id;
    } else if (dice < 60) {
        e.id = MACHINE_ON_MOUNT_AUTH;
        e.op_id = w->old_id;
    } else if (dice < 70) {
        w->present = (enum machine_present)rnd(3);
        e.id = table_event(w->present);
    } else if (m->due_ms != 0 && dice < 90) {
        if (*now < m->due_ms)
            *now = m->due_ms;
        e.id = MACHINE_ON_TIMER;
    } else {
        if (rnd(2) == 0) /* in bursts, so that strikes add up */
            w->again = spontaneous[rnd(sizeof spontaneous / sizeof spontaneous[0])];
        e.id = w->again;
    }
    return e;
}

static void check_actions(struct world *w, const struct machine_out *o, const struct machine *m) {
    cr_assert_leq(o->actions_len, MACHINE_ACTIONS_MAX);
    for (uint32_t i = 0; i < o->actions_len; i++) {
        enum machine_action_id id = o->actions[i].id;
        enum machine_op op = machine_action_op(id);
        if (id == MACHINE_DO_MOUNT)
            cr_assert_eq(m->present, MACHINE_NOTHING, "mount over something");
        if (op == MACHINE_OP_UNMOUNT)
            cr_assert_eq(m->present, MACHINE_OURS, "unmount of what is not ours");
        if (op == MACHINE_OP_NONE)
            continue;
        cr_assert_eq(w->op, MACHINE_OP_NONE, "two operations at once");
        cr_assert_gt(o->actions[i].op_id, w->op_id, "an id used twice");
        w->op = op;
        w->op_id = o->actions[i].op_id;
    }
}

static void check_state(const struct machine_policy *p, const struct world *w,
                        const struct machine *m) {
    cr_assert_eq(m->op, w->op);
    cr_assert_lt(m->strikes, p->failure_threshold + (m->state != MACHINE_MOUNTED));
    bool busy = m->state == MACHINE_MOUNTING || m->state == MACHINE_UNMOUNTING;
    cr_assert(!busy || m->op != MACHINE_OP_NONE, "%s with nothing under way",
              machine_state_name(m->state));
    if (m->state == MACHINE_RECOVERING && m->op == MACHINE_OP_NONE)
        cr_assert_neq(m->due_ms, 0, "a recovery waits for ever");
    if (m->state == MACHINE_FAILED) {
        cr_assert_eq(m->op, MACHINE_OP_NONE);
        cr_assert_eq(m->due_ms != 0, machine_reason_retry(m->reason) != 0,
                     "failed (%s) with due %d", machine_reason_name(m->reason), m->due_ms != 0);
    }
    if (m->state == MACHINE_UNMOUNTED)
        cr_assert(!m->wanted && m->op == MACHINE_OP_NONE && m->due_ms == 0);
}

/* Some cell with this handler led there. */
static bool handler_was_seen(const char *handler, unsigned to) {
    for (unsigned e = 0; e < MACHINE_EVENT_COUNT; e++)
        for (unsigned s = 0; s < MACHINE_STATE_COUNT; s++)
            if (seen[e][s][to] && strcmp(handler, machine_cell_name((enum machine_event_id)e,
                                                                    (enum machine_state)s)) == 0)
                return true;
    return false;
}

/* Documented targets of a handler that no step ever reached: the documentation would lie. */
static int count_unseen(void) {
    int unseen = 0;
    for (unsigned e = 0; e < MACHINE_EVENT_COUNT; e++)
        for (unsigned s = 0; s < MACHINE_STATE_COUNT; s++)
            for (unsigned t = 0; t < MACHINE_STATE_COUNT; t++) {
                const char *name =
                    machine_cell_name((enum machine_event_id)e, (enum machine_state)s);
                if (s == t || handler_was_seen(name, t) ||
                    !machine_cell_leads((enum machine_event_id)e, (enum machine_state)s,
                                        (enum machine_state)t))
                    continue;
                unseen++;
                cr_log_warn("%s never leads to %s", name,
                            machine_state_name((enum machine_state)t));
            }
    return unseen;
}

Test(machine_walk, a_million_random_steps_keep_the_invariants) {
    struct machine_policy policy = policy_make(3, 30000);
    struct world w = {.present = MACHINE_NOTHING, .again = MACHINE_ON_MOUNT_WANTED};
    uint64_t now = 1;
    struct machine m = machine_init(now);
    for (int i = 0; i < STEPS; i++) {
        struct machine_event e = next_event(&w, &m, &now);
        enum machine_state from = m.state;
        enum machine_reason reason = m.reason;
        struct machine_out o = machine_step(&policy, m, e, now);
        m = o.machine;
        check_actions(&w, &o, &m);
        check_state(&policy, &w, &m);
        if (from == MACHINE_FAILED && m.state != MACHINE_FAILED &&
            (reason == MACHINE_FOR_AUTH || reason == MACHINE_FOR_CONFIG))
            cr_assert(e.id != MACHINE_ON_TIMER && e.id != MACHINE_ON_NET_CHANGED &&
                          e.id != MACHINE_ON_WOKE && e.id != MACHINE_ON_SERVER_ANSWERS,
                      "failed (auth, config) retried by itself");
        if (!o.dropped)
            seen[e.id][from][m.state] = true;
        if (from != m.state)
            cr_assert(machine_cell_leads(e.id, from, m.state), "%s: %s -> %s is not documented",
                      machine_event_name(e.id), machine_state_name(from),
                      machine_state_name(m.state));
    }
    cr_assert_eq(count_unseen(), 0);
}
