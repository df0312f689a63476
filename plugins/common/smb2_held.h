/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Questions that a mute server has not answered yet. Each one that is dropped and asked anew leaves
 * a connection in its queue, and when it wakes it serves them all (Samba: a process each) before
 * the kernel's own. So the question is kept, and listened to again by the next call.
 */
#ifndef PLUGINS_COMMON_SMB2_HELD_H
#define PLUGINS_COMMON_SMB2_HELD_H

#include <stdint.h>
#include <sys/socket.h>

/* The connection on which address was asked, now the caller's; -1 when there is none, or it is too
 * old to be believed: an answer may have come long ago, while nobody listened. */
int smb2_held_take(const struct sockaddr *address, socklen_t len, uint64_t now_us,
                   uint64_t *since_us);

/* Takes over fd, on which nothing has been answered from since_us until now_us. TCP itself asks
 * whether the other end still knows the connection, so that one lost in a restart or a network
 * change ends. */
void smb2_held_keep(int fd, const struct sockaddr *address, socklen_t len, uint64_t since_us,
                    uint64_t now_us);

#endif
