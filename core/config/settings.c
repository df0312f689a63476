/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/platform.h"
#include "config/build.h"
#include "config/mount_options.h"
#include "config/names.h"

#define WORDS_MAX 40 /* mount options in one place */
#define SMB_PORT 445

/* What the platform wants besides, unless the same key is given. */
static const char *const added[] = {
    "soft",
#if !PLATFORM_DARWIN
    "nosharesock",
    "echo_interval=5",
    "port=445",
#endif
};

/* "noperm" against "perm", "ro" against "rw". */
static bool contradicts(const char *a, const char *b) {
    if (strncmp(a, "no", 2) == 0 && strcmp(a + 2, b) == 0)
        return true;
    return (strcmp(a, "ro") == 0 || strcmp(a, "rdonly") == 0) && strcmp(b, "rw") == 0;
}

static void check_against(struct build *b, const struct place *place, const struct yaml_node *at,
                          const struct config_words *words) {
    char key[64] = "";
    strncpy(key, at->text, sizeof key - 1);
    key[strcspn(key, "=")] = '\0';
    if (words_find(words, key) != NULL)
        yaml_problem(b->problems, at->line, at->column, "%s: mount option '%s' is given twice",
                     place->where, key);
    for (size_t i = 0; i < words->len; i++)
        if (contradicts(at->text, words->items[i]) || contradicts(words->items[i], at->text))
            yaml_problem(b->problems, at->line, at->column,
                         "%s: mount options '%s' and '%s' contradict each other", place->where,
                         words->items[i], at->text);
}

static int set_domain(struct build *b, const struct place *place, const struct yaml_node *at,
                      const char *domain, struct settings *settings) {
    if (settings->domain != NULL) {
        yaml_problem(b->problems, at->line, at->column, "%s: the domain is given twice",
                     place->where);
        return 0;
    }
    settings->domain = strdup(domain);
    return settings->domain != NULL ? 0 : -ENOMEM;
}

static int add_option(struct build *b, const struct place *place, const struct yaml_node *node,
                      struct settings *settings) {
    struct err err = {0};
    if (node->kind != YAML_SCALAR) {
        yaml_problem(b->problems, node->line, node->column,
                     "%s: mount_options: each item must be 'key' or 'key=value'", place->where);
        return 0;
    }
    if (mount_option_check(node->text, &err) != 0) {
        yaml_problem(b->problems, node->line, node->column, "%s: mount_options: %s", place->where,
                     err.text);
        return 0;
    }
    if (strncmp(node->text, "domain=", 7) == 0)
        return set_domain(b, place, node, node->text + 7, settings);
    check_against(b, place, node, &settings->options);
    return words_add(&settings->options, node->text);
}

static int read_options(struct build *b, const struct place *place, const struct yaml_node *node,
                        struct settings *settings) {
    settings->has_options = true;
    if (node->kind != YAML_LIST || node->len > WORDS_MAX) {
        build_problem(b, place, "mount_options", "mount_options must be a list of at most %d words",
                      WORDS_MAX);
        return 0;
    }
    size_t before = b->problems->len + b->problems->dropped;
    int rc = 0;
    for (size_t i = 0; i < node->len && rc == 0 && b->problems->dropped == 0; i++)
        rc = add_option(b, place, &node->items[i], settings);
    bool told = b->problems->len + b->problems->dropped != before;
    if (rc == 0 && !told && words_find(&settings->options, "soft") == NULL)
        build_problem(b, place, "mount_options",
                      "mount_options must contain 'soft': without it every program hangs while "
                      "the server is gone");
    return rc;
}

static void check_users(struct build *b, const struct place *place) {
    const char *user = place->values.items[KEY_USERNAME].text;
    const char *domain = place->values.items[KEY_DOMAIN].text;
    if (user[0] != '\0' && !names_is_user(user))
        build_problem(b, place, "username",
                      "username must be without comma and control characters");
    if (domain[0] != '\0' && !names_is_domain(domain))
        build_problem(b, place, "domain",
                      "domain must be without comma, backslash and control characters");
    const struct option_value *local = &place->values.items[KEY_LOCAL_USER];
    if (local->text[0] != '\0' && !names_is_local(local->text))
        build_problem(b, place, "local_user", "local_user must be a user name of this machine");
}

int build_settings(struct build *b, const struct place *place, struct settings *settings) {
    *settings = (struct settings){0};
    if (place->values.len == 0)
        return 0;
    check_users(b, place);
    const struct yaml_node *domain = yaml_get(place->map, "domain");
    const struct yaml_node *options = yaml_get(place->map, "mount_options");
    const char *text = place->values.items[KEY_DOMAIN].text;
    int rc = domain != NULL ? set_domain(b, place, domain, text, settings) : 0;
    if (rc == 0 && options != NULL)
        rc = read_options(b, place, options, settings);
    return rc == 0 ? build_credential(b, place, settings) : rc;
}

void settings_finish(struct settings *settings) {
    words_finish(&settings->options);
    words_finish(&settings->credential_command);
    free(settings->domain);
    free(settings->credential_path);
    *settings = (struct settings){0};
}

int build_options(struct build *b, const struct settings *own, struct config_mount *mount) {
    const struct settings *from = own->has_options ? own : &b->settings;
    int rc = words_copy(&mount->options, &from->options);
    for (size_t i = 0; i < sizeof added / sizeof added[0] && rc == 0; i++) {
        char key[32] = "";
        memcpy(key, added[i], strcspn(added[i], "="));
        if (words_find(&mount->options, key) == NULL)
            rc = words_add(&mount->options, added[i]);
    }
    const char *port = words_find(&mount->options, "port");
    mount->port = port != NULL ? (uint16_t)strtoul(port + strlen("port="), NULL, 10) : SMB_PORT;
    return rc;
}
