/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "config/schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/schema_value.h"
#include "config/suggest.h"

#define KEY_SHOWN 64 /* bytes of a foreign word in a message */

size_t schema_len(const struct smbm_option *table) {
    size_t len = 0;
    while (table != NULL && table[len].name != NULL)
        len++;
    return len;
}

static const char *colon(const char *where) {
    return where[0] != '\0' ? ": " : "";
}

static const struct smbm_option *find_row(const struct smbm_option *table, const char *key) {
    for (size_t i = 0; table != NULL && table[i].name != NULL; i++)
        if (strcmp(table[i].name, key) == 0)
            return &table[i];
    return NULL;
}

static void refuse_key(const struct smbm_option *table, const char *key, struct yaml_mark at,
                       const char *where, struct yaml_problems *problems) {
    if (suggest_is_secret(key, strlen(key))) {
        yaml_problem(problems, at.line, at.column,
                     "%s%sthe key '%.*s' is refused: no password belongs in this file; store it "
                     "with 'smbmounter setup NAME'",
                     where, colon(where), KEY_SHOWN, key);
        return;
    }
    struct suggest s = {.word = key};
    bool full = problems->len == YAML_PROBLEMS_MAX; /* thousands of bad keys: nobody reads on */
    for (size_t i = 0; !full && table != NULL && table[i].name != NULL; i++)
        suggest_offer(&s, table[i].name);
    yaml_problem(problems, at.line, at.column, "%s%sunknown key '%.*s'%s%s%s", where, colon(where),
                 KEY_SHOWN, key, s.best != NULL ? "; did you mean '" : "",
                 s.best != NULL ? s.best : "", s.best != NULL ? "'?" : "");
}

static bool check_keys(const struct smbm_option *table, const struct yaml_node *map,
                       const char *where, struct yaml_problems *problems) {
    bool ok = true;
    for (size_t i = 0; i < map->len; i++) {
        if (find_row(table, map->keys[i]) != NULL)
            continue;
        refuse_key(table, map->keys[i], map->key_marks[i], where, problems);
        ok = false;
    }
    return ok;
}

static bool has_no_value(const struct yaml_node *node) {
    return node->kind == YAML_SCALAR && !node->quoted &&
           (node->text[0] == '\0' || strcmp(node->text, "~") == 0 ||
            strcmp(node->text, "null") == 0);
}

static int set_from_node(const struct smbm_option *row, const struct yaml_node *node,
                         struct option_value *value) {
    if (node->kind == YAML_SCALAR)
        return has_no_value(node) ? -EINVAL : schema_set_word(row, node->text, node->quoted, value);
    if (node->kind != YAML_LIST || row->type != SMBM_OPT_INT_LIST || node->len == 0)
        return -EINVAL;
    for (size_t i = 0; i < node->len; i++) {
        const struct yaml_node *item = &node->items[i];
        int rc = item->kind == YAML_SCALAR ? schema_add_number(row, item->text, item->quoted, value)
                                           : -EINVAL;
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* A number that was put in quotes is a text, and people do not see why it is refused. */
static const char *hint(const struct smbm_option *row, const struct yaml_node *node) {
    if (has_no_value(node))
        return ", and has no value here";
    bool text = row->type == SMBM_OPT_STRING || row->type == SMBM_OPT_CHOICE;
    return node->kind == YAML_SCALAR && node->quoted && !text ? ", without quotes" : "";
}

static int fill_default(const struct smbm_option *row, struct option_value *value) {
    free(value->text);
    free(value->list);
    *value = (struct option_value){0};
    int rc = schema_set_default(row, value);
    if (rc == 0 && value->text == NULL)
        rc = (value->text = strdup("")) != NULL ? 0 : -ENOMEM;
    return rc;
}

int schema_check_value(const struct smbm_option *row, const struct yaml_node *node,
                       const char *where, struct option_value *value,
                       struct yaml_problems *problems) {
    *value = (struct option_value){0};
    int rc = set_from_node(row, node, value);
    if (rc == 0 && value->text == NULL)
        rc = (value->text = strdup("")) != NULL ? 0 : -ENOMEM;
    value->given = rc == 0;
    if (rc != -EINVAL)
        return rc;
    char allowed[256];
    schema_allowed(row, allowed, sizeof allowed);
    yaml_problem(problems, node->line, node->column, "%s%s%s must be %s%s", where, colon(where),
                 row->name, allowed, hint(row, node));
    rc = fill_default(row, value);
    return rc == -ENOMEM ? rc : -EINVAL;
}

static int check_row(const struct smbm_option *row, const struct yaml_node *map, const char *where,
                     struct option_value *value, struct yaml_problems *problems) {
    if (map != NULL && map->kind != YAML_MAP)
        return row->type == SCHEMA_NODE ? 0 : fill_default(row, value);
    const struct yaml_node *node = yaml_get(map, row->name);
    if (node != NULL && row->type != SCHEMA_NODE)
        return schema_check_value(row, node, where, value, problems);
    value->given = node != NULL;
    if (row->type == SCHEMA_NODE)
        return 0;
    int rc = fill_default(row, value);
    if (rc == 0 && row->def == NULL) {
        yaml_problem(problems, map != NULL ? map->line : 0, map != NULL ? map->column : 0,
                     "%s%s%s is missing", where, colon(where), row->name);
        rc = -EINVAL;
    }
    return rc;
}

int schema_check(const struct smbm_option *table, const struct yaml_node *map, const char *where,
                 struct option_values *values, struct yaml_problems *problems) {
    *values = (struct option_values){0};
    int result = 0;
    if (map != NULL && map->kind != YAML_MAP) {
        yaml_problem(problems, map->line, map->column, "%s%smust be a mapping (key: value)", where,
                     colon(where));
        result = -EINVAL;
    } else if (map != NULL && !check_keys(table, map, where, problems)) {
        result = -EINVAL;
    }
    size_t len = schema_len(table);
    if (len == 0)
        return result;
    values->items = calloc(len, sizeof *values->items);
    if (values->items == NULL)
        return -ENOMEM;
    values->len = len;
    for (size_t i = 0; i < len; i++) {
        int rc = check_row(&table[i], map, where, &values->items[i], problems);
        if (rc == -ENOMEM)
            return rc;
        if (rc != 0)
            result = rc;
    }
    return result;
}
