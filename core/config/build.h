/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* How config_build is divided; included by core/config only. Everywhere here: 0 or -ENOMEM; what is
 * wrong in the file goes to build->problems and is no reason to stop. */
#ifndef CONFIG_BUILD_H
#define CONFIG_BUILD_H

#include "config/config.h"
#include "config/keys.h"

/* Where settings stand: "defaults", or one mount. */
struct place {
    const struct yaml_node *map; /* NULL: not given */
    char where[CONFIG_NAME_MAX + 16];
    struct option_values values; /* of keys_defaults or keys_mount */
};

/* The settings that are more than a number or a word. */
struct settings {
    bool has_options, has_credential, guest;
    struct config_words options; /* without domain= */
    char *domain;                /* from either spelling; NULL: not given */
    enum config_credential credential;
    char *credential_path;
    struct config_words credential_command;
};

/* A chain on its way, and which of its plugins only fit SMB mounts. */
struct draft {
    struct config_chain *chain; /* NULL: not begun */
    bool smb_only[CONFIG_PLUGINS_MAX];
    bool broken; /* a plugin was refused: do not complain of its absence too */
};

struct build {
    const struct config_plugins *plugins;
    struct config *config;
    struct yaml_problems *problems;
    struct place defaults;
    struct settings settings;
    struct draft drafts[2], command_drafts[2]; /* of the defaults, by enum config_plugin_kind */
};

/* "where: " and the text, at the value of key (NULL or absent: where the place begins). */
void build_problem(const struct build *b, const struct place *place, const char *key,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The value of a setting: the mount's own, else the default. */
const struct option_value *build_setting(const struct build *b, const struct place *mount,
                                         enum keys_mount key);

/* chain.c: the chain of a mount, shared with the defaults' where it is the same. */
int build_default_chains(struct build *b);
int build_chain(struct build *b, enum config_plugin_kind kind, const struct place *mount,
                enum config_mounter mounter, struct config_chain **chain);
void draft_finish(struct draft *draft);

/* shorthand.c: probe_timeout_sec and recover_backoff_sec into the options of their plugins.
 * own: the chain was written in this place, so an option and its shorthand contradict. */
int build_shorthand(struct build *b, enum config_plugin_kind kind, const struct place *place,
                    bool own, struct draft *draft);
bool build_has_shorthand(enum config_plugin_kind kind, const struct place *place);
/* The defaults' shorthand into a chain of the mount's own: only what nothing of the mount says. */
int build_shorthand_default(struct build *b, enum config_plugin_kind kind,
                            const struct place *mount, struct draft *draft);

/* settings.c */
int build_settings(struct build *b, const struct place *place, struct settings *settings);
void settings_finish(struct settings *settings);
/* The mount's options: its own or the defaults', what the platform adds, and the port. */
int build_options(struct build *b, const struct settings *own, struct config_mount *mount);

/* credential.c */
int build_credential(struct build *b, const struct place *place, struct settings *settings);

/* command.c: a list of words whose first is an absolute path. */
int build_command(struct build *b, const struct place *place, const char *key,
                  const struct yaml_node *node, struct config_words *words);

/* build_mount.c, unique.c */
int build_mount(struct build *b, const struct yaml_node *node, size_t number,
                struct config_mount *mount);
int build_check_unique(struct build *b, const struct yaml_node *mounts);

/* words.c */
int words_add(struct config_words *words, const char *text);
int words_copy(struct config_words *to, const struct config_words *from);
void words_finish(struct config_words *words);
/* The word "key" or "key=...", or NULL. */
const char *words_find(const struct config_words *words, const char *key);
bool chain_equal(const struct config_chain *a, const struct config_chain *b);
int chain_copy(const struct config_chain *from, struct config_chain **to);

#endif
