/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * /proc/fs/cifs/DebugData: what the kernel's SMB client says of its connections. The text is made
 * for people and changes between kernels (6.1 and 6.12 are known); the indentation is what stays:
 *
 *      1) ConnectionId: 0x3 Hostname: nas          a connection
 *      TCP status: 1 Instance: 1                       1 good, 3 to reconnect, 4-5 negotiating
 *          1) Address: 10.9.0.2 ... Session Status: 1      a session: 1 good, 3 to set up, 4 in
 * setup 0) IPC: \\nas\IPC$ Mounts: 1 ...                a share, one tab deep as well 1)
 * \\nas\media Mounts: 1 ... tid: 0x3497a4c1 ...  DISCONNECTED               ("need reconnect" in
 * older kernels) Channel: 2 ...                          two tabs: other channels, left out
 */
#ifndef PLUGINS_COMMON_DEBUGDATA_H
#define PLUGINS_COMMON_DEBUGDATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/numeric.h"

#define DEBUGDATA_GOOD 1
#define DEBUGDATA_NEED_SETUP 3

/* One place where a share hangs: a share of a session of a connection. */
struct debugdata_holder {
    int tcp_status, session_status; /* -1: not said */
    bool password_invalid;          /* the kernel's own words */
    bool need_reconnect;            /* of the share */
    char address[NUMERIC_TEXT_MAX]; /* numeric, "" when not said */
    const char *name;               /* in text, "\\host\share Mounts: ..." */
    uint32_t key;                   /* of the share's name, for a quick look */
};

/* A share as a mount names it. Hosts and share are compared without case; "" and NULL hosts are
 * left out. The share ends at its first slash. */
struct debugdata_share {
    const char *hosts[3]; /* as mounted, as configured, numeric */
    const char *share;
};

/* Find all shares in text, which is modified and must live as long as the holders; returns how many
 * (at most max). text need not be whole, nor well-formed, nor end with a NUL. */
size_t debugdata_parse(char *text, size_t len, struct debugdata_holder *holders, size_t max);

/* Copy the holders of one share; returns how many (at most max). */
size_t debugdata_select(const struct debugdata_holder *all, size_t len,
                        const struct debugdata_share *share, struct debugdata_holder *out,
                        size_t max);

#endif
