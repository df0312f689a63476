/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What the shipped probes would report of the simulated world; judged by their own code where that
 * is apart from the system calls (kernel_judge, errno_report). */
#ifndef SIM_FAKE_PROBES_H
#define SIM_FAKE_PROBES_H

#include <smbmounter/plugin.h>
#include <stdbool.h>

#include "world.h"

/* Is it one that makes a blocking call on the share? */
bool fake_probe_looks(const char *name);

/* How long it takes at least. */
uint64_t fake_probe_ms(const char *name, const struct smbm_mount *mount);

/* Its report, begun at began_ms of the simulation; false while it blocks. report->carry is filled
 * in. share is NULL for a question to a server. */
bool fake_probe(const char *name, const struct smbm_mount *mount, struct share *share,
                uint64_t began_ms, struct smbm_report *report);

#endif
