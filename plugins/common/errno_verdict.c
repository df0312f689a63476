/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "common/errno_verdict.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "common/report.h"

#ifndef EREMCHG
#define EREMCHG ENOENT
#endif

/* Where only one column speaks, both say the same. */
struct row {
    int error;
    uint32_t smb, other; /* enum smbm_verdict */
    const char *meaning;
};

static const struct row rows[] = {
    {EPERM, SMBM_BLIND, SMBM_BLIND, "we may not look"},
    {EACCES, SMBM_BLIND, SMBM_BLIND, "we may not look"},
    {ENOENT, SMBM_GONE, SMBM_DEAD, "the share is gone"},
    {EREMCHG, SMBM_GONE, SMBM_DEAD, "the share is gone"},
    {EAGAIN, SMBM_SUSPECT, SMBM_SUSPECT, "the kernel gave its connection up meanwhile"},
    {EHOSTDOWN, SMBM_SUSPECT, SMBM_DEAD, "the server does not let us through"},
    {ENOTCONN, SMBM_DEAD, SMBM_DEAD, "the connection is gone"},
    {ECONNABORTED, SMBM_DEAD, SMBM_DEAD, "the connection was aborted"},
    {ECONNRESET, SMBM_DEAD, SMBM_DEAD, "the connection was cut"},
    {ESTALE, SMBM_DEAD, SMBM_DEAD, "the mount is stale"},
    {EIO, SMBM_DEAD, SMBM_DEAD, "the mount fails"},
    {ENXIO, SMBM_DEAD, SMBM_DEAD, "the mount has no device"},
    {ENODEV, SMBM_DEAD, SMBM_DEAD, "the mount has no device"},
};

static const struct row *find(int error) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].error == error) {
            return &rows[i];
        }
    }
    return NULL;
}

/* When the server lets go of the share only (its folder may no longer be entered), Linux 6.1 never
 * asks for it again: every call fails at once with EAGAIN, for good. One alone is what an ordinary
 * reconnect gives to whoever was waiting. Nothing of the kind is known of macOS. */
#ifdef __linux__
#define AGAIN_MAX 3
#else
#define AGAIN_MAX UINT64_MAX
#endif

static bool given_up(struct smbm_report *report, int error, uint64_t took_ms, bool smb) {
    bool again = smb && error == EAGAIN && took_ms < ERRNO_FAST_MS;

    report->carry[ERRNO_AGAIN_WORD] = again ? report->carry[ERRNO_AGAIN_WORD] + 1 : 0;
    return report->carry[ERRNO_AGAIN_WORD] >= AGAIN_MAX;
}

void errno_report(struct smbm_report *report, const char *call, int error, uint64_t took_us,
                  bool smb) {
    const struct row *row = find(error);
    uint64_t took_ms = took_us / 1000;
    uint32_t verdict = SMBM_SUSPECT; /* what is not in the table is not definite */
    const char *meaning = "unusual";

    if (row) {
        verdict = smb ? row->smb : row->other;
        meaning = row->meaning;
    }
    if (smb && error == EHOSTDOWN && took_ms >= ERRNO_SLOW_MS) {
        verdict = SMBM_DEAD;
        meaning = "the connection is dead";
    } else if (smb && error == EHOSTDOWN && took_ms < ERRNO_FAST_MS) {
        meaning = "the login or the session is broken";
    }
    if (given_up(report, error, took_ms, smb)) {
        verdict = SMBM_DEAD;
        meaning = "the server let go of the share, and the kernel has not asked for it again";
    }
    report->os_errno = error;
    report->took_us = took_us;
    if (verdict == SMBM_GONE) { /* that says it all; EREMCHG speaks of addresses */
        report_set(report, verdict, "%s failed after %llu ms: %s on the server", call,
                   (unsigned long long)took_ms, meaning);
    } else {
        report_set(report, verdict, "%s failed after %llu ms: %s (%s)", call,
                   (unsigned long long)took_ms, strerror(error), meaning);
    }
}
