/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* How the calls of each plugin went wrong, for `smbmounter plugins`: a plugin that crashes every
 * time harms nobody, and would never be noticed otherwise. */
#ifndef DAEMON_PLUGIN_FAULTS_H
#define DAEMON_PLUGIN_FAULTS_H

#include <smbmounter/plugin.h>
#include <stdbool.h>
#include <stdint.h>

#include "plugin/descriptor.h"
#include "plugin/pool.h"

struct plugin_faults {
    struct plugin_faults *next;
    enum smbm_kind kind;
    char name[DESCRIPTOR_NAME_MAX];
    uint64_t late, crashed, refused;
    uint64_t in_a_row; /* since it last answered */
    uint64_t last_ms;  /* wall time */
    char last_mount[64];
    char last[SMBM_TEXT_MAX];
};

/* A call of plugin ended so, for a mount (or server) of that name. text: its evidence or reason. */
void plugin_faults_note(struct plugin_faults **list, const struct descriptor *plugin,
                        enum pool_end end, const char *mount, const char *text, uint64_t wall_ms);

/* NULL when none of its calls has ever gone wrong. */
const struct plugin_faults *plugin_faults_find(const struct plugin_faults *list,
                                               const struct descriptor *plugin);

/* Is it the plugin's own fault? A probe that asks the share itself hangs when the share does. */
bool plugin_faults_own(const struct plugin_faults *faults, const struct descriptor *plugin);

/* One line that tells it, to be followed by nothing. */
void plugin_faults_words(const struct plugin_faults *faults, char *text, size_t size);

void plugin_faults_finish(struct plugin_faults **list);

#endif
