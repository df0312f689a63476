/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Would write where root may: its evidence names what it could have written. Nothing is. */
#include <errno.h>
#include <fcntl.h>
#include <smbmounter/plugin.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void open_each(char *got) {
    static const char *const files[] = {"/proc/sys/kernel/hostname", "/proc/sysrq-trigger",
                                        "/proc/self/oom_score_adj", "/etc/passwd"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        int fd = open(files[i], O_WRONLY | O_CLOEXEC);
        if (fd >= 0) {
            strcat(strcat(got, " "), files[i]);
            close(fd);
        } else if (errno != EACCES && errno != ENOENT) {
            strcat(got, " (another error)");
        }
    }
}

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    (void)instance;
    (void)mount;
    (void)call;
    char got[SMBM_TEXT_MAX] = "";
    open_each(got);
    if (mkdir("/smbmounter-test-scribbles", 0700) == 0 || errno != EACCES) {
        strcat(got, " mkdir");
        rmdir("/smbmounter-test-scribbles");
    }
    int null = open("/dev/null", O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (null < 0 || write(null, "x", 1) != 1)
        strcat(got, " (no /dev/null)");
    report->verdict = SMBM_HEALTHY;
    snprintf(report->evidence, sizeof report->evidence, "got:%.150s", got);
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "scribbles", .summary = "a test", .version = "1"},
           .run = run);
