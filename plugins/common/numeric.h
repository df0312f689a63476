/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Numeric addresses: compared as numbers, since one address has many spellings. */
#ifndef PLUGINS_COMMON_NUMERIC_H
#define PLUGINS_COMMON_NUMERIC_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#define NUMERIC_TEXT_MAX 64

struct numeric {
    int family; /* AF_INET, AF_INET6 */
    uint8_t bytes[16];
};

/* "10.9.0.2", "fe80::1%eth0" (the scope is dropped); a mapped IPv4 address becomes IPv4.
 * False when it is no numeric address. */
bool numeric_parse(const char *text, struct numeric *out);
bool numeric_from_sockaddr(const struct sockaddr *address, struct numeric *out);
bool numeric_equal(const struct numeric *a, const struct numeric *b);
/* Never fails; "?" for what it does not know. */
void numeric_text(const struct numeric *address, char text[NUMERIC_TEXT_MAX]);

#endif
