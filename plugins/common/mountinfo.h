/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The mount table: who is on top at a path. The text form is Linux's (/proc/self/mountinfo). */
#ifndef PLUGINS_COMMON_MOUNTINFO_H
#define PLUGINS_COMMON_MOUNTINFO_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mountinfo_entry {
    uint64_t id;
    uint64_t device; /* major << 32 | minor */
    char fstype[64];
    char source[PATH_MAX]; /* decoded */
};

/* The last line of text for that mountpoint, which is the topmost mount there. Lines that are not
 * as proc(5) has them are skipped. False when there is none. */
bool mountinfo_top(const char *text, size_t len, const char *mountpoint,
                   struct mountinfo_entry *entry);

/* The same of the table as it is now, which is read again only when the kernel says that it
 * changed. 1, 0: there is none, or -errno: the table cannot be read (-EFBIG: above 16 MiB). */
int mountinfo_find(const char *mountpoint, struct mountinfo_entry *entry);

/* "//NAS/media" and "//nas/media" are the same for SMB: the host has no case. */
bool mountinfo_same_source(const char *fstype, const char *a, const char *b);

#endif
