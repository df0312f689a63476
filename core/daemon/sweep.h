/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The unmounts of a stop, in one helper: a process for each of 1,000 mounts takes ten seconds. */
#ifndef DAEMON_SWEEP_H
#define DAEMON_SWEEP_H

#include "daemon/supervisor.h"

/* From now on plain unmounts are collected, if there are enough mounts for it. */
void sweep_begin(struct daemon *daemon);
/* True: it is collected, and its result will come. */
bool sweep_takes(struct supervisor *s);
/* Do what was collected; what is left then gets a helper of its own. */
void sweep_go(struct daemon *daemon);

#endif
