/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/schedule.h"

uint32_t schedule_key(const char *name) {
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    return hash ^ (hash >> 15);
}

uint64_t schedule_next(uint64_t now_ms, uint32_t interval_ms, uint32_t key) {
    uint64_t interval = interval_ms < SCHEDULE_SLOT_MS ? SCHEDULE_SLOT_MS : interval_ms;
    uint64_t slots = interval / SCHEDULE_SLOT_MS;
    uint64_t phase = key % slots * SCHEDULE_SLOT_MS;
    uint64_t due = now_ms / interval * interval + phase;
    /* Never sooner than half an interval from now: a look just taken need not be repeated. */
    while (due < now_ms + interval / 2u)
        due += interval;
    return due;
}

uint32_t schedule_idle_check_ms(uint32_t idle_unmount_ms) {
    uint32_t check = idle_unmount_ms / 4u;
    return check < 1000u ? 1000u : check > 60000u ? 60000u : check;
}
