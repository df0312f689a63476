/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The daemon's own keys, in the same tables that plugins bring for theirs (config/schema.h). The
 * checker, the example file and the manual read them. */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include "config/schema.h"

/* Index of each row, in the order of its table. */
enum keys_top {
    TOP_CONTROL,
    TOP_PLUGINS,
    TOP_DEFAULTS,
    TOP_MOUNTS,
    TOP_LOG_LEVEL,
    TOP_LOG_FILE,
    TOP_ON_STOP,
    TOP_RUNTIME_DIRECTORY,
};
enum keys_control { CONTROL_SOCKET, CONTROL_ADMIN_GROUP };
enum keys_plugins { PLUGINS_DIRECTORY, PLUGINS_MAX_HOSTS };
enum keys_credential {
    CREDENTIAL_FILE,
    CREDENTIAL_SYSTEMD,
    CREDENTIAL_COMMAND,
    CREDENTIAL_KEYCHAIN,
    CREDENTIAL_KEYS,
};

/* "defaults" and each mount begin with the same rows, so one index serves both. */
enum keys_mount {
    KEY_MOUNT_OPTIONS,
    KEY_LOCAL_USER,
    KEY_PROBE_INTERVAL,
    KEY_PROBE_TIMEOUT,
    KEY_RECOVER_BACKOFF,
    KEY_FAILURE_THRESHOLD,
    KEY_FAILED_RETRY,
    KEY_IDLE_UNMOUNT,
    KEY_MOUNT_AT_STARTUP,
    KEY_COMMAND_TIMEOUT,
    KEY_USERNAME,
    KEY_DOMAIN,
    KEY_CREDENTIAL,
    KEY_PROBES,
    KEY_RECOVERY,
    KEY_SETTINGS, /* how many */

    KEY_DEFAULT_LOG_LEVEL = KEY_SETTINGS, /* "defaults" only */

    KEY_NAME = KEY_SETTINGS, /* mounts only */
    KEY_SERVER,
    KEY_SHARE,
    KEY_MOUNTPOINT,
    KEY_MOUNTER,
    KEY_FSTYPE,
    KEY_SOURCE,
    KEY_MOUNT_COMMAND,
    KEY_UNMOUNT_COMMAND,
};

extern const struct smbm_option keys_top[], keys_control[], keys_plugins[], keys_credential[],
    keys_defaults[], keys_mount[];

/* The plugins of a chain when none is given; ended by NULL. */
extern const char *const keys_default_probes[], *const keys_default_recovery[];

#endif
