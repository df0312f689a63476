/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What happens outside: the mount table, the network, sleep; and the timer that all due times
 * share. */
#ifndef DAEMON_WATCH_H
#define DAEMON_WATCH_H

#include "daemon/daemon.h"

int watch_start(struct daemon *daemon, struct err *err);
void watch_stop(struct daemon *daemon);

#endif
