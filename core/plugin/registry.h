/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * All plugin files of the folder and their descriptors. A scan asks one plugin host per file, all
 * at once, each with a deadline; a file that crashes or hangs is listed with that reason.
 */
#ifndef PLUGIN_REGISTRY_H
#define PLUGIN_REGISTRY_H

#include <uv.h>

#include "base/err.h"
#include "plugin/descriptor.h"

#define REGISTRY_FILES_MAX 128
#define REGISTRY_DESCRIBE_MS 10000

struct registry {
    char directory[1024];
    struct descriptor *items; /* sorted by file name */
    size_t len;
};

struct registry_scan; /* a scan under way */

/* err is set when the folder itself cannot be used (then the registry is empty). The callback owns
 * the registry from then on. */
typedef void registry_done(struct registry *registry, const struct err *err, void *context);

/* Start a scan of directory with the given host program. trusted_uid: see base/secure.h.
 * 0 or -errno (nothing will be called then). */
int registry_scan(uv_loop_t *loop, const char *host_path, const char *directory,
                  unsigned trusted_uid, registry_done *done, void *context);

void registry_destroy(struct registry *registry); /* NULL is fine */

/* By kind and name. Two files with one name: the first file wins, the second is not ok. NULL when
 * there is none; a broken one is found too (check ok). */
const struct descriptor *registry_find(const struct registry *registry, enum smbm_kind kind,
                                       const char *name);

#endif
