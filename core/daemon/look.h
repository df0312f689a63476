/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What a job of probes looks at and has found so far. */
#ifndef DAEMON_LOOK_H
#define DAEMON_LOOK_H

#include <smbmounter/plugin.h>
#include <stdint.h>

#include "config/config.h"
#include "machine/policy.h"
#include "mount/identity.h"

struct look {
    struct mount_identity mount;        /* an answer about an older mount is dropped */
    uint8_t probes[CONFIG_PLUGINS_MAX]; /* call -> index in the chain */
    size_t len;
    struct policy_report reports[CONFIG_PLUGINS_MAX];
    struct smbm_report worst; /* the report that would decide, kept as they come */
};

#endif
