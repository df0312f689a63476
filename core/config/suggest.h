/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What a person may have meant by a misspelt word, and words that smell of a secret. */
#ifndef CONFIG_SUGGEST_H
#define CONFIG_SUGGEST_H

#include <stdbool.h>
#include <stddef.h>

/* Single-character edits between two words, neighbours swapped count as one. Words longer than 64
 * bytes are as far apart as can be. */
size_t suggest_distance(const char *a, const char *b);

/* Keeps the nearest of the candidates that are offered one after the other. */
struct suggest {
    const char *word;
    const char *best; /* NULL: nothing is near enough to be meant */
    size_t distance;
};
void suggest_offer(struct suggest *s, const char *candidate);

/* "password", "pass", "passwd", "smb_secret": a key under which people write a password. */
bool suggest_is_secret(const char *key, size_t len);

#endif
