/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Any text as a mount table: every entry must be found again by its id and its mountpoint. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mount/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct mount_table table;
    size_t skipped;
    char *text = malloc(size + 1);
    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    if (mount_table_parse(&table, text, size, &skipped) != 0)
        return 0;
    for (size_t i = 0; i < table.len; i++) {
        const struct mount_entry *entry = &table.items[i], *found;
        struct mount_expect expect = {
            .mountpoint = entry->mountpoint, .fstype = entry->fstype, .source = entry->source};
        if (mount_table_by_id(&table, entry->id) == NULL ||
            mount_table_depth(&table, entry->mountpoint) == 0 ||
            mount_identify(&table, &expect, &found) == MOUNT_ABSENT)
            abort();
    }
    mount_table_finish(&table);
    return 0;
}
