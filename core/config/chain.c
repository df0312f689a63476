/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/build.h"
#include "config/names.h"

static const char *kind_name(enum config_plugin_kind kind) {
    return kind == CONFIG_PROBE ? "probe" : "recovery";
}

static const char *kind_key(enum config_plugin_kind kind) {
    return kind == CONFIG_PROBE ? "probes" : "recovery";
}

void draft_finish(struct draft *draft) {
    config_chain_unref(draft->chain);
    *draft = (struct draft){0};
}

static int begin(struct draft *draft) {
    *draft = (struct draft){.chain = calloc(1, sizeof *draft->chain)};
    if (draft->chain == NULL)
        return -ENOMEM;
    draft->chain->references = 1;
    return 0;
}

static void refuse_item(struct build *b, struct draft *draft, const char *where,
                        const struct yaml_node *at, const char *why) {
    yaml_problem(b->problems, at->line, at->column, "%s: %s", where, why);
    draft->broken = true;
}

static const char *why_not_plugin(const struct config_chain *chain, const char *name) {
    if (!names_is_plugin(name))
        return "the name of a plugin is 1 to 32 lower case letters, digits and hyphens";
    if (chain->len == CONFIG_PLUGINS_MAX)
        return "a chain has at most 16 plugins";
    for (size_t i = 0; i < chain->len; i++)
        if (strcmp(chain->items[i].name, name) == 0)
            return "this plugin is in the chain already";
    return NULL;
}

/* at: where the name stands; options: NULL, or its mapping. */
static int add_plugin(struct build *b, enum config_plugin_kind kind, const struct place *place,
                      const char *name, const struct yaml_node *at, const struct yaml_node *options,
                      struct draft *draft) {
    char where[sizeof place->where + 64];
    const char *why = why_not_plugin(draft->chain, name);
    struct err err = {0};
    snprintf(where, sizeof where, "%s: %s '%.32s'", place->where, kind_name(kind), name);
    if (why != NULL) {
        refuse_item(b, draft, where, at, why);
        return 0;
    }
    struct config_plugin *item = &draft->chain->items[draft->chain->len];
    bool *smb_only = &draft->smb_only[draft->chain->len];
    *smb_only = false;
    const struct smbm_option *table =
        b->plugins->options(b->plugins->context, kind, name, smb_only, &err);
    if (table == NULL) {
        refuse_item(b, draft, where, at, err.text[0] != '\0' ? err.text : "no such plugin");
        return 0;
    }
    struct yaml_node none = {.kind = YAML_MAP, .line = at->line, .column = at->column};
    *item = (struct config_plugin){.line = at->line, .column = at->column, .name = strdup(name)};
    draft->chain->len++;
    if (item->name == NULL)
        return -ENOMEM;
    int rc =
        schema_check(table, options != NULL ? options : &none, where, &item->options, b->problems);
    if (rc == -EINVAL)
        draft->broken = true;
    return rc == -ENOMEM ? rc : 0;
}

static bool is_empty(const struct yaml_node *node) {
    return node->kind == YAML_SCALAR && !node->quoted && node->text[0] == '\0';
}

/* "NAME" or "{NAME: {options}}" */
static int add_item(struct build *b, enum config_plugin_kind kind, const struct place *place,
                    const struct yaml_node *node, struct draft *draft) {
    if (node->kind == YAML_SCALAR)
        return add_plugin(b, kind, place, node->text, node, NULL, draft);
    if (node->kind == YAML_MAP && node->len == 1) {
        struct yaml_node at = {.line = node->key_marks[0].line,
                               .column = node->key_marks[0].column};
        const struct yaml_node *options = is_empty(&node->items[0]) ? NULL : &node->items[0];
        return add_plugin(b, kind, place, node->keys[0], &at, options, draft);
    }
    yaml_problem(b->problems, node->line, node->column,
                 "%s: %s: each item must be a plugin's name or {NAME: {options}}", place->where,
                 kind_key(kind));
    draft->broken = true;
    return 0;
}

static int read_list(struct build *b, enum config_plugin_kind kind, const struct place *place,
                     const struct yaml_node *node, struct draft *draft) {
    if (node->kind != YAML_LIST || node->len == 0) {
        yaml_problem(b->problems, node->line, node->column,
                     "%s: %s must be a list of at least one plugin", place->where, kind_key(kind));
        draft->broken = true;
        return 0;
    }
    int rc = 0;
    for (size_t i = 0; i < node->len && rc == 0; i++)
        rc = add_item(b, kind, place, &node->items[i], draft);
    return rc;
}

static int read_builtin(struct build *b, enum config_plugin_kind kind, struct draft *draft) {
    const char *const *names = kind == CONFIG_PROBE ? keys_default_probes : keys_default_recovery;
    struct yaml_node nowhere = {.kind = YAML_MAP};
    int rc = 0;
    for (; *names != NULL && rc == 0; names++)
        rc = add_plugin(b, kind, &b->defaults, *names, &nowhere, NULL, draft);
    return rc;
}

static int default_draft(struct build *b, enum config_plugin_kind kind, struct draft **draft) {
    *draft = &b->drafts[kind];
    if ((*draft)->chain != NULL)
        return 0;
    int rc = begin(*draft);
    if (rc != 0)
        return rc;
    const struct yaml_node *node = yaml_get(b->defaults.map, kind_key(kind));
    rc = node != NULL ? read_list(b, kind, &b->defaults, node, *draft)
                      : read_builtin(b, kind, *draft);
    return rc == 0 ? build_shorthand(b, kind, &b->defaults, true, *draft) : rc;
}

/* The defaults' chain without what only fits SMB mounts. */
static int command_draft(struct build *b, enum config_plugin_kind kind, struct draft **draft) {
    struct draft *full;
    *draft = &b->command_drafts[kind];
    if ((*draft)->chain != NULL)
        return 0;
    int rc = default_draft(b, kind, &full);
    if (rc == 0)
        rc = chain_copy(full->chain, &(*draft)->chain);
    if (rc != 0)
        return rc;
    struct config_chain *chain = (*draft)->chain;
    size_t kept = 0;
    for (size_t i = 0; i < chain->len; i++) {
        struct config_plugin item = chain->items[i];
        chain->items[i] = (struct config_plugin){0};
        if (full->smb_only[i]) {
            free(item.name);
            option_values_finish(&item.options);
        } else {
            chain->items[kept++] = item;
        }
    }
    chain->len = kept;
    (*draft)->broken = full->broken;
    return 0;
}

int build_default_chains(struct build *b) {
    struct draft *draft;
    int rc = 0;
    if (yaml_get(b->defaults.map, "probes") != NULL)
        rc = default_draft(b, CONFIG_PROBE, &draft);
    if (rc == 0 && yaml_get(b->defaults.map, "recovery") != NULL)
        rc = default_draft(b, CONFIG_RECOVERY, &draft);
    return rc;
}

static void check_fit(struct build *b, enum config_plugin_kind kind, const struct place *mount,
                      const struct draft *draft) {
    for (size_t i = 0; i < draft->chain->len; i++) {
        const struct config_plugin *item = &draft->chain->items[i];
        if (draft->smb_only[i])
            yaml_problem(b->problems, item->line, item->column,
                         "%s: %s '%s' only fits an SMB mount, not mounter 'command'", mount->where,
                         kind_name(kind), item->name);
    }
}

/* A chain of its own: written in the mount, or the defaults' with a shorthand of the mount. */
static int own_chain(struct build *b, enum config_plugin_kind kind, const struct place *mount,
                     enum config_mounter mounter, const struct draft *defaults,
                     struct draft *draft) {
    const struct yaml_node *node = yaml_get(mount->map, kind_key(kind));
    int rc;
    if (node == NULL) {
        rc = chain_copy(defaults->chain, &draft->chain);
        draft->broken = defaults->broken;
        return rc == 0 ? build_shorthand(b, kind, mount, false, draft) : rc;
    }
    rc = begin(draft);
    if (rc == 0)
        rc = read_list(b, kind, mount, node, draft);
    if (rc == 0 && mounter == CONFIG_COMMAND)
        check_fit(b, kind, mount, draft);
    if (rc == 0)
        rc = build_shorthand(b, kind, mount, true, draft);
    return rc == 0 ? build_shorthand_default(b, kind, mount, draft) : rc;
}

int build_chain(struct build *b, enum config_plugin_kind kind, const struct place *mount,
                enum config_mounter mounter, struct config_chain **chain) {
    struct draft *defaults = NULL, own = {0};
    bool written = yaml_get(mount->map, kind_key(kind)) != NULL;
    int rc = 0;
    if (!written)
        rc = mounter == CONFIG_COMMAND ? command_draft(b, kind, &defaults)
                                       : default_draft(b, kind, &defaults);
    else
        defaults = mounter == CONFIG_COMMAND ? &b->command_drafts[kind] : &b->drafts[kind];
    if (rc != 0)
        return rc;
    if (!written && defaults->chain->len == 0 && !defaults->broken)
        build_problem(b, mount, NULL, "no default %s fits mounter 'command': give '%s'",
                      kind_name(kind), kind_key(kind));
    if (!written && !build_has_shorthand(kind, mount)) {
        *chain = config_chain_ref(defaults->chain);
        return 0;
    }
    rc = own_chain(b, kind, mount, mounter, defaults, &own);
    if (rc == 0)
        *chain =
            config_chain_ref(chain_equal(own.chain, defaults->chain) ? defaults->chain : own.chain);
    draft_finish(&own);
    return rc;
}
