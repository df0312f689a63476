/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A process between the helper and a mount command: it holds the lock for as long as the command
 * could still mount, and kills it when the helper dies. */
#ifndef MOUNT_GUARD_H
#define MOUNT_GUARD_H

#include "mount/helper_parts.h"
#include "mount/process.h"

struct guard {
    pid_t pid;
    int socket; /* the command's wait status comes out of it when it ends */
};

int guard_start(struct guard *guard, const struct helper *helper, const struct process_spec *spec,
                struct err *err);
/* True when the command has ended. Never waits. */
bool guard_ended(const struct guard *guard, int *status);
/* Let a command that still runs live on, or kill it and all it started; then the guard ends. */
void guard_finish(struct guard *guard, bool keep);

#endif
