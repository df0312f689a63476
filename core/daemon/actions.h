/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Carrying out the machine's actions on a mount. */
#ifndef DAEMON_ACTIONS_H
#define DAEMON_ACTIONS_H

#include "daemon/supervisor.h"
#include "mount/helper.h"

/* The server was asked: mount now, or report that it does not answer. */
void actions_mount_now(struct supervisor *s);

/* What a helper is asked to do with the mount that is there now. */
struct helper_request actions_request(const struct supervisor *s, enum helper_op op,
                                      uint32_t timeout_ms);

/* Start a helper for the operation under way. On failure the result is fed at once. */
void actions_start_helper(struct supervisor *s, enum helper_op op);

#endif
