/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * The flight recorder: a bounded ring of typed events for each mount; the oldest make room.
 */
#ifndef CONTROL_EVENTS_H
#define CONTROL_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "control/fields.h"

#define EVENTS_MAX 256 /* at most so many are listed */
#define EVENTS_BYTES_MAX (16u * 1024u)
#define EVENT_TEXT_MAX 256

/* id, name on the wire, meaning */
#define EVENT_KINDS(X)                                                                             \
    X(STATE, "state", "the mount changed its state; text is the new state and the reason")         \
    X(VERDICT, "verdict", "a probe's verdict changed; text names probe, verdict and evidence")     \
    X(SERVER, "server", "the server's verdict changed")                                            \
    X(INCIDENT, "incident", "an outage began; number is the incident's")                           \
    X(RECOVERED, "recovered", "an outage ended; number is its length in ms")                       \
    X(STEP, "step", "a recovery step began; text is the step and the plugin's reason")             \
    X(STEP_DONE, "step-done", "a recovery step ended; number is its time in ms")                   \
    X(MOUNT_ERROR, "mount-error", "a mount failed; text is class, error and hint")                 \
    X(UNMOUNT_ERROR, "unmount-error", "an unmount failed")                                         \
    X(TABLE, "table", "the mount table changed at the mountpoint")                                 \
    X(ADDRESS, "address", "the server's address changed")                                          \
    X(COMMAND, "command", "somebody gave a command; text says who and what")                       \
    X(NETWORK, "network", "the network changed, or the machine woke from sleep")                   \
    X(HOLDERS, "holders", "who had files open when the mount was taken away")                      \
    X(STUCK, "stuck", "a process of ours could not be ended")                                      \
    X(PLUGIN, "plugin", "a recovery plugin failed; text names it and says how")                    \
    X(LOGIN, "login", "the server lets the account in again, as another mount showed")

enum event_kind {
#define X(id, name, meaning) EVENT_##id,
    EVENT_KINDS(X)
#undef X
        EVENT_KIND_COUNT
};
const char *event_kind_name(enum event_kind kind);

struct event {
    uint64_t wall_ms;
    uint64_t number;
    enum event_kind kind;
    char text[EVENT_TEXT_MAX];
};

/* Compact: records of their real length in a byte ring that grows from nothing to
 * EVENTS_BYTES_MAX, so that 10,000 quiet mounts cost little. Zeroed memory is an empty one. */
struct event_ring {
    unsigned char *bytes;
    uint16_t size, begin, used, count; /* there are as many rings as mounts */
};
void event_ring_finish(struct event_ring *ring);

/* Record; text is cut at EVENT_TEXT_MAX. Without memory the oldest events make room. */
void event_ring_add(struct event_ring *ring, uint64_t wall_ms, enum event_kind kind,
                    uint64_t number, const char *text);
/* Copy out the newest max events, oldest first. Returns how many. */
size_t event_ring_list(const struct event_ring *ring, struct event *to, size_t max);

#endif
