/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Option tables: the daemon's own keys and the plugins' options are described by the same
 * struct smbm_option and checked by the same code, so both get the same messages.
 */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include <smbmounter/plugin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "config/yaml.h"

#define SCHEMA_LIST_MAX 32
#define SCHEMA_TEXT_MAX 1024

/* A row type of the daemon's own tables: a list or mapping whose shape the caller checks. */
#define SCHEMA_NODE 100u

/* One checked value; owns its memory. */
struct option_value {
    int64_t number;
    char *text;
    int64_t *list;
    size_t list_len;
    bool given; /* false: the default */
};

/* The values of a table, index by index; what failed its check has its default, text is never NULL
 * in a filled one. Zeroed memory is an empty one. */
struct option_values {
    struct option_value *items;
    size_t len;
};

void option_values_finish(struct option_values *values);
int option_values_copy(struct option_values *to, const struct option_values *from); /* 0, -ENOMEM */
bool option_values_equal(const struct option_values *a, const struct option_values *b);

/* Number of rows up to SMBM_OPTIONS_END; NULL counts as 0. */
size_t schema_len(const struct smbm_option *table);

/* Check the table itself (a plugin may bring nonsense): names, types, ranges, defaults. */
int schema_check_table(const struct smbm_option *table, struct err *err);

/*
 * Check a YAML mapping (NULL: none given) against a table and fill values, defaults included.
 * Every problem is added to problems with its line and column as
 * "where: KEY must be 100 to 600000"; unknown keys name the nearest allowed one.
 * 0, or -EINVAL when something was added, or -ENOMEM.
 */
int schema_check(const struct smbm_option *table, const struct yaml_node *map, const char *where,
                 struct option_values *values, struct yaml_problems *problems);

/* Check one scalar or list against one row (used by shorthand keys). */
int schema_check_value(const struct smbm_option *row, const struct yaml_node *node,
                       const char *where, struct option_value *value,
                       struct yaml_problems *problems);

#endif
