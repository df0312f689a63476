/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "config/keys.h"

#include "base/places.h"
#include "config/config.h"

#ifndef SMBMOUNTER_PLUGIN_DIRECTORY
#define SMBMOUNTER_PLUGIN_DIRECTORY "/usr/local/lib/smbmounter/plugins"
#endif

#if PLATFORM_DARWIN
#define ADMIN_GROUP "staff"
#define PROBE_INTERVAL "10" /* an idle mount is asked by nobody else, and one question is cheap */
#define MOUNTERS "netfs|command"
#define MOUNTER "netfs"
#else
#define ADMIN_GROUP "sudo"
#define PROBE_INTERVAL "60"
#define MOUNTERS "cifs|command"
#define MOUNTER "cifs"
#endif

#define PATH_LEN (CONFIG_PATH_MAX - 1)
#define SOCKET_LEN 103                           /* sun_path of the smaller platform */
#define LEVELS "error|warning|notice|info|debug" /* in the order of LOG_LEVELS */

#define NODE(name, help)                                                                           \
    { name, SCHEMA_NODE, 0, 0, 0, NULL, NULL, help }
#define TEXT(name, min, max, def, help)                                                            \
    { name, SMBM_OPT_STRING, 0, min, max, def, NULL, help }
#define INT(name, min, max, def, help)                                                             \
    { name, SMBM_OPT_INT, 0, min, max, def, NULL, help }
#define BOOL(name, def, help)                                                                      \
    { name, SMBM_OPT_BOOL, 0, 0, 0, def, NULL, help }
#define CHOICE(name, def, choices, help)                                                           \
    { name, SMBM_OPT_CHOICE, 0, 0, 0, def, choices, help }

const struct smbm_option keys_top[] = {
    [TOP_CONTROL] = NODE("control", "the control socket"),
    [TOP_PLUGINS] = NODE("plugins", "where plugins are and how many hosts run them"),
    [TOP_DEFAULTS] = NODE("defaults", "settings of every mount that does not give its own"),
    [TOP_MOUNTS] = NODE("mounts", "the list of mounts"),
    [TOP_LOG_LEVEL] = CHOICE("log_level", "info", LEVELS, "what is logged"),
    [TOP_LOG_FILE] = TEXT("log_file", 0, PATH_LEN, PLACE_LOG, "log to this file instead of stderr"),
    [TOP_ON_STOP] = CHOICE("on_stop", "unmount", "unmount|keep", "mounts when the daemon stops"),
    [TOP_RUNTIME_DIRECTORY] =
        TEXT("runtime_directory", 1, PATH_LEN, PLACE_RUNTIME, "folder of the lock files"),
    SMBM_OPTIONS_END,
};

const struct smbm_option keys_control[] = {
    [CONTROL_SOCKET] = TEXT("socket", 1, SOCKET_LEN, PLACE_SOCKET, "path of the control socket"),
    [CONTROL_ADMIN_GROUP] =
        TEXT("admin_group", 1, 32, ADMIN_GROUP, "group that may mount, unmount and reload"),
    SMBM_OPTIONS_END,
};

const struct smbm_option keys_plugins[] = {
    [PLUGINS_DIRECTORY] =
        TEXT("directory", 1, PATH_LEN, SMBMOUNTER_PLUGIN_DIRECTORY, "folder of the plugins"),
    [PLUGINS_MAX_HOSTS] = INT("max_hosts", 2, 256, "16", "most plugin hosts at a time"),
    SMBM_OPTIONS_END,
};

const struct smbm_option keys_credential[] = {
    [CREDENTIAL_FILE] = TEXT("file", 0, PATH_LEN, "", "file in the form of mount.cifs, 0600 root"),
    [CREDENTIAL_SYSTEMD] = TEXT("systemd", 0, CONFIG_NAME_MAX, "", "name of a systemd credential"),
    [CREDENTIAL_COMMAND] = NODE("command", "absolute path and arguments; prints the password"),
    [CREDENTIAL_KEYCHAIN] = BOOL("keychain", "false", "the System keychain (macOS)"),
    SMBM_OPTIONS_END,
};

#define SETTINGS                                                                                   \
    [KEY_MOUNT_OPTIONS] = NODE("mount_options", "options of mount.cifs; must contain soft"),       \
    [KEY_LOCAL_USER] = TEXT("local_user", 0, 32, "", "local user who owns the files"),             \
    [KEY_PROBE_INTERVAL] =                                                                         \
        INT("probe_interval_sec", 1, 86400, PROBE_INTERVAL, "seconds between probes"),             \
    [KEY_PROBE_TIMEOUT] = INT("probe_timeout_sec", 1, 600, "5",                                    \
                              "deadline of a probe; sets timeout_ms of stat-timeout"),             \
    [KEY_RECOVER_BACKOFF] = {"recover_backoff_sec",                                                \
                             SMBM_OPT_INT_LIST,                                                    \
                             0,                                                                    \
                             0,                                                                    \
                             86400,                                                                \
                             "[2, 5, 15, 30, 60]",                                                 \
                             NULL,                                                                 \
                             "waits between attempts; sets schedule_sec of backoff"},              \
    [KEY_FAILURE_THRESHOLD] =                                                                      \
        INT("probe_failure_threshold", 1, 100, "3", "suspect probes before recovery"),             \
    [KEY_FAILED_RETRY] =                                                                           \
        INT("failed_retry_sec", 1, 86400, "30", "seconds until a failed mount is tried again"),    \
    [KEY_IDLE_UNMOUNT] = INT("idle_unmount_min", 0, 10080, "0",                                    \
                             "minutes without open files until it is unmounted; 0: never"),        \
    [KEY_MOUNT_AT_STARTUP] = BOOL("mount_at_startup", "true", "mount when the daemon starts"),     \
    [KEY_COMMAND_TIMEOUT] =                                                                        \
        INT("command_timeout_sec", 1, 600, "30", "deadline of a mounter's command"),               \
    [KEY_USERNAME] = TEXT("username", 0, CONFIG_USER_MAX - 1, "", "user on the server"),           \
    [KEY_DOMAIN] = TEXT("domain", 0, CONFIG_USER_MAX - 1, "", "domain of the user"),               \
    [KEY_CREDENTIAL] = NODE("credential", "where the password is"),                                \
    [KEY_PROBES] = NODE("probes", "probe plugins, in order"),                                      \
    [KEY_RECOVERY] = NODE("recovery", "recovery plugins, in order")

const struct smbm_option keys_defaults[] = {
    SETTINGS,
    [KEY_DEFAULT_LOG_LEVEL] = CHOICE("log_level", "info", LEVELS, "what is logged"),
    SMBM_OPTIONS_END,
};

const struct smbm_option keys_mount[] = {
    SETTINGS,
    [KEY_NAME] = TEXT("name", 1, CONFIG_NAME_MAX - 1, NULL, "name in commands and in the log"),
    [KEY_SERVER] = TEXT("server", 0, CONFIG_HOST_MAX - 1, "", "host name or address"),
    [KEY_SHARE] = TEXT("share", 0, CONFIG_SHARE_MAX - 1, "", "share, and a folder in it"),
    [KEY_MOUNTPOINT] = TEXT("mountpoint", 1, PATH_LEN, NULL, "an existing, empty folder"),
    [KEY_MOUNTER] = CHOICE("mounter", MOUNTER, MOUNTERS, "what mounts it"),
    [KEY_FSTYPE] = TEXT("fstype", 0, 64, "", "type that the mount table shows"),
    [KEY_SOURCE] = TEXT("source", 0, 1024, "", "source that the mount table shows"),
    [KEY_MOUNT_COMMAND] = NODE("mount_command", "absolute path and arguments"),
    [KEY_UNMOUNT_COMMAND] = NODE("unmount_command", "absolute path and arguments"),
    SMBM_OPTIONS_END,
};

const char *const keys_default_probes[] = {"device-id",     "kernel-status",
                                           "statfs-fstype",
#if !PLATFORM_DARWIN /* there it holds a lock while it waits */
                                           "stat-timeout",
#endif
                                           "smb-negotiate", NULL};
const char *const keys_default_recovery[] = {"await-server", "backoff", "reconnect",
                                             "force-unmount-remount", NULL};
