/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * A mount that we did not make (it was there at the start, or it appeared) may lack nosuid or
 * nodev: a mount helper sets them. One at a time, so that a thousand such mounts delay nobody.
 */
#ifndef DAEMON_HARDEN_H
#define DAEMON_HARDEN_H

#include "daemon/supervisor.h"

/* Our mount's entry of the table was learnt: have it hardened when it lacks a flag. */
void harden_learnt(struct supervisor *s, const struct mount_entry *entry);
/* A mount operation ended without a result that speaks of what is there now. */
void harden_doubted(struct supervisor *s);

/* The mount goes away. */
void harden_forget(struct supervisor *s);

/* Say that the mount lacks the flags, and why they could not be set. */
void harden_failed(struct supervisor *s, const char *why);

#endif
