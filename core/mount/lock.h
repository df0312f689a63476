/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* One operation per mount at a time, also across daemons. */
#ifndef MOUNT_LOCK_H
#define MOUNT_LOCK_H

#include "base/err.h"

/* Take NAME.lock in the runtime folder without waiting; held while any copy of the fd is open.
 * The fd, or -errno: -EWOULDBLOCK names the process that has it. */
int lock_take(const char *directory, const char *name, struct err *err);

#endif
