/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Time as the rest of the program sees it. Pure code never calls these: it gets the time given. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define CLOCK_TEXT_MAX 32

/* Milliseconds since boot, sleep included (CLOCK_BOOTTIME; macOS: CLOCK_MONOTONIC). */
uint64_t clock_boot_ms(void);

/* Milliseconds that the machine was awake (CLOCK_MONOTONIC; macOS: CLOCK_UPTIME_RAW). */
uint64_t clock_awake_ms(void);

/* Milliseconds since 1970, for people. */
uint64_t clock_wall_ms(void);

/* "2026-11-22 14:03:09" in local time; text must hold CLOCK_TEXT_MAX. */
void clock_format_wall(uint64_t wall_ms, char text[CLOCK_TEXT_MAX]);

/* "850 ms", "12 s", "4 min 10 s", "3 h 5 min", "12 d 4 h". */
void clock_format_span(uint64_t span_ms, char text[CLOCK_TEXT_MAX]);

#endif
