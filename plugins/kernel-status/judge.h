/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * From what the kernel says to a verdict: pure. Time comes in, and what must be remembered goes
 * through the carry words.
 */
#ifndef KERNEL_STATUS_JUDGE_H
#define KERNEL_STATUS_JUDGE_H

#include <smbmounter/plugin.h>
#include <stddef.h>

#include "common/debugdata.h"
#include "common/inet_diag.h"

struct kernel_facts {
    const char *server;                     /* for the evidence */
    const struct debugdata_holder *holders; /* of this share */
    size_t holders_len;
    const struct diag_socket *sockets; /* to this server, of all its mounts */
    size_t sockets_len;
    uint32_t echo_interval_ms; /* of this mount, 0 unknown */
};

/* The carry words are its memory: what has been wrong since when, and the bytes that moved. Expects
 * report->carry to hold the last ones. Signs of life are only told of a mount that is HEALTHY. */
void kernel_judge(const struct kernel_facts *facts, uint64_t now_ms, struct smbm_report *report);

#endif
