/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Where the program and its plugin host are. */
#ifndef DAEMON_PATHS_H
#define DAEMON_PATHS_H

#include <stddef.h>

#include "base/err.h"

/* Paths of this program and of smbmounter-plugin-host: beside it (a build tree), else where it is
 * installed. 0 or -errno. */
int paths_programs(char *self, size_t self_size, char *host, size_t host_size, struct err *err);

#endif
