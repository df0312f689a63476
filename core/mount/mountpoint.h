/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Where a mount goes: the configured path resolved once, then a descriptor. */
#ifndef MOUNT_MOUNTPOINT_H
#define MOUNT_MOUNTPOINT_H

#include <sys/types.h>

#include "base/err.h"
#include "config/config.h"
#include "mount/table.h"

/* The path without symlinks, "." and "..". A symlink is followed when it and every folder above it
 * are root's alone (else -ELOOP; believed.h). What the table shows as a mountpoint is passed
 * through without a look at it, so that a dead mount there cannot hang us. The last part may be
 * missing. 0 or -errno. */
int mountpoint_resolve(const struct mount_table *table, const char *configured, char *resolved,
                       size_t size, struct err *err);

/* A command goes to the mountpoint by its path, so nobody but root may be able to put another one
 * there: every folder above it is root's alone, or sticky with root's entry in it, and on a file
 * system whose word that is (believed.h). 0, or -errno (-EPERM: no). */
int mountpoint_check_path(const char *resolved, struct err *err);

/*
 * Open the resolved path (nothing is mounted there) for mounting: make its last part when only
 * that is missing and the folder above is root's alone; refuse it when not empty or not owned by
 * root or local_user; give it to local_user, one that was there only when the configured path has
 * no symlink. note gets what was done. Its fd, or -errno; *owner is whose it is now.
 */
int mountpoint_prepare(const struct config_mount *mount, const char *resolved, uid_t *owner,
                       char *note, size_t note_size, struct err *err);

/* Right before the mount: the folder that was prepared is still that owner's, and empty. 0 or
 * -errno. */
int mountpoint_look_again(int fd, uid_t owner, const char *resolved, struct err *err);

#endif
