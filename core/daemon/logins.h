/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What a mount and its server know of logins that were refused: before a try, and after it. */
#ifndef DAEMON_LOGINS_H
#define DAEMON_LOGINS_H

#include "daemon/supervisor.h"

/* For helper_events.turn: may this mount try that login now? context is its supervisor. */
void logins_turn(void *context, uint32_t login, struct login_leave *leave);

/* A mount ended so. When its server has changed its mind, the other mounts of the account that
 * failed by their login are tried again at once. */
void logins_result(struct supervisor *s, const struct helper_result *result);

/* A person asked for a mount: one real try, whatever was refused before. */
void logins_asked(struct supervisor *s);

#endif
