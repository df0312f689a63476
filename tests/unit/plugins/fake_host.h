/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A host in miniature: loads one plugin, fills in its options, and calls it in this process. */
#ifndef FAKE_HOST_H
#define FAKE_HOST_H

#include <smbmounter/plugin.h>
#include <stddef.h>

struct fake_plugin {
    void *object;
    const struct smbm_header *header;
    const struct smbm_probe *probe;       /* or NULL */
    const struct smbm_recovery *recovery; /* or NULL */
    struct smbm_value values[32];
    int64_t lists[32][32];
    uint64_t carry[SMBM_CARRY_WORDS];
    void *instance; /* of the mount, when fake_open made one */
};

/* Load a file (a name without slash: from the build's plugin folder) with its default options.
 * NULL or what is wrong. */
const char *fake_load(struct fake_plugin *plugin, const char *file);

/* Set an option from text as in YAML. 0, or -1 when the table does not have it or refuses it. */
int fake_option(struct fake_plugin *plugin, const char *name, const char *text);

/* Make the instance for a mount. NULL or what the plugin says; the text lasts until the next call.
 */
const char *fake_open(struct fake_plugin *plugin, const struct smbm_mount *mount);

/* One call. carry goes in, and what comes out is kept for the next. */
struct smbm_report fake_run(struct fake_plugin *plugin, const struct smbm_mount *mount,
                            uint64_t now_ms, uint32_t timeout_ms);
struct smbm_decision fake_next(struct fake_plugin *plugin, const struct smbm_mount *mount,
                               const struct smbm_situation *situation);

const char *fake_verdict_name(uint32_t verdict);

#endif
