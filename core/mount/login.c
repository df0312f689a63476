/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "mount/login.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"

/* With its NUL, so that no two different logins run into the same bytes. */
static void add_without_case(struct siphash *h, const char *text) {
    for (;; text++) {
        char c = *text;
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        siphash_add(h, &c, 1);
        if (c == '\0')
            return;
    }
}

uint32_t login_number(const unsigned char key[SIPHASH_KEY], const struct credentials *credentials) {
    static const unsigned char no_key[SIPHASH_KEY];
    const struct secret *password = &credentials->password;
    if (password->bytes == NULL || memcmp(key, no_key, sizeof no_key) == 0)
        return 0;
    struct siphash h;
    siphash_begin(&h, key);
    add_without_case(&h, credentials->username);
    add_without_case(&h, credentials->domain);
    siphash_add(&h, password->bytes, password->len);
    uint32_t number = (uint32_t)siphash_end(&h);
    return number != 0 ? number : 1;
}

size_t login_encode_leave(uint32_t type, const struct login_leave *leave, void *buffer,
                          size_t size) {
    struct wire_out w;
    wire_begin(&w, buffer, size, type);
    wire_put_u32(&w, leave->refused);
    wire_put_u32(&w, (uint32_t)leave->os_errno);
    wire_put_str(&w, leave->status);
    wire_put_str(&w, leave->mount);
    return wire_end(&w);
}

int login_decode_leave(struct wire_in *payload, struct login_leave *leave) {
    *leave = (struct login_leave){0};
    leave->refused = wire_get_u32(payload) != 0;
    leave->os_errno = (int32_t)wire_get_u32(payload);
    bool fits = str_copy(leave->status, sizeof leave->status, wire_get_str(payload));
    fits = str_copy(leave->mount, sizeof leave->mount, wire_get_str(payload)) && fits;
    return fits && wire_done(payload) ? 0 : -EPROTO;
}
