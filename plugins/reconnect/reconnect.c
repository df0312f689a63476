/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Recovery: the server answers but our connection is dead. Have that one kernel socket destroyed;
 * the client connects anew within a second, blocked callers return with success, open files live
 * on. Once an outage: a server that is mute only gets worse by it.
 */
#include <string.h>

#include "common/report.h"
#include "common/steps.h"

#define LOOK_MS 300
#define LOOKS_MAX 2

enum carry { DONE_ONCE = 0 };

static const struct smbm_option options[] = {
    {"settle_ms", SMBM_OPT_INT, 0, 0, 60000, "2000", NULL,
     "how long the kernel may take to connect anew"},
    SMBM_OPTIONS_END,
};

static bool fits(const struct smbm_mount *mount, const struct smbm_situation *s) {
    bool can_cut = strcmp(mount->fstype, "smbfs") != 0; /* macOS has no way to do it */

    return s->mounted && can_cut && is_smb_fstype(mount->fstype) && s->server == SMBM_ANSWERS &&
           (s->verdict == SMBM_DEAD || s->verdict == SMBM_SUSPECT);
}

/* Our socket is destroyed: look whether the mount is back. */
static void settle(const struct smbm_situation *s, const struct smbm_done *done,
                   struct smbm_decision *d) {
    uint64_t settle_ms = (uint64_t)s->options[0].number;
    size_t looks = steps_count_after(s, SMBM_STEP_PROBE, SMBM_STEP_RECONNECT);

    if (done->outcome != SMBM_OUTCOME_OK) {
        decide(d, SMBM_STEP_PASS, "there was no dead connection that could be cut");
    } else if (looks >= LOOKS_MAX || done->ago_ms >= settle_ms) {
        decide(d, SMBM_STEP_PASS, "a new connection did not bring the mount back");
    } else if (steps_just_did(s, SMBM_STEP_WAIT)) {
        decide(d, SMBM_STEP_PROBE, "is the new connection up?");
    } else {
        uint64_t left = settle_ms - done->ago_ms;
        d->wait_ms = looks == 0 && LOOK_MS < left ? LOOK_MS : left / 2 + 1;
        decide(d, SMBM_STEP_WAIT, "the kernel connects anew");
    }
}

static void next(void *instance, const struct smbm_mount *mount, const struct smbm_situation *s,
                 struct smbm_decision *d) {
    const struct smbm_done *done = steps_last(s, SMBM_STEP_RECONNECT);

    (void)instance;
    if (!fits(mount, s)) {
        decide(d, SMBM_STEP_PASS, "%s", "");
    } else if (!done && (s->flags & SMBM_REPORT_RECONNECTS)) {
        decide(d, SMBM_STEP_PASS, "the kernel is making a new connection already");
    } else if (done) {
        settle(s, done, d);
    } else if (s->carry[DONE_ONCE]) {
        decide(d, SMBM_STEP_PASS, "the connection was cut once in this outage already");
    } else {
        d->carry[DONE_ONCE] = 1;
        decide(d, SMBM_STEP_RECONNECT, "the server answers%s, but our connection to it is dead",
               s->server_flags & SMBM_REPORT_MOVED ? " at another address" : "");
    }
}

SMBM_RECOVERY(.header = {SMBM_RECOVERY_HEADER, .name = "reconnect",
                         .summary =
                             "destroy the mount's dead connection; the kernel makes a new one",
                         .version = "1", .options = options},
              .next = next);
