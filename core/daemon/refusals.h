/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * The logins that one server has refused, by their numbers (mount/login.h). One refusal stops every
 * mount with the same login, so that no account gets locked; a changed password is another login.
 * Pure.
 */
#ifndef DAEMON_REFUSALS_H
#define DAEMON_REFUSALS_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "mount/login.h"

#define REFUSALS_MAX 16         /* of one server; the oldest is forgotten, which costs one login */
#define REFUSALS_SAME_MS 10000u /* commands one after the other within that mean all of them */

struct refusal {
    uint32_t login;
    int32_t os_errno;
    uint64_t at_ms;
    bool sure;
    bool asked; /* a person asked for that try */
    char status[LOGIN_STATUS_MAX];
    char mount[CONFIG_NAME_MAX]; /* whose try it was */
};
struct refusals {
    struct refusal items[REFUSALS_MAX];
    size_t len;
};

/* A mount was refused. One that is only perhaps about the login counts when another mount was told
 * the same. */
void refusals_note(struct refusals *refusals, const struct refusal *refusal);

/* Why login shall not be tried now by that mount; NULL: it may. asked_ms: when a person asked for
 * this try (0: nobody did), who may have mended the account on the server meanwhile. When that was
 * just after the refusal of another command, both are one try. */
const struct refusal *refusals_against(const struct refusals *refusals, uint32_t login,
                                       const char *mount, uint64_t asked_ms);

/* The server let the login in. True when it had been refused before. */
bool refusals_clear(struct refusals *refusals, uint32_t login);

#endif
