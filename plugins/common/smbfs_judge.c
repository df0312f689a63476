/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <string.h>

#include "common/report.h"
#include "common/smbfs.h"

/* What cannot be asked says nothing of the mount: that it is gone is for the mount table to say. */
static void judge_error(int error, struct smbm_report *report) {
    report->os_errno = error;
    if (error == ENOENT) {
        report_set(report, SMBM_BLIND, "the kernel has no such mount, or is taking it down");
    } else if (error == EPERM || error == EACCES) {
        report_set(report, SMBM_BLIND, "the kernel does not let us ask: %s", strerror(error));
    } else {
        report_set(report, SMBM_BLIND, "the kernel cannot be asked: %s", strerror(error));
    }
}

void smbfs_judge(const struct smbfs_status *status, uint64_t limit_ms, struct smbm_report *report) {
    if (status->error) {
        judge_error(status->error, report);
    } else if (status->dead) {
        report_set(report, SMBM_DEAD,
                   "the kernel has given the connection up; every call fails until it is mounted "
                   "anew");
    } else if (status->not_responding) {
        report_set(report, SMBM_SUSPECT, "the kernel hears nothing from the server for %u s",
                   status->wait_s);
    } else if (status->wait_s * 1000ull >= limit_ms) {
        report_set(report, SMBM_SUSPECT, "%u %s, the oldest for %u s", status->threads,
                   status->threads == 1 ? "thread waits for the server"
                                        : "threads wait for the server",
                   status->wait_s);
    } else {
        report_set(report, SMBM_HEALTHY, "the kernel has no complaint, %u %s for the server",
                   status->threads, status->threads == 1 ? "thread waits" : "threads wait");
    }
}
