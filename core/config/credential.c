/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/platform.h"
#include "config/build.h"
#include "config/names.h"

static bool is_guest(const struct yaml_node *node) {
    return node->kind == YAML_SCALAR && strcmp(node->text, "guest") == 0;
}

static const char *why_not(const struct option_values *values, size_t given) {
    const struct option_value *v = values->items;
    if (given != 1)
        return "credential must have exactly one of file, systemd, command, keychain; or be the "
               "word guest";
    if (v[CREDENTIAL_FILE].given && !names_is_path(v[CREDENTIAL_FILE].text))
        return "file must be an absolute path without '..', '//' and a slash at its end";
    if (v[CREDENTIAL_SYSTEMD].given && !names_is_mount(v[CREDENTIAL_SYSTEMD].text))
        return "systemd must be the name of a credential (LoadCredential=NAME:...)";
    if (v[CREDENTIAL_KEYCHAIN].given && v[CREDENTIAL_KEYCHAIN].number == 0)
        return "keychain can only be true; leave it out otherwise";
#if !PLATFORM_DARWIN
    if (v[CREDENTIAL_KEYCHAIN].given)
        return "keychain is for macOS only; give file, systemd or command here";
#endif
    return NULL;
}

static enum config_credential which(const struct option_values *values) {
    if (values->items[CREDENTIAL_FILE].given)
        return CONFIG_CREDENTIAL_FILE;
    if (values->items[CREDENTIAL_SYSTEMD].given)
        return CONFIG_CREDENTIAL_SYSTEMD;
    return values->items[CREDENTIAL_COMMAND].given ? CONFIG_CREDENTIAL_COMMAND
                                                   : CONFIG_CREDENTIAL_KEYCHAIN;
}

static int take(struct build *b, const struct place *place, const struct yaml_node *node,
                const struct option_values *values, struct settings *settings) {
    const struct yaml_node *command = yaml_get(node, "command");
    settings->credential = which(values);
    if (command != NULL)
        return build_command(b, place, "credential: command", command,
                             &settings->credential_command);
    const char *path = settings->credential == CONFIG_CREDENTIAL_FILE
                           ? values->items[CREDENTIAL_FILE].text
                           : values->items[CREDENTIAL_SYSTEMD].text;
    settings->credential_path = strdup(path);
    return settings->credential_path != NULL ? 0 : -ENOMEM;
}

static int read_map(struct build *b, const struct place *place, const struct yaml_node *node,
                    struct settings *settings) {
    char where[sizeof place->where + 16];
    snprintf(where, sizeof where, "%s: credential", place->where);
    struct option_values values = {0};
    int rc = schema_check(keys_credential, node, where, &values, b->problems);
    if (rc == 0) {
        size_t given = 0;
        for (size_t i = 0; i < values.len; i++)
            given += values.items[i].given ? 1 : 0;
        const char *why = why_not(&values, given);
        if (why != NULL)
            build_problem(b, place, "credential", "%s", why);
        else
            rc = take(b, place, node, &values, settings);
    }
    option_values_finish(&values);
    return rc == -ENOMEM ? rc : 0;
}

int build_credential(struct build *b, const struct place *place, struct settings *settings) {
    const struct yaml_node *node = yaml_get(place->map, "credential");
    if (node == NULL)
        return 0;
    settings->has_credential = true;
    settings->credential = CONFIG_CREDENTIAL_GUEST;
    if (!is_guest(node) && node->kind == YAML_MAP)
        return read_map(b, place, node, settings);
    if (!is_guest(node))
        build_problem(b, place, "credential",
                      "credential must be {file: PATH}, {systemd: NAME}, {command: [PATH, ...]}, "
                      "{keychain: true} or guest");
    else if (place->values.items[KEY_USERNAME].given)
        build_problem(b, place, "credential", "a guest has no name: leave out username");
    return 0;
}
