/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Ask one address whether it speaks SMB: connect, NEGOTIATE, and no longer than told. */
#ifndef PLUGINS_COMMON_SMB2_ASK_H
#define PLUGINS_COMMON_SMB2_ASK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "common/smb2.h"

/* The rows of the verdict, from the worst news to the best. */
enum smb2_result {
    SMB2_NO_PACKET, /* timed out connecting, no route, no host: error says which */
    SMB2_PORT_CLOSED,
    SMB2_SILENT,  /* connected; no whole answer in time */
    SMB2_CLOSED,  /* connected; the server hung up without an answer */
    SMB2_GARBAGE, /* connected; answered something else */
    SMB2_ANSWERED
};

struct smb2_answer {
    enum smb2_result result;
    int error;        /* errno of the call that failed, else 0 */
    size_t received;  /* bytes */
    uint64_t took_us; /* in all */
    struct smb2_reply reply;
    bool by_kernel; /* nobody was asked: it is the kernel's own client that is answered or not */
    uint32_t silent_ms; /* by_kernel: for how long nothing has come */
};

/* until_us on monotonic_us(). While the kernel's own client knocks there, that is listened to
 * instead (knock.h). */
void smb2_ask(const struct sockaddr *address, socklen_t len, uint64_t until_us,
              struct smb2_answer *answer);

#endif
