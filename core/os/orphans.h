/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What our children leave behind. Linux only; elsewhere both do nothing. */
#ifndef OS_ORPHANS_H
#define OS_ORPHANS_H

#include <stdint.h>

/* Processes below us whose parents end become our children from now on. */
void os_adopt_orphans(void);

/* Kill and reap all our children, and theirs as they come to us, for so long at most. */
void os_end_children(uint32_t limit_ms);

#endif
