/* SPDX-License-Identifier: MIT */
/* Copyright (c) the smbmounter authors */
/*
 * A probe plugin to copy: rename, change run(), drop the built file into the plugin folder, then
 * `smbmounter reload`. It builds outside of smbmounter's tree:
 *
 *      cc -shared -fPIC -o example.so example.c $(pkg-config --cflags smbmounter)
 *
 * What it does: it looks for one file in the share. A NAS whose disk has not been mounted exports
 * an empty folder, which is healthy in the eyes of every other probe.
 */
#include <errno.h>
#include <fcntl.h>
#include <smbmounter/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The daemon checks the options against this table before any code of ours runs, so run() need not:
 * a missing file or one that is too long never gets here. Values come in the same order. */
enum { OPTION_FILE };
static const struct smbm_option options[] = {
    {.name = "file",
     .type = SMBM_OPT_STRING,
     .min = 1,
     .max = 255,
     .def = NULL, /* no default: it must be given */
     .help = "the file that must be there, relative to the mountpoint"},
    SMBM_OPTIONS_END,
};

/* What we keep for each mount. Plugins that keep nothing leave out open and close. Do not count on
 * it to live long: it may be made again, in another process, at any time. What must last between
 * two calls of run() goes into report->carry. */
struct instance {
    char path[4096 + 256];
};

/* True when the path stays within the mount: what the table above cannot check. */
static int stays_inside(const char *file) {
    for (const char *part = file; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (!strncmp(part, "..", 2) && (part[2] == '/' || part[2] == '\0')) {
            return 0;
        }
    }
    return file[0] != '/';
}

/* Once for each mount. An error becomes the one line that the user sees in `smbmounter plugins`. */
static int open_instance(const struct smbm_mount *mount, const struct smbm_value *values,
                         void **instance, char *error, size_t error_size) {
    const char *file = values[OPTION_FILE].text;
    struct instance *self;
    int n;

    if (!stays_inside(file)) {
        snprintf(error, error_size, "file must lie in the mount: no leading / and no ..");
        return -EINVAL;
    }
    self = malloc(sizeof *self);
    if (!self) {
        snprintf(error, error_size, "out of memory");
        return -ENOMEM;
    }
    n = snprintf(self->path, sizeof self->path, "%s/%s", mount->mountpoint, file);
    if (n < 0 || (size_t)n >= sizeof self->path) {
        snprintf(error, error_size, "the path of the file is too long");
        free(self);
        return -ENAMETOOLONG;
    }
    *instance = self;
    return 0;
}

static void close_instance(void *instance) {
    free(instance);
}

/* One look. It may block: this process is ours alone, and is ended at the deadline. Choose the
 * verdict with care: SUSPECT counts a strike, DEAD starts a recovery at once, GONE takes the mount
 * down and tries again slowly, BLIND says nothing about health. The evidence is one line for a
 * person. */
static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    const struct instance *self = instance;
    struct stat s;

    (void)mount;
    (void)call; /* call->options, call->timeout_ms, call->carry */
    if (stat(self->path, &s) == 0) {
        report->verdict = SMBM_HEALTHY;
        snprintf(report->evidence, sizeof report->evidence, "the file is there, %lld bytes",
                 (long long)s.st_size);
        return;
    }
    report->os_errno = errno;
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        report->verdict = SMBM_GONE;
        break;
    case EPERM:
    case EACCES:
        report->verdict = SMBM_BLIND;
        break;
    default:
        report->verdict = SMBM_SUSPECT;
        break;
    }
    snprintf(report->evidence, sizeof report->evidence, "the file: %s", strerror(report->os_errno));
}

/* The one symbol that a plugin exports. The macros stamp the versions and sizes. */
SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "example", .summary = "is a given file there",
                      .version = "1", .options = options},
           .subject = SMBM_ON_MOUNT, .timeout_ms = 5000, .open = open_instance,
           .close = close_instance, .run = run);
