/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Who else may think that a path is theirs to mount: fstab, autofs maps, systemd units. */
#ifndef DAEMON_MANAGERS_H
#define DAEMON_MANAGERS_H

#include <stddef.h>

/* Look for one that names mountpoint, below root ("" for the system; tests give a folder). Calls
 * found with "/etc/fstab:12" and what to do about it, for each. */
void managers_find(const char *root, const char *mountpoint,
                   void (*found)(void *context, const char *where, const char *mend),
                   void *context);

#endif
