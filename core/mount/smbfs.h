/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* How macOS's SMB client names its mounts (f_mntfromname), and the URL that asks for one. Pure. */
#ifndef MOUNT_SMBFS_H
#define MOUNT_SMBFS_H

#include <stdbool.h>
#include <stddef.h>

#define SMBFS_PART_MAX 512

/* "//[DOMAIN;][user[:]@]host[:port]/share[/folder]" with %XX decoded. Host without brackets. */
struct smbfs_source {
    char host[SMBFS_PART_MAX], share[SMBFS_PART_MAX];
};
/* False for what has not that form, or decodes to a NUL or control byte. */
bool smbfs_source_parse(const char *text, struct smbfs_source *source);

/* expected: "//server/share" as the configuration has it, not escaped. found: from the table. */
bool smbfs_source_equal(const char *expected, const char *found);

#endif
