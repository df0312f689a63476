/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What a plugin host (smbmounter-plugin-host) is made of. One of these per process. */
#ifndef PLUGIN_HOST_H
#define PLUGIN_HOST_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/wire.h"
#include "plugin/call.h"
#include "plugin/loader.h"
#include "plugin/slate.h"

#define HOST_FD 3
#define HOST_PLUGINS_MAX 128
#define HOST_INSTANCES 256

/* A file of the plugin folder. One that failed keeps failing, with the same words. */
struct host_plugin {
    char file[256];
    int copy; /* see loader_copy */
    enum { HOST_PLUGIN_COPIED, HOST_PLUGIN_USABLE, HOST_PLUGIN_FAILED } state;
    struct plugin plugin;
    struct err error;
};

/* A slot of the direct-mapped table of instances. */
struct host_instance {
    const struct host_plugin *owner; /* NULL: free */
    uint64_t key;
    void *instance;
};

struct host {
    const char *directory;
    uid_t trusted_uid;
    int next_fd;
    struct host_plugin *plugins;
    size_t plugins_len;
    struct err folder_error; /* the folder could not be read */
    struct host_instance instances[HOST_INSTANCES];
};

/* The job that is being served. Texts of mount point into mount_bytes. */
struct host_job {
    struct call_job head;
    struct smbm_mount mount;
    struct smbm_situation situation;
    uint64_t mount_key;
    unsigned char mount_bytes[WIRE_FRAME_MAX];
};

/* Serve jobs on fd until it closes, answering on the slate. 0 at its end, or -errno. */
int host_serve(struct host *host, int fd, struct slate *slate);

/* Copy all plugin files of the folder, running nothing of them: before os_confine_host, which takes
 * away the right to write even to memory files. A reload starts new hosts. 0 or -ENOMEM. */
int host_plugins_copy(struct host *host);

/* The plugin in a file of the folder, loaded at its first call. NULL with err when it cannot be. */
const struct host_plugin *host_plugin_find(struct host *host, const char *file, struct err *err);

/* The instance for this mount and these options, made by open() when there is none. */
int host_instance_get(struct host *host, const struct host_plugin *owner,
                      const struct host_job *job, const struct call_run *run, void **instance,
                      struct err *err);

/* Call the plugin and fill in the answer. 0, or -errno with err when it could not be called. */
int host_run(struct host *host, const struct host_job *job, const struct call_run *run,
             struct smbm_report *report, struct err *err);
int host_next(struct host *host, const struct host_job *job, const struct call_run *run,
              struct smbm_decision *decision, struct err *err);

#endif
