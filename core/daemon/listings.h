/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Replies that are lists: from what the daemon holds in memory, never from a share. */
#ifndef DAEMON_LISTINGS_H
#define DAEMON_LISTINGS_H

#include "daemon/daemon.h"

void listings_status(struct daemon *daemon, struct server_call *call,
                     const struct supervisor *only);
void listings_plugins(struct daemon *daemon, struct server_call *call, const char *name);
void listings_option(const struct smbm_option *option, struct option_record *row);
void listings_why(struct supervisor *s, struct server_call *call);
void listings_events(struct daemon *daemon, struct server_call *call,
                     const struct supervisor *only);
void listings_version(struct daemon *daemon, struct server_call *call);

#endif
