/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * What the kernel's own client asks a server just now, as its sockets tell. Each question of ours
 * to a mute server stands in its queue, and when it wakes it serves them all (Samba: a process
 * each) before the kernel's. So while the kernel knocks, nobody else does.
 */
#ifndef PLUGINS_COMMON_KNOCK_H
#define PLUGINS_COMMON_KNOCK_H

#include <sys/socket.h>

#include "common/inet_diag.h"

enum knock {
    KNOCK_NONE,  /* nothing of the kernel's waits for the server */
    KNOCK_LOST,  /* what is sent does not arrive */
    KNOCK_WAITS, /* a request waits on a connection that had answers before: perhaps load */
    KNOCK_SOON,  /* a new connection has not asked yet */
    KNOCK_MUTE   /* a new connection waits for its first answer, and nobody heard any since */
};

/* Judges all sockets to one server (inet_diag_read): pure. *silent_ms is how long the request of
 * KNOCK_MUTE has waited, or for how long KNOCK_WAITS has heard nothing. */
enum knock knock_judge(const struct diag_socket *sockets, size_t len, uint32_t *silent_ms);

enum knock_end { KNOCK_NOT, KNOCK_SILENT, KNOCK_ANSWERED };

/* Listens to the kernel's knocking at an address with port, until it is answered or until_us (on
 * monotonic_us()). KNOCK_NOT at once when there is none, and when it ends: then ask. */
enum knock_end knock_listen(const struct sockaddr *address, uint64_t until_us, uint32_t *silent_ms);

#endif
