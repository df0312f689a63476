/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* One SMB2 NEGOTIATE ([MS-SMB2] 2.2.3, 2.2.4): the first words of every SMB 2 and 3 conversation,
 * which need no login. Bytes only; smb2_ask.h talks. */
#ifndef PLUGINS_COMMON_SMB2_H
#define PLUGINS_COMMON_SMB2_H

#include <stddef.h>
#include <stdint.h>

#define SMB2_SALT_LEN 32
#define SMB2_REQUEST_MAX 256
#define SMB2_REPLY_MAX 65536 /* a longer one is none */

struct smb2_reply {
    uint32_t status;  /* NT status */
    uint16_t dialect; /* 0 when the status is not success */
};

/* Build the request with its 4 bytes of length in front, dialects 2.0.2 to 3.1.1. salt: fresh
 * random bytes, as 3.1.1 wants them. guid: 16 bytes. Returns its length. */
size_t smb2_request(uint8_t out[SMB2_REQUEST_MAX], const uint8_t salt[SMB2_SALT_LEN],
                    const uint8_t guid[16]);

enum smb2_parsed { SMB2_PARTIAL, SMB2_WHOLE, SMB2_NOT_SMB };

/* Judge what has come so far. Believes nothing; PARTIAL only while it can still become a reply. */
enum smb2_parsed smb2_parse(const uint8_t *bytes, size_t len, struct smb2_reply *reply);

/* "SMB 3.1.1"; "SMB" for dialect 0. */
const char *smb2_dialect_name(uint16_t dialect);

#endif
