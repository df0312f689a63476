/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Filling in a report, and what several probes ask of a mount. */
#ifndef PLUGINS_COMMON_REPORT_H
#define PLUGINS_COMMON_REPORT_H

#include <smbmounter/plugin.h>
#include <stdbool.h>

/* Set verdict and evidence (printf, cut at its room). */
void report_set(struct smbm_report *report, uint32_t verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Set step and reason of a decision (printf, cut at its room). */
void decide(struct smbm_decision *decision, uint32_t step, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Is it the kernel's SMB client: cifs, smb3 (Linux), smbfs (macOS)? */
bool is_smb_fstype(const char *fstype);

/* An SMB mount has a server to ask; one of mounter command has none. */
bool has_server(const struct smbm_mount *mount);

/* Monotonic time that goes on during sleep. */
uint64_t monotonic_us(void);

#endif
