/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/refusals.h"

#include <string.h>

static size_t find(const struct refusals *refusals, uint32_t login) {
    size_t i = 0;
    while (i < refusals->len && refusals->items[i].login != login)
        i++;
    return i;
}

static void drop(struct refusals *refusals, size_t i) {
    refusals->len--;
    memmove(&refusals->items[i], &refusals->items[i + 1],
            (refusals->len - i) * sizeof refusals->items[0]);
}

void refusals_note(struct refusals *refusals, const struct refusal *refusal) {
    if (refusal->login == 0)
        return;
    struct refusal new = *refusal;
    size_t i = find(refusals, new.login);
    if (i < refusals->len) {
        const struct refusal *old = &refusals->items[i];
        new.sure = new.sure || old->sure || strcmp(old->mount, new.mount) != 0;
        drop(refusals, i);
    } else if (refusals->len == REFUSALS_MAX) {
        drop(refusals, 0);
    }
    refusals->items[refusals->len++] = new;
}

const struct refusal *refusals_against(const struct refusals *refusals, uint32_t login,
                                       const char *mount, uint64_t asked_ms) {
    size_t i = find(refusals, login);
    if (login == 0 || i == refusals->len || !refusals->items[i].sure)
        return NULL;
    const struct refusal *refusal = &refusals->items[i];
    uint64_t from_ms = refusal->at_ms;
    if (refusal->asked && strcmp(refusal->mount, mount) != 0)
        from_ms += REFUSALS_SAME_MS;
    return asked_ms > from_ms ? NULL : refusal;
}

bool refusals_clear(struct refusals *refusals, uint32_t login) {
    size_t i = find(refusals, login);
    if (login == 0 || i == refusals->len)
        return false;
    drop(refusals, i);
    return true;
}
