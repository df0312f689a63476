/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "common/numeric.h"

#include <arpa/inet.h>
#include <string.h>

static void unmap(struct numeric *out) {
    static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

    if (out->family == AF_INET6 && !memcmp(out->bytes, prefix, sizeof prefix)) {
        out->family = AF_INET;
        memmove(out->bytes, out->bytes + sizeof prefix, 4);
        memset(out->bytes + 4, 0, 12);
    }
}

bool numeric_parse(const char *text, struct numeric *out) {
    char plain[NUMERIC_TEXT_MAX];
    size_t len = strcspn(text, "%");

    memset(out, 0, sizeof *out);
    if (len >= sizeof plain) {
        return false;
    }
    memcpy(plain, text, len);
    plain[len] = '\0';
    out->family = strchr(plain, ':') ? AF_INET6 : AF_INET;
    if (inet_pton(out->family, plain, out->bytes) != 1) {
        return false;
    }
    unmap(out);
    return true;
}

bool numeric_from_sockaddr(const struct sockaddr *address, struct numeric *out) {
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    memset(out, 0, sizeof *out);
    out->family = address->sa_family;
    if (out->family == AF_INET) {
        memcpy(&v4, address, sizeof v4);
        memcpy(out->bytes, &v4.sin_addr, 4);
    } else if (out->family == AF_INET6) {
        memcpy(&v6, address, sizeof v6);
        memcpy(out->bytes, &v6.sin6_addr, 16);
    } else {
        return false;
    }
    unmap(out);
    return true;
}

bool numeric_equal(const struct numeric *a, const struct numeric *b) {
    return a->family == b->family && !memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

void numeric_text(const struct numeric *address, char text[NUMERIC_TEXT_MAX]) {
    if (!inet_ntop(address->family, address->bytes, text, NUMERIC_TEXT_MAX)) {
        memcpy(text, "?", sizeof "?");
    }
}
