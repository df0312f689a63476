/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The daemon's side of every remote command of control/commands.h. */
#ifndef DAEMON_ANSWERS_H
#define DAEMON_ANSWERS_H

#include "daemon/daemon.h"

/* For struct server_setup; context is the daemon. */
void answers_handle(void *context, struct server_call *call, const struct control_request *request);
/* True for each remote command. */
bool answers_know(enum command command);
void answers_gone(void *context, struct server_call *call);

#endif
