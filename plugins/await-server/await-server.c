/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Recovery: while the server does not answer, leave the mount and its open files alone and wait:
 * the kernel's client comes back by itself within 3 s of the server, and unmounting helps nobody.
 * When it answers again, the kernel gets its time before anything harsher is tried.
 */
#include "common/report.h"
#include "common/steps.h"

#define FIRST_LOOK_MS 300
#define LOOK_MS 500 /* and up to as much again, so that many mounts do not look at once */

/* Words, for a long attempt has more steps than a situation lists. */
enum carry {
    SAW_SERVER_DOWN = 0,
    RECONNECTED_IN = 1 /* the attempt, plus one, that had a RECONNECT */
};

static const struct smbm_option options[] = {
    {"grace_ms", SMBM_OPT_INT, 0, 0, 60000, "5000", NULL,
     "how long the kernel may take to heal the mount by itself, from the server's first answer"},
    SMBM_OPTIONS_END,
};

/* After a silence the kernel may sit in a try of its own for up to 16 s (facts of the kernel's
 * client: it retries every 3 s when the port was closed). So once the dead connection has been cut,
 * it gets more time before the mount is taken away. */
enum down { CLOSED = 1, SILENT = 2, LOST = 3 };
#define SILENT_FACTOR 4u

static bool is_down(uint32_t server) {
    return server == SMBM_MUTE || server == SMBM_REFUSED || server == SMBM_UNREACHABLE;
}

/* Healing is possible: the mount is there, and the server has not thrown us out. */
static bool may_heal(const struct smbm_situation *s) {
    return s->mounted && s->verdict != SMBM_DENIED && s->verdict != SMBM_GONE;
}

static void await(const struct smbm_situation *s, struct smbm_decision *d) {
    d->carry[SAW_SERVER_DOWN] = s->server == SMBM_REFUSED       ? CLOSED
                                : s->server == SMBM_UNREACHABLE ? LOST
                                                                : SILENT;
    decide(d, SMBM_STEP_AWAIT,
           s->mounted ? "the server does not answer; the mount and its open files are left alone"
                      : "the server does not answer; mounting waits for it");
}

/* The kernel lost the connection and is making a new one: a server that restarted quickly. */
static bool is_reconnecting(const struct smbm_situation *s) {
    return (s->flags & SMBM_REPORT_RECONNECTS) != 0;
}

static bool reconnected(const struct smbm_situation *s, struct smbm_decision *d) {
    if (steps_last(s, SMBM_STEP_RECONNECT)) {
        d->carry[RECONNECTED_IN] = (uint64_t)s->attempt + 1;
    }
    return d->carry[RECONNECTED_IN] == (uint64_t)s->attempt + 1;
}

static bool has_moved(const struct smbm_situation *s) {
    return (s->server_flags & SMBM_REPORT_MOVED) != 0;
}

/* Our connection has nobody at its other end, or repeats what it sent at ever longer intervals
 * after packets were lost, and may sleep for half a minute yet. So who can cut it is asked before
 * the kernel gets its time; what is not stalled is not cut, and nothing is cut twice. */
static bool may_sleep(const struct smbm_situation *s, struct smbm_decision *d) {
    if (reconnected(s, d)) {
        return false;
    }
    return steps_just_did(s, SMBM_STEP_AWAIT)
               ? s->carry[SAW_SERVER_DOWN] == LOST || (s->flags & SMBM_REPORT_STALLED) != 0 ||
                     has_moved(s)
               : s->steps_len == 0 && has_moved(s);
}

/* Look, wait, look again until the kernel has healed the mount or its time is over. */
static void give_grace(const struct smbm_situation *s, uint64_t grace_ms, struct smbm_decision *d) {
    uint64_t answering_ms = s->carry[SAW_SERVER_DOWN] ? s->server_since_ms : s->attempt_ms;

    if (s->carry[SAW_SERVER_DOWN] >= SILENT && !has_moved(s) && reconnected(s, d)) {
        grace_ms *= SILENT_FACTOR;
    }
    if (answering_ms >= grace_ms) {
        decide(d, SMBM_STEP_PASS, "the kernel did not heal the mount by itself in %llu ms",
               (unsigned long long)answering_ms);
    } else if (steps_just_did(s, SMBM_STEP_WAIT) || steps_just_did(s, SMBM_STEP_AWAIT) ||
               s->steps_len == 0) {
        decide(d, SMBM_STEP_PROBE, "the server answers: has the kernel healed the mount?");
    } else {
        bool first = steps_count_after(s, SMBM_STEP_WAIT, SMBM_STEP_RECONNECT) == 0;
        d->wait_ms = first ? FIRST_LOOK_MS : LOOK_MS + s->random % (LOOK_MS + 1);
        decide(d, SMBM_STEP_WAIT, "the server answers: the kernel gets time to heal the mount");
    }
}

static void next(void *instance, const struct smbm_mount *mount, const struct smbm_situation *s,
                 struct smbm_decision *d) {
    (void)instance;
    if (!has_server(mount)) {
        decide(d, SMBM_STEP_PASS, "no server to wait for");
    } else if (s->server == SMBM_UNKNOWN) {
        decide(d, SMBM_STEP_AWAIT, "asking whether the server answers");
    } else if (is_down(s->server)) {
        await(s, d);
    } else if (!may_heal(s)) {
        decide(d, SMBM_STEP_PASS, "the server answers, and waiting will not bring the mount back");
    } else if (may_sleep(s, d)) {
        decide(d, SMBM_STEP_PASS, "the server answers again");
    } else if (s->carry[SAW_SERVER_DOWN] || reconnected(s, d) || is_reconnecting(s) ||
               has_moved(s)) {
        give_grace(s, (uint64_t)s->options[0].number, d);
    } else {
        /* It answered all the time, so the connection is half open: reconnect acts at once. After
         * that the kernel gets its grace, for it may have been a server that restarted quickly. */
        decide(d, SMBM_STEP_PASS, "the server answers: it is our connection");
    }
}

SMBM_RECOVERY(.header = {SMBM_RECOVERY_HEADER, .name = "await-server",
                         .summary = "leave the mount alone while its server does not answer",
                         .version = "1", .options = options},
              .next = next);
