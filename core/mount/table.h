/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * The live mount table: one reading for all mounts, after each event that the os layer delivers.
 * Parsed from text that anyone who can mount may have shaped: bounded, octal escapes decoded,
 * fields by position after " - " (proc(5)).
 */
#ifndef MOUNT_TABLE_H
#define MOUNT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct mount_entry {
    uint64_t id, parent; /* mountinfo ids; macOS: fsid and 0 */
    uint64_t device;     /* major << 32 | minor */
    char *mountpoint, *root, *fstype, *source, *options, *super_options; /* decoded */
};

struct mount_table {
    struct mount_entry *items; /* in the kernel's order */
    size_t len;
    char *text;        /* the strings point in here */
    uint32_t *buckets; /* by mountpoint */
    size_t buckets_len;
};

/* Parse mountinfo text; takes over text (malloc'd, len bytes, modified). Bad lines are skipped and
 * counted in *skipped. 0 or -ENOMEM. */
int mount_table_parse(struct mount_table *table, char *text, size_t len, size_t *skipped);
void mount_table_finish(struct mount_table *table);
/* It was parsed, if only nothing; zeroed memory was not. */
bool mount_table_is_there(const struct mount_table *table);

/* The topmost entry at a mountpoint (the last one listed), or NULL. */
const struct mount_entry *mount_table_top(const struct mount_table *table, const char *mountpoint);
const struct mount_entry *mount_table_by_id(const struct mount_table *table, uint64_t id);
/* The mount that an absolute path without symlinks is on; NULL when the table does not tell. */
const struct mount_entry *mount_table_holding(const struct mount_table *table, const char *path);
/* A list of options has this word. */
bool mount_option_in(const char *options, const char *word);
/* How many are stacked at a mountpoint. */
size_t mount_table_depth(const struct mount_table *table, const char *mountpoint);

/* Read and parse the whole table now (os layer's text). 0 or -errno. */
int mount_table_read(struct mount_table *table, struct err *err);

#endif
