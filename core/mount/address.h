/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#ifndef MOUNT_ADDRESS_H
#define MOUNT_ADDRESS_H

#include <stdint.h>

#include "base/err.h"

/* A server's address, numeric: of its first few in the resolver's order the first that takes a
 * connection on port within a second, else simply the first. A numeric one stays as it is. 0 or
 * -errno. Can block for as long as the resolver does, and some seconds. */
int address_resolve(const char *server, uint16_t port, char *address, size_t size, struct err *err);

#endif
