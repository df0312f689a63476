/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "common/smb2.h"

#include <stdbool.h>
#include <string.h>

#define FRAME 4
#define HEADER 64
#define REQUEST_BODY 36
#define REPLY_BODY 65
#define ERROR_BODY 9
#define SERVER_TO_CLIENT 1u

static const struct {
    uint16_t number;
    const char *name;
} dialects[] = {
    {0x0202, "SMB 2.0.2"}, {0x0210, "SMB 2.1"},   {0x0300, "SMB 3.0"},
    {0x0302, "SMB 3.0.2"}, {0x0311, "SMB 3.1.1"},
};
#define DIALECTS (sizeof dialects / sizeof dialects[0])

static const uint8_t magic[4] = {0xfe, 'S', 'M', 'B'};

static void put16(uint8_t *at, unsigned value) {
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *at, uint32_t value) {
    put16(at, value & 0xffff);
    put16(at + 2, value >> 16);
}

static uint16_t get16(const uint8_t *at) {
    return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t get32(const uint8_t *at) {
    return (uint32_t)get16(at) | (uint32_t)get16(at + 2) << 16;
}

/* The preauthentication integrity context that 3.1.1 requires: SHA-512 and a salt. */
static size_t put_context(uint8_t *at, const uint8_t salt[SMB2_SALT_LEN]) {
    const unsigned data = 6 + SMB2_SALT_LEN;

    put16(at, 1);
    put16(at + 2, data);
    put32(at + 4, 0);
    put16(at + 8, 1);
    put16(at + 10, SMB2_SALT_LEN);
    put16(at + 12, 1);
    memcpy(at + 14, salt, SMB2_SALT_LEN);
    return 8 + data;
}

size_t smb2_request(uint8_t out[SMB2_REQUEST_MAX], const uint8_t salt[SMB2_SALT_LEN],
                    const uint8_t guid[16]) {
    uint8_t *head = out + FRAME, *body = head + HEADER, *list = body + REQUEST_BODY;
    const size_t context = (HEADER + REQUEST_BODY + 2 * DIALECTS + 7) & ~(size_t)7;
    size_t len;

    memset(out, 0, SMB2_REQUEST_MAX);
    memcpy(head, magic, sizeof magic);
    put16(head + 4, HEADER);
    put16(head + 14, 1); /* credits wanted */
    put16(body, REQUEST_BODY);
    put16(body + 2, DIALECTS);
    put16(body + 4, 1); /* signing enabled */
    memcpy(body + 12, guid, 16);
    put32(body + 28, (uint32_t)context);
    put16(body + 32, 1); /* contexts */
    for (size_t i = 0; i < DIALECTS; i++) {
        put16(list + 2 * i, dialects[i].number);
    }
    len = context + put_context(head + context, salt);
    out[2] = (uint8_t)(len >> 8);
    out[3] = (uint8_t)len;
    return FRAME + len;
}

static bool known_dialect(uint16_t number) {
    for (size_t i = 0; i < DIALECTS; i++) {
        if (dialects[i].number == number) {
            return true;
        }
    }
    return false;
}

/* A whole message, without its length. */
static bool parse_message(const uint8_t *head, size_t len, struct smb2_reply *reply) {
    const uint8_t *body = head + HEADER;

    if (get16(head + 4) != HEADER || get16(head + 12) != 0 /* NEGOTIATE */ ||
        !(get32(head + 16) & SERVER_TO_CLIENT) || get32(head + 24) || get32(head + 28)) {
        return false;
    }
    reply->status = get32(head + 8);
    reply->dialect = 0;
    if (reply->status) { /* any refusal in SMB is SMB */
        return get16(body) == ERROR_BODY || get16(body) == REPLY_BODY;
    }
    if (len < HEADER + REPLY_BODY - 1 || get16(body) != REPLY_BODY) {
        return false;
    }
    reply->dialect = get16(body + 4);
    return known_dialect(reply->dialect);
}

enum smb2_parsed smb2_parse(const uint8_t *bytes, size_t len, struct smb2_reply *reply) {
    size_t want;

    if (len >= 1 && bytes[0] != 0) {
        return SMB2_NOT_SMB;
    }
    if (len < FRAME) {
        return SMB2_PARTIAL;
    }
    want = (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
    if (want < HEADER + ERROR_BODY - 1 || want > SMB2_REPLY_MAX - FRAME) {
        return SMB2_NOT_SMB;
    }
    size_t seen = len - FRAME < sizeof magic ? len - FRAME : sizeof magic;
    if (memcmp(bytes + FRAME, magic, seen) != 0) {
        return SMB2_NOT_SMB;
    }
    if (len < FRAME + want) {
        return SMB2_PARTIAL;
    }
    return parse_message(bytes + FRAME, want, reply) ? SMB2_WHOLE : SMB2_NOT_SMB;
}

const char *smb2_dialect_name(uint16_t dialect) {
    for (size_t i = 0; i < DIALECTS; i++) {
        if (dialects[i].number == dialect) {
            return dialects[i].name;
        }
    }
    return "SMB";
}
