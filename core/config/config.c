/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "config/config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "config/build.h"
#include "config/names.h"

void build_problem(const struct build *b, const struct place *place, const char *key,
                   const char *format, ...) {
    char text[ERR_TEXT_MAX];
    va_list args;
    va_start(args, format);
    int rc = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const struct yaml_node *at = key != NULL ? yaml_get(place->map, key) : NULL;
    if (at == NULL)
        at = place->map;
    yaml_problem(b->problems, at != NULL ? at->line : 0, at != NULL ? at->column : 0, "%s%s%s",
                 place->where, place->where[0] != '\0' ? ": " : "", rc >= 0 ? text : "");
}

const struct option_value *build_setting(const struct build *b, const struct place *mount,
                                         enum keys_mount key) {
    const struct option_value *own = &mount->values.items[key];
    return own->given ? own : &b->defaults.values.items[key];
}

static int keep(char **to, const char *text) {
    *to = strdup(text);
    return *to != NULL ? 0 : -ENOMEM;
}

static void check_path(const struct build *b, const struct place *place, size_t row,
                       const char *key) {
    const struct option_value *value = &place->values.items[row];
    if (value->text[0] != '\0' && !names_is_path(value->text))
        build_problem(b, place, key, "%s must be an absolute path without '..' and '//'", key);
}

/* A sub mapping of the top level against its table. */
static int check_section(struct build *b, const struct yaml_node *root, const char *name,
                         const struct smbm_option *table, struct place *place) {
    *place = (struct place){.map = yaml_get(root, name)};
    str_copy(place->where, sizeof place->where, name);
    int rc = schema_check(table, place->map, name, &place->values, b->problems);
    return rc == -ENOMEM ? rc : 0;
}

static int read_control(struct build *b, const struct yaml_node *root) {
    struct place place;
    int rc = check_section(b, root, "control", keys_control, &place);
    if (rc == 0) {
        const struct option_value *v = place.values.items;
        check_path(b, &place, CONTROL_SOCKET, "socket");
        if (!names_is_local(v[CONTROL_ADMIN_GROUP].text))
            build_problem(b, &place, "admin_group", "admin_group must be the name of a group");
        rc = keep(&b->config->socket, v[CONTROL_SOCKET].text);
        if (rc == 0)
            rc = keep(&b->config->admin_group, v[CONTROL_ADMIN_GROUP].text);
    }
    option_values_finish(&place.values);
    return rc;
}

static int read_plugins(struct build *b, const struct yaml_node *root) {
    struct place place;
    int rc = check_section(b, root, "plugins", keys_plugins, &place);
    if (rc == 0) {
        const struct option_value *v = place.values.items;
        check_path(b, &place, PLUGINS_DIRECTORY, "directory");
        b->config->max_hosts = (uint32_t)v[PLUGINS_MAX_HOSTS].number;
        rc = keep(&b->config->plugin_directory, v[PLUGINS_DIRECTORY].text);
    }
    option_values_finish(&place.values);
    return rc;
}

static int read_top(struct build *b, const struct yaml_node *root) {
    struct place place = {.map = root};
    int rc = schema_check(keys_top, root, "", &place.values, b->problems);
    if (rc != -ENOMEM && root->kind == YAML_MAP) {
        const struct option_value *v = place.values.items;
        check_path(b, &place, TOP_LOG_FILE, "log_file");
        check_path(b, &place, TOP_RUNTIME_DIRECTORY, "runtime_directory");
        b->config->log_level = (enum log_level)v[TOP_LOG_LEVEL].number;
        b->config->on_stop = (enum config_on_stop)v[TOP_ON_STOP].number;
        rc = keep(&b->config->log_file, v[TOP_LOG_FILE].text);
        if (rc == 0)
            rc = keep(&b->config->runtime_directory, v[TOP_RUNTIME_DIRECTORY].text);
    }
    option_values_finish(&place.values);
    return rc;
}

static int read_defaults(struct build *b, const struct yaml_node *root) {
    int rc = check_section(b, root, "defaults", keys_defaults, &b->defaults);
    if (rc != 0)
        return rc;
    const struct option_value *level = &b->defaults.values.items[KEY_DEFAULT_LOG_LEVEL];
    if (level->given && yaml_get(root, "log_level") != NULL)
        build_problem(b, &b->defaults, "log_level",
                      "log_level is given at the top level too: keep one of them");
    else if (level->given)
        b->config->log_level = (enum log_level)level->number;
    rc = build_settings(b, &b->defaults, &b->settings);
    return rc == 0 ? build_default_chains(b) : rc;
}

/* In a piece: of 10,000 mounts, hundreds of bytes of each are memory management. */
static int pack(struct config_mount *mount) {
    struct config_mount loose = *mount;
    int rc = config_mount_copy(mount, &loose);
    config_mount_finish(&loose);
    return rc;
}

static int read_mounts(struct build *b, const struct yaml_node *root) {
    struct place top = {.map = root};
    const struct yaml_node *mounts = yaml_get(root, "mounts");
    if (mounts == NULL || mounts->kind != YAML_LIST || mounts->len > CONFIG_MOUNTS_MAX) {
        if (mounts == NULL)
            build_problem(b, &top, NULL, "mounts is missing (an empty list is: mounts: [])");
        else
            build_problem(b, &top, "mounts", "mounts must be a list of at most %d mounts",
                          CONFIG_MOUNTS_MAX);
        return 0;
    }
    if (mounts->len == 0)
        return 0;
    b->config->mounts = calloc(mounts->len, sizeof *b->config->mounts);
    if (b->config->mounts == NULL)
        return -ENOMEM;
    b->config->mounts_len = mounts->len;
    int rc = 0;
    for (size_t i = 0; i < mounts->len && rc == 0; i++) {
        rc = build_mount(b, &mounts->items[i], i + 1, &b->config->mounts[i]);
        if (rc == 0)
            rc = pack(&b->config->mounts[i]);
    }
    return rc == 0 ? build_check_unique(b, mounts) : rc;
}

static int read_all(struct build *b, const struct yaml_node *root) {
    int rc = read_top(b, root);
    if (rc == -ENOMEM || root->kind != YAML_MAP)
        return rc;
    rc = read_control(b, root);
    if (rc == 0)
        rc = read_plugins(b, root);
    if (rc == 0)
        rc = read_defaults(b, root);
    return rc == 0 ? read_mounts(b, root) : rc;
}

int config_build(const void *bytes, size_t len, const struct config_plugins *plugins,
                 struct config *config, struct yaml_problems *problems) {
    struct build b = {.plugins = plugins, .config = config, .problems = problems};
    struct yaml_node root;
    *config = (struct config){0};
    int rc = yaml_parse(bytes, len, &root, problems);
    if (rc == 0)
        rc = read_all(&b, &root);
    for (size_t kind = 0; kind < 2; kind++) {
        draft_finish(&b.drafts[kind]);
        draft_finish(&b.command_drafts[kind]);
    }
    settings_finish(&b.settings);
    option_values_finish(&b.defaults.values);
    yaml_finish(&root);
    yaml_problems_sort(problems);
    if (rc != -ENOMEM && (problems->len != 0 || problems->dropped != 0))
        rc = -EINVAL;
    if (rc != 0)
        config_finish(config);
    return rc;
}
