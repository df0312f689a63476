/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Logins as the daemon knows them. It never sees a password, but must know whether one that a
 * server refused is about to be tried again, or an account gets locked by five mounts of it. So a
 * helper gives a login a number that only this daemon's key makes, and the daemon remembers the
 * numbers that were refused.
 */
#ifndef MOUNT_LOGIN_H
#define MOUNT_LOGIN_H

#include "base/siphash.h"
#include "base/wire.h"
#include "config/config.h"
#include "mount/credentials.h"

/* The number of user, domain (both without case) and password. 0: there is no password (guest,
 * ticket), or the key is all zero (the system had no random bytes). */
uint32_t login_number(const unsigned char key[SIPHASH_KEY], const struct credentials *credentials);

/* What a failed mount says of its login. */
enum login_refusal {
    LOGIN_NOT_REFUSED,     /* it failed for another reason, or was let in */
    LOGIN_PERHAPS_REFUSED, /* EACCES without a word why: the login or the share */
    LOGIN_REFUSED,         /* by the server: what holds for every share of it */
    LOGIN_REFUSED_BEFORE,  /* not tried */
    LOGIN_REFUSAL_COUNT
};

#define LOGIN_STATUS_MAX 64 /* of the kernel log: "STATUS_LOGON_FAILURE" */

/* The daemon's leave to mount, or why not: an earlier mount was refused with this very login. */
struct login_leave {
    bool refused;
    int32_t os_errno;
    char status[LOGIN_STATUS_MAX];
    char mount[CONFIG_NAME_MAX]; /* which mount that was */
};

/* Frames: encode returns the length or 0, decode 0 or -EPROTO. */
#define LOGIN_LEAVE_FRAME_MAX (WIRE_HEAD + 32u + LOGIN_STATUS_MAX + CONFIG_NAME_MAX)
size_t login_encode_leave(uint32_t type, const struct login_leave *leave, void *buffer,
                          size_t size);
int login_decode_leave(struct wire_in *payload, struct login_leave *leave);

#endif
