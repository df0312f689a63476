/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What a job of probes looks at and has found so far. */
#ifndef DAEMON_LOOK_H
#define DAEMON_LOOK_H

#include <smbmounter/plugin.h>
#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "machine/policy.h"
#include "mount/identity.h"
#include "plugin/call.h"

struct look {
    struct mount_identity mount;        /* an answer about an older mount is dropped */
    uint8_t probes[CONFIG_PLUGINS_MAX]; /* call -> index in the chain */
    size_t len;
    struct policy_report reports[CONFIG_PLUGINS_MAX];
    struct smbm_report worst;  /* the report that would decide, kept as they come */
    char blind[SMBM_TEXT_MAX]; /* the first active one that could not look; "" none */
    bool seen;                 /* an active one could */
    bool leaves_to_peer; /* the chain asks the server: as the daemon does, so the peer does it */
    enum call_health health; /* is the server to be asked? */
};

/* Signs of life of the mount's connection, which a passive probe tells while another may hang. */
struct pulse {
    uint32_t flags;                 /* SMBM_REPORT_* */
    uint32_t echo_interval_ms : 24; /* the kernel asks an idle server so often; 0 unknown */
    uint32_t probe : 8;
    uint64_t felt_ms;
    char *text;             /* its evidence; NULL: nothing is told */
    uint64_t late_since_ms; /* no round has found the mount healthy since; 0: the last one did */
};
#define PULSE_FRESH_MS 12000u /* in a recovery only probes of the share feel it */

#endif
