/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The end: unmount what can be unmounted politely, name what stays, go. */
#ifndef DAEMON_STOP_H
#define DAEMON_STOP_H

#include "daemon/daemon.h"

#define STOP_MS 20000u /* in all; systemd's TimeoutStopSec of the unit is above it */

/* Called by the timer while stopping. */
void stop_check(struct daemon *daemon);

#endif
