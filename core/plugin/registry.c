/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "plugin/registry.h"

#include <stdlib.h>
#include <string.h>

void registry_destroy(struct registry *registry) {
    if (registry == NULL)
        return;
    for (size_t i = 0; i < registry->len; i++)
        descriptor_finish(&registry->items[i]);
    free(registry->items);
    free(registry);
}

/* A plugin that could not be loaded has told no name: its file's name stands for it. */
static bool is_named(const struct descriptor *d, const char *name) {
    size_t len = strlen(name);
    if (d->kind != 0)
        return strcmp(d->name, name) == 0;
    return strncmp(d->file, name, len) == 0 && d->file[len] == '.';
}

const struct descriptor *registry_find(const struct registry *registry, enum smbm_kind kind,
                                       const char *name) {
    const struct descriptor *broken = NULL;
    for (size_t i = 0; i < registry->len; i++) {
        const struct descriptor *d = &registry->items[i];
        if ((d->kind != 0 && d->kind != kind) || !is_named(d, name))
            continue;
        if (d->ok)
            return d;
        if (broken == NULL)
            broken = d;
    }
    return broken;
}
