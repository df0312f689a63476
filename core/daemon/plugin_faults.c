/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/plugin_faults.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"

static struct plugin_faults *find(struct plugin_faults *list, const struct descriptor *plugin) {
    for (struct plugin_faults *f = list; f != NULL; f = f->next)
        if (f->kind == (enum smbm_kind)plugin->kind && strcmp(f->name, plugin->name) == 0)
            return f;
    return NULL;
}

const struct plugin_faults *plugin_faults_find(const struct plugin_faults *list,
                                               const struct descriptor *plugin) {
    return find((struct plugin_faults *)(uintptr_t)list, plugin);
}

static struct plugin_faults *add(struct plugin_faults **list, const struct descriptor *plugin) {
    struct plugin_faults *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->kind = (enum smbm_kind)plugin->kind;
    str_copy(f->name, sizeof f->name, plugin->name);
    f->next = *list;
    *list = f;
    return f;
}

void plugin_faults_note(struct plugin_faults **list, const struct descriptor *plugin,
                        enum pool_end end, const char *mount, const char *text, uint64_t wall_ms) {
    struct plugin_faults *f = find(*list, plugin);
    if (end == POOL_UNASKED)
        return;
    if (end == POOL_ANSWERED) {
        if (f != NULL)
            f->in_a_row = 0;
        return;
    }
    if (f == NULL && (f = add(list, plugin)) == NULL)
        return;
    f->late += end == POOL_LATE;
    f->crashed += end == POOL_CRASHED;
    f->refused += end == POOL_REFUSED;
    f->in_a_row++;
    f->last_ms = wall_ms;
    str_copy(f->last_mount, sizeof f->last_mount, mount);
    str_copy(f->last, sizeof f->last, text);
}

bool plugin_faults_own(const struct plugin_faults *faults, const struct descriptor *plugin) {
    bool asks_share = plugin->kind == SMBM_KIND_PROBE && plugin->subject == SMBM_ON_MOUNT &&
                      (plugin->flags & SMBM_PROBE_PASSIVE) == 0;
    if (faults == NULL || faults->in_a_row == 0)
        return false;
    return !asks_share || faults->crashed != 0 || faults->refused != 0;
}

void plugin_faults_words(const struct plugin_faults *faults, char *text, size_t size) {
    char when[CLOCK_TEXT_MAX];
    clock_format_wall(faults->last_ms, when);
    snprintf(text, size,
             "late %" PRIu64 ", crashed %" PRIu64 ", rubbish %" PRIu64 " times; last at %s for "
             "'%s': %s",
             faults->late, faults->crashed, faults->refused, when, faults->last_mount,
             faults->last);
}

void plugin_faults_finish(struct plugin_faults **list) {
    while (*list != NULL) {
        struct plugin_faults *f = *list;
        *list = f->next;
        free(f);
    }
}
