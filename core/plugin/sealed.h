/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A copy of a file in memory that nobody can change any more. */
#ifndef PLUGIN_SEALED_H
#define PLUGIN_SEALED_H

#include <stddef.h>

#include "base/err.h"

/* Copy what file holds, at most limit bytes, to a sealed memory file with a descriptor of at least
 * lowest_fd. The descriptor, or -errno; -ENOTSUP on a platform without sealed memory. */
int sealed_copy(int file, size_t limit, int lowest_fd, struct err *err);

#endif
