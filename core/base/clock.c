/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#ifdef __APPLE__
#define CLOCK_WITH_SLEEP CLOCK_MONOTONIC
#define CLOCK_WITHOUT_SLEEP CLOCK_UPTIME_RAW
#else
#define CLOCK_WITH_SLEEP CLOCK_BOOTTIME
#define CLOCK_WITHOUT_SLEEP CLOCK_MONOTONIC
#endif

static uint64_t read_ms(clockid_t id) {
    struct timespec t = {0};
    clock_gettime(id, &t);
    return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

uint64_t clock_boot_ms(void) {
    return read_ms(CLOCK_WITH_SLEEP);
}

uint64_t clock_awake_ms(void) {
    return read_ms(CLOCK_WITHOUT_SLEEP);
}

uint64_t clock_wall_ms(void) {
    return read_ms(CLOCK_REALTIME);
}

void clock_format_wall(uint64_t wall_ms, char text[CLOCK_TEXT_MAX]) {
    time_t seconds = (time_t)(wall_ms / 1000u);
    struct tm parts;
    if (localtime_r(&seconds, &parts) == NULL ||
        strftime(text, CLOCK_TEXT_MAX, "%Y-%m-%d %H:%M:%S", &parts) == 0)
        snprintf(text, CLOCK_TEXT_MAX, "?");
}

void clock_format_span(uint64_t span_ms, char text[CLOCK_TEXT_MAX]) {
    uint64_t s = span_ms / 1000u;
    if (span_ms < 1000u)
        snprintf(text, CLOCK_TEXT_MAX, "%" PRIu64 " ms", span_ms);
    else if (s < 10u)
        snprintf(text, CLOCK_TEXT_MAX, "%" PRIu64 ".%" PRIu64 " s", s, span_ms % 1000u / 100u);
    else if (s < 60u)
        snprintf(text, CLOCK_TEXT_MAX, "%" PRIu64 " s", s);
    else if (s < 3600u)
        snprintf(text, CLOCK_TEXT_MAX, "%" PRIu64 " min %" PRIu64 " s", s / 60u, s % 60u);
    else if (s < 86400u)
        snprintf(text, CLOCK_TEXT_MAX, "%" PRIu64 " h %" PRIu64 " min", s / 3600u, s % 3600u / 60u);
    else
        snprintf(text, CLOCK_TEXT_MAX, "%" PRIu64 " d %" PRIu64 " h", s / 86400u,
                 s % 86400u / 3600u);
}
