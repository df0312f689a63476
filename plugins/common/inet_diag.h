/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * The TCP sockets of this machine to one server, with the kernel's own counters of them (tcp_info),
 * by inet_diag: no packet is sent, nothing blocks, no rights are needed. The sockets of the
 * kernel's SMB client are among them.
 */
#ifndef PLUGINS_COMMON_INET_DIAG_H
#define PLUGINS_COMMON_INET_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/numeric.h"

/* SO_PRIORITY of the sockets with which smb-negotiate asks a server: the kernel tells it in the
 * dump, so that they are not taken for connections of a mount. It shows in no packet. */
#define INET_DIAG_OWN_PRIORITY 5

#define INET_DIAG_STUCK_MS 2500u /* unacknowledged for so long is no slow network any more */

struct diag_socket {
    uint16_t local_port;
    uint8_t state;  /* 1: established */
    bool ownerless; /* of the kernel's client, as far as one can tell: uid 0 */
    uint32_t unacked, retransmits, backoff;
    uint32_t last_data_recv_ms, last_data_sent_ms; /* ago */
    uint64_t received;                             /* bytes */
    uint64_t bytes; /* received, and sent as far as the other side has acknowledged it */
};

/* All sockets to address:port, at most max; *count how many. 0 or -errno. */
int inet_diag_read(const struct numeric *address, uint16_t port, struct diag_socket *sockets,
                   size_t max, size_t *count);

/* Something is under way that the other side does not acknowledge. */
bool inet_diag_stalled(const struct diag_socket *socket);

#endif
