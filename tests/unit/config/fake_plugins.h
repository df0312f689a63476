/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The shipped plugins as far as a configuration sees them: names and options, nothing loaded. */
#ifndef TESTS_FAKE_PLUGINS_H
#define TESTS_FAKE_PLUGINS_H

#include <errno.h>
#include <string.h>

#include "config/config.h"

static const struct smbm_option fake_none[] = {SMBM_OPTIONS_END};
static const struct smbm_option fake_timeout[] = {
    {"timeout_ms", SMBM_OPT_INT, 0, 100, 600000, "5000", NULL, "limit of one look"},
    SMBM_OPTIONS_END,
};
static const struct smbm_option fake_backoff[] = {
    {"schedule_sec", SMBM_OPT_INT_LIST, 0, 0, 86400, "[2, 5, 15, 30, 60]", NULL, "waits"},
    {"jitter_percent", SMBM_OPT_INT, 0, 0, 100, "10", NULL, "spread"},
    SMBM_OPTIONS_END,
};
static const struct smbm_option fake_needy[] = {
    {"path", SMBM_OPT_STRING, 0, 1, 100, NULL, NULL, "must be given"},
    SMBM_OPTIONS_END,
};

static const struct fake_plugin {
    enum config_plugin_kind kind;
    const char *name;
    const struct smbm_option *options;
    bool smb_only;
} fake_plugins[] = {
    {CONFIG_PROBE, "device-id", fake_none, false},
    {CONFIG_PROBE, "kernel-status", fake_none, true},
    {CONFIG_PROBE, "statfs-fstype", fake_none, false},
    {CONFIG_PROBE, "stat-timeout", fake_timeout, false},
    {CONFIG_PROBE, "smb-negotiate", fake_timeout, true},
    {CONFIG_PROBE, "needy", fake_needy, false},
    {CONFIG_RECOVERY, "await-server", fake_none, false},
    {CONFIG_RECOVERY, "backoff", fake_backoff, false},
    {CONFIG_RECOVERY, "reconnect", fake_none, true},
    {CONFIG_RECOVERY, "force-unmount-remount", fake_none, false},
};

static inline const struct smbm_option *fake_options(void *context, enum config_plugin_kind kind,
                                                     const char *name, bool *smb_only,
                                                     struct err *why) {
    (void)context;
    for (size_t i = 0; i < sizeof fake_plugins / sizeof fake_plugins[0]; i++) {
        if (fake_plugins[i].kind != kind || strcmp(fake_plugins[i].name, name) != 0)
            continue;
        *smb_only = fake_plugins[i].smb_only;
        return fake_plugins[i].options;
    }
    err_set(why, ENOENT, "no such plugin");
    return NULL;
}

static const struct config_plugins fake_registry = {fake_options, NULL};

#endif
