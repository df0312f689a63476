/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * When probes are due. Pure. Work is done in slots of one second, since a wake-up costs more than
 * a probe (facts/perf.md 4.4); the mounts of one interval are spread over its slots.
 */
#ifndef DAEMON_SCHEDULE_H
#define DAEMON_SCHEDULE_H

#include <stdint.h>

#define SCHEDULE_SLOT_MS 1000u

/* A number that spreads names evenly. */
uint32_t schedule_key(const char *name);

/* The next due time after now_ms for an interval, in the slot that key chooses. */
uint64_t schedule_next(uint64_t now_ms, uint32_t interval_ms, uint32_t key);

/* How often to look whether a mount is idle. */
uint32_t schedule_idle_check_ms(uint32_t idle_unmount_ms);

#endif
