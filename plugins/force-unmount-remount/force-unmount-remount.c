/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Recovery, the last resort: take the mount out of the tree and mount anew. On Linux a detached SMB
 * mount keeps its open files; forcing brought nothing there in any measurement. Everything else
 * (FUSE, macOS) is forced, which wakes those who are blocked in it.
 */
#include <string.h>

#include "common/report.h"
#include "common/steps.h"

#define TRIES_MAX 2   /* of an unmount that fails */
#define STACKED_MAX 4 /* unmounts that succeed while something of ours is still there */

#define LOOK_MS 4500  /* while what the server said before is still news */
#define FRESH_MS 1000 /* while the verdict that began the outage is */

static const struct smbm_option options[] = {
    {"patience_sec", SMBM_OPT_INT, 0, 0, 86400, "120", NULL,
     "how long an SMB mount is left alone that is late or being reconnected by the kernel"},
    SMBM_OPTIONS_END,
};

enum carry { MOUNTED_ANEW = 0 }; /* once, after the server threw us out */

static uint32_t unmount_step(const struct smbm_mount *mount) {
    bool linux_smb = !strcmp(mount->fstype, "cifs") || !strcmp(mount->fstype, "smb3");

    return linux_smb ? SMBM_STEP_DETACH : SMBM_STEP_FORCE;
}

static bool thrown_out(const struct smbm_situation *s) {
    return s->verdict == SMBM_DENIED || s->verdict == SMBM_GONE;
}

static void take_down(const struct smbm_mount *mount, const struct smbm_situation *s,
                      struct smbm_decision *d) {
    uint32_t step = unmount_step(mount);

    if (steps_with(s, step, SMBM_OUTCOME_FAILED) >= TRIES_MAX) {
        decide(d, SMBM_STEP_GIVE_UP, "the mount could not be taken down in %d tries", TRIES_MAX);
    } else if (steps_with(s, step, SMBM_OUTCOME_OK) >= STACKED_MAX) {
        decide(d, SMBM_STEP_GIVE_UP, "mounts are stacked here: still mounted after %d unmounts",
               STACKED_MAX);
    } else if (s->verdict == SMBM_DENIED) {
        decide(
            d, step,
            "the server refuses our login, and the kernel repeats it as long as the mount is used");
    } else if (s->verdict == SMBM_GONE) {
        decide(d, step, "the share is gone on the server");
    } else if (s->server_flags & SMBM_REPORT_MOVED) {
        decide(d, step,
               "the server answers at another address only: taken down to be mounted there");
    } else {
        decide(d, step, "the mount is dead: taken down to be mounted anew");
    }
}

static void bring_up(const struct smbm_situation *s, struct smbm_decision *d) {
    if (steps_with(s, SMBM_STEP_MOUNT, SMBM_OUTCOME_FAILED) > 0) {
        decide(d, SMBM_STEP_PASS, "the mount failed in this attempt");
    } else if (thrown_out(s) && s->carry[MOUNTED_ANEW]) {
        decide(d, SMBM_STEP_GIVE_UP, "mounting anew was tried once after the server %s",
               s->verdict == SMBM_DENIED ? "refused our login" : "lost the share");
    } else {
        d->carry[MOUNTED_ANEW] = thrown_out(s);
        decide(d, SMBM_STEP_MOUNT, "nothing is mounted: mounting");
    }
}

/* Its FUSE server was asked this moment, as often as the user wants, and let its whole time pass
 * (an error would have come sooner): to ask again takes that time again. SMB and NFS are asked all
 * the same, for there the kernel itself makes a new connection. */
static bool is_late_right_now(const struct smbm_mount *mount, const struct smbm_situation *s) {
    return s->verdict == SMBM_SUSPECT && !s->os_errno && s->attempt == 0 &&
           s->attempt_ms < FRESH_MS && !s->steps_len && !strncmp(mount->fstype, "fuse", 4);
}

/* None in this attempt, or only one before a long wait: meanwhile it may have come back. */
static bool must_look(const struct smbm_mount *mount, const struct smbm_situation *s) {
    const struct smbm_done *look = steps_last(s, SMBM_STEP_PROBE);
    bool waited = steps_just_did(s, SMBM_STEP_WAIT) || steps_just_did(s, SMBM_STEP_AWAIT);

    if (!look) {
        return !is_late_right_now(mount, s);
    }
    return waited && look->ago_ms >= LOOK_MS;
}

/* The server answers, and no connection to it is stalled: the share is slow (a disk that starts, a
 * rebuild), or the kernel is just making a new connection, which waits for the same slow share. To
 * mount anew would lead to the same server, and takes away from programs what they have open. */
static bool may_come_back(const struct smbm_mount *mount, const struct smbm_situation *s) {
    bool slow = s->verdict == SMBM_SUSPECT ||
                (s->verdict == SMBM_DEAD && (s->flags & SMBM_REPORT_RECONNECTS));

    return slow && is_smb_fstype(mount->fstype) && s->server == SMBM_ANSWERS &&
           !(s->server_flags & SMBM_REPORT_MOVED) && !(s->flags & SMBM_REPORT_STALLED) &&
           s->outage_ms < (uint64_t)s->options[0].number * 1000u;
}

static void be_patient(const struct smbm_situation *s, struct smbm_decision *d) {
    if (steps_just_did(s, SMBM_STEP_WAIT) || steps_just_did(s, SMBM_STEP_AWAIT)) {
        decide(d, SMBM_STEP_PROBE, "does the share answer again?");
        return;
    }
    d->wait_ms = LOOK_MS;
    decide(d, SMBM_STEP_WAIT,
           "the server answers, so the share may only be slow: left alone until the outage is %lld "
           "s old",
           (long long)s->options[0].number);
}

static void next(void *instance, const struct smbm_mount *mount, const struct smbm_situation *s,
                 struct smbm_decision *d) {
    (void)instance;
    if (!s->mounted) {
        bring_up(s, d);
    } else if (steps_just_did(s, SMBM_STEP_MOUNT)) {
        decide(d, SMBM_STEP_DONE, "mounted anew");
    } else if (steps_with(s, SMBM_STEP_MOUNT, SMBM_OUTCOME_OK) > 0) {
        decide(d, SMBM_STEP_PASS, "mounted anew, and still not healthy");
    } else if (s->verdict == SMBM_HEALTHY) {
        decide(d, SMBM_STEP_DONE, "the mount answers again");
    } else if (s->verdict == SMBM_BLIND) {
        decide(d, SMBM_STEP_GIVE_UP, "the probes may not look at the mount, so it is left alone");
    } else if (!thrown_out(s) && must_look(mount, s)) {
        decide(d, SMBM_STEP_PROBE, "a last look before the mount is taken down");
    } else if (may_come_back(mount, s)) {
        be_patient(s, d);
    } else {
        take_down(mount, s, d);
    }
}

SMBM_RECOVERY(.header = {SMBM_RECOVERY_HEADER, .name = "force-unmount-remount",
                         .summary = "take the mount down by force and mount it anew",
                         .version = "1", .options = options},
              .next = next);
