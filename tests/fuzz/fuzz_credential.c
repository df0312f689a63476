/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Any bytes as a credential store: what is accepted holds its promises, and no error text holds a
 * byte of the store. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "mount/credential_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int rc, const struct credentials *got) {
    if (rc != 0)
        return;
    size_t user = strlen(got->username), domain = strlen(got->domain);
    if (got->password.bytes == NULL || got->password.len >= SECRET_MAX ||
        memchr(got->password.bytes, '\n', got->password.len) != NULL ||
        strchr(got->username, ',') != NULL || strchr(got->domain, ',') != NULL ||
        !str_is_clean(got->username, user) || !str_is_clean(got->domain, domain))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct secret raw;
    struct err err;
    if (size > CREDENTIAL_BYTES_MAX || (size > 0 && memchr(data, '\0', size) != NULL) ||
        secret_alloc(&raw, NULL) != 0)
        return 0;
    if (size > 0)
        memcpy(raw.bytes, data, size);
    raw.len = size;
    struct credentials strict = {0}, any = {0};
    check(credential_parse(&raw, "store", &strict, &err), &strict);
    check(credential_parse_any(&raw, "store", &any, &err), &any);
    credentials_wipe(&strict);
    credentials_wipe(&any);
    secret_wipe(&raw);
    return 0;
}
