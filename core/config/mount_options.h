/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * The mount options that a user may give for an SMB mount, by name and type: of mount.cifs(8) those
 * that make sense under supervision, of macOS the few that there are. One table serves the checker,
 * the option builder, the example file and the manual. What is not in it is refused.
 */
#ifndef CONFIG_MOUNT_OPTIONS_H
#define CONFIG_MOUNT_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define MOUNT_OPTION_TEXT_MAX 255 /* the kernel takes no longer value */

enum mount_option_kind {
    MOUNT_OPTION_FLAG,   /* passed to the file system: "seal" */
    MOUNT_OPTION_INT,    /* key=min..max */
    MOUNT_OPTION_OCTAL,  /* key=mode */
    MOUNT_OPTION_ID,     /* key=number or a user/group name */
    MOUNT_OPTION_CHOICE, /* key=one of */
    MOUNT_OPTION_TEXT,   /* key=text without comma and control bytes */
    MOUNT_OPTION_VFS,    /* a flag of the kernel's mount, not of cifs: ro, noexec, noatime ... */
    MOUNT_OPTION_FORCED, /* accepted and always on: nosuid, nodev, soft */
};

struct mount_option {
    const char *name;
    enum mount_option_kind kind;
    int64_t min, max;
    const char *choices; /* "a|b" */
    unsigned long vfs;   /* MS_* */
    const char *help;
};

extern const struct mount_option mount_option_table[];
extern const size_t mount_option_table_len;

const struct mount_option *mount_option_find(const char *name, size_t len);

/* Check one word "key" or "key=value". 0 or -EINVAL with what is allowed. */
int mount_option_check(const char *word, struct err *err);

#endif
