/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "common/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

void report_set(struct smbm_report *report, uint32_t verdict, const char *format, ...) {
    va_list args;

    report->verdict = verdict;
    va_start(args, format);
    vsnprintf(report->evidence, sizeof report->evidence, format, args);
    va_end(args);
}

void decide(struct smbm_decision *decision, uint32_t step, const char *format, ...) {
    va_list args;

    decision->step = step;
    va_start(args, format);
    vsnprintf(decision->reason, sizeof decision->reason, format, args);
    va_end(args);
}

bool is_smb_fstype(const char *fstype) {
    return !strcmp(fstype, "cifs") || !strcmp(fstype, "smb3") || !strcmp(fstype, "smbfs");
}

bool has_server(const struct smbm_mount *mount) {
    return mount->server[0] != '\0';
}

uint64_t monotonic_us(void) {
#ifdef CLOCK_BOOTTIME
    const clockid_t id = CLOCK_BOOTTIME;
#else
    const clockid_t id = CLOCK_MONOTONIC;
#endif
    struct timespec t = {0, 0};

    clock_gettime(id, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}
