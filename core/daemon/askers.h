/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The clients that wait for one round of probes, and the rows that they get. */
#ifndef DAEMON_ASKERS_H
#define DAEMON_ASKERS_H

#include <smbmounter/plugin.h>

#include "control/server.h"

#define ASKERS_MAX 16

struct askers {
    struct server_call *calls[ASKERS_MAX];
    size_t len;
    struct probe_record *rows; /* one for each call of the round; NULL while nobody waits */
};

/* False when too many wait already. */
bool askers_add(struct askers *askers, struct server_call *call);
/* Its client went away. */
void askers_forget(struct askers *askers, const struct server_call *call);
/* The answer of probe name as call i of the round. Without memory for rows nothing is kept. */
void askers_note(struct askers *askers, size_t i, const char *name,
                 const struct smbm_report *report);
/* All get the rows of a round of len calls; then nobody waits. */
void askers_reply(struct askers *askers, size_t len);
/* All get an error; then nobody waits. */
void askers_refuse(struct askers *askers, const char *why);

#endif
