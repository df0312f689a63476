/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Plugin files, in a plugin host only. A file is trusted by its owner and mode (base/secure.h),
 * copied to sealed memory (before the process gives up its rights) and loaded from there, so nobody
 * can change it under us; its header is checked and copied before any of its functions is called.
 */
#ifndef PLUGIN_LOADER_H
#define PLUGIN_LOADER_H

#include <smbmounter/plugin.h>
#include <sys/types.h>

#include "base/err.h"

#define LOADER_FILE_MAX (64u * 1024u * 1024u)

struct plugin {
    uint32_t kind;                 /* enum smbm_kind */
    struct smbm_probe probe;       /* whole and zero-filled, when kind is SMBM_KIND_PROBE */
    struct smbm_recovery recovery; /* the same, when it is SMBM_KIND_RECOVERY */
};

/*
 * Copy the file at path to sealed memory when it can be trusted. next_fd is the lowest descriptor
 * number for the copy and is raised: a number is never used twice, since the dynamic linker knows
 * a library by its path, and /proc/self/fd/N again would be the old one. The descriptor, which
 * stays open for life; -ENOTSUP where there is no sealed memory (the file is then loaded by its
 * path); or another -errno with err naming the file.
 */
int loader_copy(const char *path, uid_t trusted_uid, int *next_fd, struct err *err);

/* Load the copy (-ENOTSUP: the file at path itself) for the life of this process: the first thing
 * that runs code of the plugin. 0 or -errno, err naming the file. */
int loader_load(const char *path, int copy, struct plugin *plugin, struct err *err);

/* Check what `smbm_plugin` points at and copy it. 0, or -EINVAL with what is wrong. */
int loader_check(const void *symbol, struct plugin *plugin, struct err *err);

const struct smbm_header *plugin_header(const struct plugin *plugin);

#endif
