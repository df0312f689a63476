/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#ifndef MOUNT_ADDRESS_H
#define MOUNT_ADDRESS_H

#include "base/err.h"

/* The first address of a server in the resolver's order, numeric; a numeric one stays as it is.
 * 0 or -errno. Can block for as long as the resolver does. */
int address_resolve(const char *server, char *address, size_t size, struct err *err);

#endif
