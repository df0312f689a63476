/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "base/siphash.h"

#include <string.h>

static uint64_t rotate(uint64_t x, unsigned bits) {
    return (x << bits) | (x >> (64u - bits));
}

static void mix(uint64_t v[4], unsigned rounds) {
    while (rounds-- > 0) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
    }
}

static uint64_t little_endian(const unsigned char *bytes) {
    uint64_t word = 0;
    for (unsigned i = 0; i < 8; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

static void take_word(struct siphash *h, uint64_t word) {
    h->v[3] ^= word;
    mix(h->v, 2);
    h->v[0] ^= word;
}

void siphash_begin(struct siphash *h, const unsigned char key[SIPHASH_KEY]) {
    uint64_t k0 = little_endian(key), k1 = little_endian(key + 8);
    *h = (struct siphash){.v = {k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du,
                                k0 ^ 0x6c7967656e657261u, k1 ^ 0x7465646279746573u}};
}

void siphash_add(struct siphash *h, const void *bytes, size_t len) {
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < len; i++) {
        h->word |= (uint64_t)byte[i] << (8 * (h->len % 8));
        if (++h->len % 8 != 0)
            continue;
        take_word(h, h->word);
        h->word = 0;
    }
}

/* Through volatile, so that it is not optimized away; the system's own call is above this layer. */
static void wipe(void *bytes, size_t size) {
    for (volatile unsigned char *p = bytes; size > 0; size--)
        *p++ = 0;
}

uint64_t siphash_end(struct siphash *h) {
    take_word(h, h->word | (uint64_t)h->len << 56);
    h->v[2] ^= 0xff;
    mix(h->v, 4);
    uint64_t hash = h->v[0] ^ h->v[1] ^ h->v[2] ^ h->v[3];
    wipe(h, sizeof *h);
    return hash;
}
