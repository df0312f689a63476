/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * plugin_drive FILE.so [key=value...]: load one probe and print what it reports.
 * Keys: the fields of a mount (server, share, source, fstype, mountpoint, address, port, mount_id),
 * repeat=N and every=MS for several calls (the carry words go on), opt.NAME=VALUE for its options.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fake_host.h"

struct job {
    struct fake_plugin plugin;
    struct smbm_mount mount;
    unsigned repeat, every_ms;
};

static int take_text(struct job *job, const char *key, const char *value) {
    const struct {
        const char *name;
        const char **field;
    } texts[] = {{"server", &job->mount.server},         {"share", &job->mount.share},
                 {"source", &job->mount.source},         {"fstype", &job->mount.fstype},
                 {"mountpoint", &job->mount.mountpoint}, {"address", &job->mount.address}};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (!strcmp(texts[i].name, key)) {
            *texts[i].field = value;
            return 0;
        }
    }
    return -1;
}

static int take(struct job *job, char *argument) {
    char *value = strchr(argument, '=');

    if (!value) {
        return -1;
    }
    *value++ = '\0';
    if (!strncmp(argument, "opt.", 4)) {
        return fake_option(&job->plugin, argument + 4, value);
    } else if (!strcmp(argument, "port")) {
        job->mount.port = (uint32_t)atoi(value);
    } else if (!strcmp(argument, "mount_id")) {
        job->mount.mount_id = strtoull(value, NULL, 10);
    } else if (!strcmp(argument, "repeat")) {
        job->repeat = (unsigned)atoi(value);
    } else if (!strcmp(argument, "every")) {
        job->every_ms = (unsigned)atoi(value);
    } else {
        return take_text(job, argument, value);
    }
    return 0;
}

static uint64_t now_ms(void) {
    struct timespec t;

    clock_gettime(CLOCK_BOOTTIME, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int main(int argc, char **argv) {
    static struct job job = {.repeat = 1};
    const char *error;

    if (argc < 2 || (error = fake_load(&job.plugin, argv[1])) || !job.plugin.probe) {
        fprintf(stderr, "plugin_drive: %s\n", argc < 2 ? "no plugin given" : error);
        return 2;
    }
    job.mount = (struct smbm_mount){.size = sizeof job.mount,
                                    .mounted = 1,
                                    .name = "drive",
                                    .mounter = "cifs",
                                    .server = "",
                                    .share = "",
                                    .source = "",
                                    .fstype = "cifs",
                                    .mountpoint = "/",
                                    .address = "",
                                    .port = 445};
    for (int i = 2; i < argc; i++) {
        if (take(&job, argv[i])) {
            fprintf(stderr, "plugin_drive: cannot use %s\n", argv[i]);
            return 2;
        }
    }
    if ((error = fake_open(&job.plugin, &job.mount))) {
        fprintf(stderr, "plugin_drive: %s\n", error);
        return 1;
    }
    for (unsigned i = 0; i < job.repeat; i++) {
        uint64_t begin = now_ms();
        struct smbm_report r = fake_run(&job.plugin, &job.mount, begin, 5000);
        printf("%s %s (%llu ms)%s\n", fake_verdict_name(r.verdict), r.evidence,
               (unsigned long long)(now_ms() - begin),
               r.flags & SMBM_REPORT_PROGRESS ? " progress" : "");
        fflush(stdout);
        if (i + 1 < job.repeat) {
            usleep(job.every_ms * 1000);
        }
    }
    return 0;
}
