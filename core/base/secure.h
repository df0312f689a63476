/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Who could have written what we are about to trust. A path is walked from "/" by descriptors, no
 * symlink is followed (but see secure_resolve), and the verdict is on the descriptor that is
 * returned, so nothing can be swapped between check and use (facts: sudo's secure_open; security
 * notes, rows 21 and 28).
 */
#ifndef BASE_SECURE_H
#define BASE_SECURE_H

#include <limits.h>
#include <sys/types.h>

#include "base/err.h"

enum secure_rule {
    SECURE_TRUSTED, /* root-owned and not writable by group or others, every folder above as well */
    SECURE_SECRET,  /* as SECURE_TRUSTED, and the file readable by its owner only */
    SECURE_RUN,     /* as SECURE_TRUSTED, but PLACE_RUN_GROUP may write in folders */
    SECURE_LOG,     /* as SECURE_TRUSTED, but a group may write in folders: Ubuntu's /var/log */
};

/* Open an absolute path read-only (O_CLOEXEC, O_NONBLOCK against FIFOs) when it is a regular file
 * that the rule accepts. Returns the fd or -errno with err naming the offending part and the mend.
 * trusted_uid is the other owner that is accepted beside root (tests; the daemon passes 0). */
int secure_open_file(const char *path, enum secure_rule rule, uid_t trusted_uid, struct err *err);

/* The same for a folder; the fd can be read with fdopendir. */
int secure_open_dir(const char *path, enum secure_rule rule, uid_t trusted_uid, struct err *err);

/* The path without symlinks, "." and "..": /bin is a link on many systems. A link is followed when
 * it and every folder above it are root's (or trusted_uid's) alone; else -ELOOP, before what it
 * leads to is looked at. 0 or -errno. */
int secure_resolve(const char *path, uid_t trusted_uid, char resolved[PATH_MAX], struct err *err);

/* The folder that path is in, found by secure_resolve; *name is the last part of path, which need
 * not exist. The fd or -errno. */
int secure_open_above(const char *path, enum secure_rule rule, uid_t trusted_uid, const char **name,
                      struct err *err);

#endif
