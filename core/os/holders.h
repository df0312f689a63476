/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#ifndef OS_HOLDERS_H
#define OS_HOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who holds a mount, never touching it, in two parts: what can be told only while the mount is in
 * the table, within limit_ms; and the search by it, which may as well come after the mount has
 * left. */
#define OS_HELD_MAX 1024
struct os_held {
    uint64_t device, marks[OS_HELD_MAX]; /* its ids, our own the first; macOS: processes */
    size_t len;
    uint64_t newest; /* the mount made last when this was noted, as a number never used again; 0
                        where the kernel cannot tell: Linux before 6.12, macOS */
    bool complete;
};
void os_note_held(uint64_t mount_id, uint64_t device, uint32_t limit_ms, struct os_held *held);

/* The search: processes with cwd, root, program, open or mapped files there, bounded in count and
 * time. left: where it was, when it has left the table; else NULL. 0 or -errno. */
#define OS_HOLDERS_NAMES 512
struct os_holders {
    unsigned holders, writers;
    bool complete;                /* false: the bound was reached */
    char names[OS_HOLDERS_NAMES]; /* "cp[812] (writing /mnt/media/a), bash[700]"; writers first */
};
int os_find_holders(const struct os_held *held, const char *left, uint32_t limit_ms,
                    struct os_holders *holders);

#endif
