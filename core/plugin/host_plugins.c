/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The plugins and instances that a host has at hand. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/secure.h"
#include "base/str.h"
#include "plugin/descriptor.h"
#include "plugin/host.h"

#define HOST_PATH_MAX (1024 + 256)

static void path_of(const struct host *host, const char *file, char *path, size_t size) {
    snprintf(path, size, "%s/%s", host->directory, file);
}

static void copy(struct host *host, const char *file) {
    char path[HOST_PATH_MAX];
    struct host_plugin *entry = &host->plugins[host->plugins_len++];
    *entry = (struct host_plugin){.state = HOST_PLUGIN_COPIED};
    str_copy(entry->file, sizeof entry->file, file);
    path_of(host, file, path, sizeof path);
    entry->copy = loader_copy(path, host->trusted_uid, &host->next_fd, &entry->error);
    if (entry->copy < 0 && entry->copy != -ENOTSUP)
        entry->state = HOST_PLUGIN_FAILED;
}

int host_plugins_copy(struct host *host) {
    host->plugins = calloc(HOST_PLUGINS_MAX, sizeof *host->plugins);
    if (host->plugins == NULL)
        return -ENOMEM;
    struct err *err = &host->folder_error;
    CLEANUP_CLOSE int fd = secure_open_dir(host->directory, SECURE_TRUSTED, host->trusted_uid, err);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (dir == NULL)
        return 0;
    take_fd(&fd);
    const struct dirent *entry;
    while (host->plugins_len < HOST_PLUGINS_MAX && (entry = readdir(dir)) != NULL)
        if (descriptor_is_file(entry->d_name))
            copy(host, entry->d_name);
    closedir(dir);
    return 0;
}

static void load(struct host *host, struct host_plugin *entry) {
    char path[HOST_PATH_MAX];
    struct err *err = &entry->error;
    entry->state = HOST_PLUGIN_FAILED;
    path_of(host, entry->file, path, sizeof path);
    if (loader_load(path, entry->copy, &entry->plugin, err) != 0)
        return;
    int (*start)(void) = entry->plugin.kind == SMBM_KIND_PROBE ? entry->plugin.probe.load
                                                               : entry->plugin.recovery.load;
    int rc = start != NULL ? start() : 0;
    if (rc != 0)
        err_sys(err, rc < 0 ? -rc : EINVAL, "%s: its load() failed", entry->file);
    else
        entry->state = HOST_PLUGIN_USABLE;
}

const struct host_plugin *host_plugin_find(struct host *host, const char *file, struct err *err) {
    struct host_plugin *entry = NULL;
    for (size_t i = 0; i < host->plugins_len && entry == NULL; i++)
        if (strcmp(host->plugins[i].file, file) == 0)
            entry = &host->plugins[i];
    if (entry == NULL) {
        if (host->folder_error.code != 0)
            *err = host->folder_error;
        else
            err_set(err, ENOENT, "%s: was not in the plugin folder when this host began; reload",
                    file);
        return NULL;
    }
    if (entry->state == HOST_PLUGIN_COPIED)
        load(host, entry);
    if (entry->state == HOST_PLUGIN_USABLE)
        return entry;
    *err = entry->error;
    return NULL;
}

static uint64_t hash(uint64_t seed, const void *bytes, size_t len) {
    const unsigned char *p = bytes;
    for (size_t i = 0; i < len; i++)
        seed = (seed ^ p[i]) * UINT64_C(0x100000001b3);
    return seed;
}

static void close_instance(struct host_instance *slot) {
    if (slot->owner == NULL)
        return;
    const struct plugin *plugin = &slot->owner->plugin;
    void (*close_it)(void *) =
        plugin->kind == SMBM_KIND_PROBE ? plugin->probe.close : plugin->recovery.close;
    if (close_it != NULL)
        close_it(slot->instance);
    slot->owner = NULL;
}

int host_instance_get(struct host *host, const struct host_plugin *owner,
                      const struct host_job *job, const struct call_run *run, void **instance,
                      struct err *err) {
    const struct plugin *plugin = &owner->plugin;
    int (*open_it)(const struct smbm_mount *, const struct smbm_value *, void **, char *, size_t) =
        plugin->kind == SMBM_KIND_PROBE ? plugin->probe.open : plugin->recovery.open;
    *instance = NULL;
    if (open_it == NULL)
        return 0;
    uint64_t key = hash(job->mount_key, run->option_bytes, run->option_bytes_len);
    key = hash(key, &owner, sizeof owner);
    struct host_instance *slot = &host->instances[(key ^ key >> 32) % HOST_INSTANCES];
    if (slot->owner != owner || slot->key != key) {
        char text[SMBM_TEXT_MAX] = "";
        close_instance(slot);
        slot->instance = NULL;
        int rc = open_it(&job->mount, run->values, &slot->instance, text, sizeof text);
        text[sizeof text - 1] = '\0';
        if (rc != 0 && text[0] != '\0')
            return err_set(err, rc < 0 ? -rc : EINVAL, "%s", text);
        if (rc != 0)
            return err_sys(err, rc < 0 ? -rc : EINVAL, "its open() failed");
        slot->owner = owner;
        slot->key = key;
    }
    *instance = slot->instance;
    return 0;
}
