/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash of 64 bits. Whoever lacks the key can
 * neither compute it nor guess what went in.
 */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#define SIPHASH_KEY 16u /* bytes */

struct siphash {
    uint64_t v[4];
    uint64_t word; /* bytes that do not fill a word yet */
    size_t len;    /* bytes in all */
};

void siphash_begin(struct siphash *h, const unsigned char key[SIPHASH_KEY]);
void siphash_add(struct siphash *h, const void *bytes, size_t len);
/* The hash; h is wiped. */
uint64_t siphash_end(struct siphash *h);

#endif
