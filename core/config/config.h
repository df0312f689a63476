/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * The configuration as the daemon uses it: checked whole, then never changed. A reload builds a
 * second one and compares. Holds no password, ever; a key that could be one is refused.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/log.h"
#include "config/schema.h"
#include "config/yaml.h"

#define CONFIG_NAME_MAX 64 /* mount name: A-Z a-z 0-9 . _ - , not starting with . or - */
#define CONFIG_HOST_MAX 256
#define CONFIG_SHARE_MAX 256
#define CONFIG_PATH_MAX 1024
#define CONFIG_USER_MAX 256
#define CONFIG_MOUNTS_MAX 10000
#define CONFIG_PLUGINS_MAX 16 /* of one chain */
#define CONFIG_ARGS_MAX 64

enum config_mounter { CONFIG_CIFS, CONFIG_NETFS, CONFIG_COMMAND };
enum config_on_stop { CONFIG_STOP_UNMOUNT, CONFIG_STOP_KEEP };
enum config_credential {
    CONFIG_CREDENTIAL_GUEST,
    CONFIG_CREDENTIAL_FILE,
    CONFIG_CREDENTIAL_SYSTEMD,
    CONFIG_CREDENTIAL_COMMAND,
    CONFIG_CREDENTIAL_KEYCHAIN,
};

/* A list of words; owns them. */
struct config_words {
    char **items;
    size_t len;
};

/* A plugin in a chain: its name and checked options. */
struct config_plugin {
    char *name;
    struct option_values options;
    unsigned line, column;
};
/* Shared by all mounts that have the same chain (10,000 mounts, one chain): counted. */
struct config_chain {
    unsigned references;
    size_t len;
    struct config_plugin items[CONFIG_PLUGINS_MAX];
};
struct config_chain *config_chain_ref(struct config_chain *chain);
void config_chain_unref(struct config_chain *chain);

/* Strings are owned and never NULL in a built configuration; "" is "not given". */
struct config_mount {
    void *packed; /* all strings and lists in one piece; NULL: each by itself */
    char *name;
    char *server, *share;
    char *mountpoint; /* as configured; the helper resolves it */
    char *username, *domain, *local_user;
    char *fstype;                /* cifs: "cifs"; command: the expected one */
    char *source;                /* cifs: "//server/share"; command: expected, "" for any */
    char *credential_path;       /* file: its path; systemd: the credential's name */
    struct config_words options; /* mount_options, checked, the platform's defaults added */
    struct config_words credential_command;             /* absolute argv */
    struct config_words mount_command, unmount_command; /* mounter command: absolute argv */
    struct config_chain *probes, *recovery;
    enum config_mounter mounter : 8;
    enum config_credential credential : 8;
    uint16_t port; /* SMB, from mount_options port=, else 445 */
    bool mount_at_startup;
    uint32_t command_timeout_ms;
    uint32_t probe_interval_ms, probe_timeout_ms, failed_retry_ms;
    uint32_t idle_unmount_ms; /* 0: never */
    uint32_t failure_threshold;
    unsigned line, column;
};

struct config {
    char *socket, *admin_group, *plugin_directory;
    uint32_t max_hosts;
    enum log_level log_level;
    char *log_file; /* "": stderr */
    enum config_on_stop on_stop;
    char *runtime_directory; /* lock files; /run/smbmounter */
    struct config_mount *mounts;
    size_t mounts_len;
};

/* What the checker needs to know of plugins; the registry implements it. */
enum config_plugin_kind { CONFIG_PROBE, CONFIG_RECOVERY };
struct config_plugins {
    /* The option table of a plugin, or NULL with the reason ("no such plugin", "cannot be loaded:
     * ...") in why. *smb_only is set for probes that only fit SMB mounts. */
    const struct smbm_option *(*options)(void *context, enum config_plugin_kind kind,
                                         const char *name, bool *smb_only, struct err *why);
    void *context;
};

/* Read a whole configuration file by descriptor: root-owned, not writable by others
 * (secure_open_file), at most YAML_BYTES_MAX. *bytes is malloc'd. 0 or -errno. */
int config_read(const char *path, uid_t trusted_uid, char **bytes, size_t *len, struct err *err);

/* First pass: only what must be known before plugins can be described (plugins.directory). */
int config_plugin_directory(const void *bytes, size_t len, char *directory, size_t size,
                            struct yaml_problems *problems);

/* Build and check everything; adds every problem of the file, sorted by line. 0, -EINVAL with
 * problems, or -ENOMEM. On failure *config is empty. The caller prints a problem as
 * "FILE:line:column: text". */
int config_build(const void *bytes, size_t len, const struct config_plugins *plugins,
                 struct config *config, struct yaml_problems *problems);
void config_finish(struct config *config);

const struct config_mount *config_find(const struct config *config, const char *name);

enum config_change {
    CONFIG_SAME,
    CONFIG_PROBES_CHANGED, /* other probes, recovery, intervals: no remount */
    CONFIG_MOUNT_CHANGED,  /* anything the kernel mount is made of: remount */
};
enum config_change config_compare(const struct config_mount *a, const struct config_mount *b);

/* The copy is packed. 0 or -ENOMEM. */
int config_mount_copy(struct config_mount *to, const struct config_mount *from);
void config_mount_finish(struct config_mount *mount);

#endif
