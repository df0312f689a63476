/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <stdlib.h>
#include <string.h>

#include "config/yaml.h"

/* Recursion ends at YAML_DEPTH_MAX. */
void yaml_finish(struct yaml_node *root) {
    for (size_t i = 0; i < root->len; i++) {
        yaml_finish(&root->items[i]);
        if (root->keys != NULL)
            free(root->keys[i]);
    }
    free(root->items);
    free(root->keys);
    free(root->key_marks);
    free(root->text);
    *root = (struct yaml_node){0};
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key) {
    if (map == NULL || map->kind != YAML_MAP)
        return NULL;
    for (size_t i = 0; i < map->len; i++)
        if (strcmp(map->keys[i], key) == 0)
            return &map->items[i];
    return NULL;
}
