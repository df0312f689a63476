/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Whose word are owners and modes? On a network file system, and on another user's FUSE, a server
 * says them, and may say something else the next moment. What "/" is on is believed, whatever it
 * is, and so is a FUSE that root mounted.
 */
#ifndef MOUNT_BELIEVED_H
#define MOUNT_BELIEVED_H

#include "mount/table.h"

/* The mount that keeps its own word: path (absolute, no symlink) is on it. NULL: believe it. */
const struct mount_entry *mount_unbelieved(const struct mount_table *table, const char *path);

#endif
