/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <string.h>

#include "base/siphash.h"

/* As in the paper's appendix: key 00 01 .. 0f, message 00 01 .. */
static uint64_t hash_of(size_t len, size_t cut) {
    unsigned char key[SIPHASH_KEY], message[64];
    for (unsigned char i = 0; i < sizeof message; i++)
        message[i] = i;
    memcpy(key, message, sizeof key);
    struct siphash h;
    siphash_begin(&h, key);
    siphash_add(&h, message, cut);
    siphash_add(&h, message + cut, len - cut);
    return siphash_end(&h);
}

Test(siphash, gives_the_published_values) {
    cr_assert_eq(hash_of(15, 0), 0xa129ca6149be45e5u);
    cr_assert_eq(hash_of(0, 0), 0x726fdb47dd0e0e31u);
}

Test(siphash, does_not_mind_in_how_many_pieces_it_comes) {
    for (size_t len = 0; len <= 64; len++)
        for (size_t cut = 0; cut <= len; cut++)
            cr_assert_eq(hash_of(len, cut), hash_of(len, 0), "%zu at %zu", len, cut);
}

Test(siphash, differs_by_key_and_message_and_leaves_nothing) {
    unsigned char key[SIPHASH_KEY] = {0};
    struct siphash h, zero = {.v = {0}};
    siphash_begin(&h, key);
    siphash_add(&h, "secret", 6);
    uint64_t one = siphash_end(&h);
    cr_assert_eq(memcmp(&h, &zero, sizeof h), 0);
    key[15] = 1;
    siphash_begin(&h, key);
    siphash_add(&h, "secret", 6);
    uint64_t two = siphash_end(&h);
    siphash_begin(&h, key);
    siphash_add(&h, "secreu", 6);
    cr_assert(one != two && two != siphash_end(&h));
}
