/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Glances: passive probes, asked often, beside a round that may hang. */
#ifndef DAEMON_GLANCE_H
#define DAEMON_GLANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/look.h"

struct supervisor;

struct glance {
    uint64_t job, hung_job; /* hung: killed, but not gone */
    bool asks;              /* as in a round */
    bool outdated;
    unsigned suspicions; /* in a row */
    struct look look;
};

void glance_start(struct supervisor *s);
void glance_schedule(struct supervisor *s, uint64_t now_ms);
/* See verdicts_server_asked. */
void glance_server_asked(struct supervisor *s);
void glance_forget(struct supervisor *s);
void glance_finish(struct supervisor *s);

#endif
