/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "config/suggest.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#define WORD_MAX 64

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Optimal string alignment distance, three rows of its matrix. */
size_t suggest_distance(const char *a, const char *b) {
    size_t rows[3][WORD_MAX + 1];
    size_t len_a = strnlen(a, WORD_MAX + 1), len_b = strnlen(b, WORD_MAX + 1);
    if (len_a > WORD_MAX || len_b > WORD_MAX)
        return SIZE_MAX;
    for (size_t k = 0; k <= len_b; k++)
        rows[0][k] = k;
    for (size_t i = 1; i <= len_a; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t k = 1; k <= len_b; k++) {
            size_t changed = above[k - 1] + (a[i - 1] != b[k - 1] ? 1 : 0);
            row[k] = least(changed, least(above[k], row[k - 1]) + 1);
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                row[k] = least(row[k], two_above[k - 2] + 1);
        }
    }
    return rows[len_a % 3][len_b];
}

void suggest_offer(struct suggest *s, const char *candidate) {
    size_t distance = suggest_distance(s->word, candidate);
    size_t limit = least(strlen(candidate) / 3 + 1, 4);
    if (distance > limit || (s->best != NULL && distance >= s->distance))
        return;
    s->best = candidate;
    s->distance = distance;
}

bool suggest_is_secret(const char *key, size_t len) {
    static const char *const stems[] = {"pass", "pwd", "secret", "token"};
    for (size_t i = 0; i < sizeof stems / sizeof stems[0]; i++) {
        size_t stem = strlen(stems[i]);
        for (size_t at = 0; at + stem <= len; at++)
            if (strncasecmp(key + at, stems[i], stem) == 0)
                return true;
    }
    return false;
}
