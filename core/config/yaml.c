/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "config/yaml.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/str.h"
#include "config/yaml_scan.h"

struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the current one; owned */
    size_t nodes;
    struct yaml_problems *problems;
};

static unsigned from_one(size_t n) {
    return n < UINT32_MAX - 1 ? (unsigned)n + 1 : UINT32_MAX;
}

static int refuse(struct reader *r, const char *text) {
    yaml_mark_t at = r->event.start_mark;
    yaml_problem(r->problems, from_one(at.line), from_one(at.column), "%s", text);
    return -EINVAL;
}

static int refuse_syntax(struct reader *r) {
    const yaml_parser_t *p = &r->parser;
    if (p->error == YAML_MEMORY_ERROR)
        return -ENOMEM;
    const char *context = p->context != NULL ? p->context : "";
    yaml_problem(r->problems, from_one(p->problem_mark.line), from_one(p->problem_mark.column),
                 "not YAML: %s%s%s", p->problem != NULL ? p->problem : "cannot be read",
                 context[0] != '\0' ? " " : "", context);
    return -EINVAL;
}

static int next_event(struct reader *r) {
    yaml_event_delete(&r->event);
    return yaml_parser_parse(&r->parser, &r->event) != 0 ? 0 : refuse_syntax(r);
}

static const char *why_not_scalar(const yaml_event_t *event) {
    if (event->data.scalar.tag != NULL)
        return "tags (!) are not allowed";
    if (event->data.scalar.anchor != NULL)
        return "anchors (&) are not allowed: write the value out";
    if (event->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
        event->data.scalar.style == YAML_FOLDED_SCALAR_STYLE)
        return "block text (| or >) is not allowed: write it on one line";
    if (event->data.scalar.length > YAML_SCALAR_MAX)
        return "a text is longer than 4096 bytes";
    if (!str_is_clean((const char *)event->data.scalar.value, event->data.scalar.length))
        return "line breaks and control characters are not allowed in a text";
    return NULL;
}

static const char *why_not_collection(const yaml_event_t *event) {
    bool map = event->type == YAML_MAPPING_START_EVENT;
    if ((map ? event->data.mapping_start.tag : event->data.sequence_start.tag) != NULL)
        return "tags (!) are not allowed";
    if ((map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor) != NULL)
        return "anchors (&) are not allowed: write the value out";
    return NULL;
}

static int check_event(struct reader *r, unsigned depth) {
    const char *why = NULL;
    if (r->event.type == YAML_ALIAS_EVENT)
        why = "aliases (*) are not allowed: write the value out";
    else if (r->event.type == YAML_SCALAR_EVENT)
        why = why_not_scalar(&r->event);
    else
        why = why_not_collection(&r->event);
    if (why == NULL && r->event.type != YAML_SCALAR_EVENT && depth >= YAML_DEPTH_MAX)
        why = "too many lists and mappings inside each other";
    return why == NULL ? 0 : refuse(r, why);
}

static void place(const struct reader *r, struct yaml_node *node) {
    node->line = from_one(r->event.start_mark.line);
    node->column = from_one(r->event.start_mark.column);
}

static char *scalar_text(const struct reader *r) {
    const char *value = (const char *)r->event.data.scalar.value;
    return strndup(value, r->event.data.scalar.length);
}

/* Room for one more item; a key's slots grow with it. */
static int reserve(struct yaml_node *node) {
    if (node->len < node->size)
        return 0;
    size_t size = node->size == 0 ? 2 : node->size * 2;
    struct yaml_node *items = realloc(node->items, size * sizeof *items);
    if (items == NULL)
        return -ENOMEM;
    node->items = items;
    if (node->kind == YAML_MAP) {
        char **keys = realloc(node->keys, size * sizeof *keys);
        if (keys == NULL)
            return -ENOMEM;
        node->keys = keys;
        struct yaml_mark *marks = realloc(node->key_marks, size * sizeof *marks);
        if (marks == NULL)
            return -ENOMEM;
        node->key_marks = marks;
    }
    node->size = size;
    return 0;
}

static const char *why_not_key(const struct yaml_node *map, const char *key) {
    if (strcmp(key, "<<") == 0)
        return "merge keys (<<) are not allowed: write the values out";
    for (size_t i = 0; i < map->len; i++)
        if (strcmp(map->keys[i], key) == 0)
            return "this key is given twice";
    return NULL;
}

/* The current event is a key: add it with an empty value. */
static int add_key(struct reader *r, struct yaml_node *map, unsigned depth) {
    int rc = check_event(r, depth);
    if (rc != 0)
        return rc;
    if (r->event.type != YAML_SCALAR_EVENT)
        return refuse(r, "a key must be a word");
    if (map->len >= YAML_KEYS_MAX)
        return refuse(r, "a mapping has too many keys");
    rc = reserve(map);
    if (rc != 0)
        return rc;
    char *key = scalar_text(r);
    if (key == NULL)
        return -ENOMEM;
    const char *why = why_not_key(map, key);
    if (why != NULL) {
        free(key);
        return refuse(r, why);
    }
    struct yaml_node at = {0};
    place(r, &at);
    map->keys[map->len] = key;
    map->key_marks[map->len] = (struct yaml_mark){at.line, at.column};
    map->items[map->len++] = (struct yaml_node){0};
    return 0;
}

static int add_item(struct yaml_node *list) {
    int rc = reserve(list);
    if (rc == 0)
        list->items[list->len++] = (struct yaml_node){0};
    return rc;
}

static int read_node(struct reader *r, struct yaml_node *node, unsigned depth);

/* Recursion ends at YAML_DEPTH_MAX: check_event. */
static int read_items(struct reader *r, struct yaml_node *node, unsigned depth) {
    yaml_event_type_t end =
        node->kind == YAML_MAP ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
    for (;;) {
        int rc = next_event(r);
        if (rc != 0 || r->event.type == end)
            return rc;
        rc = node->kind == YAML_MAP ? add_key(r, node, depth) : add_item(node);
        if (rc == 0 && node->kind == YAML_MAP)
            rc = next_event(r);
        if (rc == 0)
            rc = read_node(r, &node->items[node->len - 1], depth);
        if (rc != 0)
            return rc;
    }
}

/* Fill node from the current event, and those that belong to it. */
static int read_node(struct reader *r, struct yaml_node *node, unsigned depth) {
    int rc = check_event(r, depth);
    if (rc != 0)
        return rc;
    if (++r->nodes > YAML_NODES_MAX)
        return refuse(r, "the file has too many values");
    place(r, node);
    if (r->event.type != YAML_SCALAR_EVENT) {
        node->kind = r->event.type == YAML_MAPPING_START_EVENT ? YAML_MAP : YAML_LIST;
        return read_items(r, node, depth + 1);
    }
    node->kind = YAML_SCALAR;
    node->quoted = r->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    node->text = scalar_text(r);
    return node->text != NULL ? 0 : -ENOMEM;
}

static void become_empty_map(struct yaml_node *root) {
    yaml_finish(root);
    *root = (struct yaml_node){.kind = YAML_MAP, .line = 1, .column = 1};
}

static int read_stream(struct reader *r, struct yaml_node *root) {
    int rc = next_event(r); /* stream start */
    if (rc == 0)
        rc = next_event(r);
    if (rc == 0 && r->event.type == YAML_STREAM_END_EVENT) {
        become_empty_map(root);
        return 0;
    }
    if (rc == 0)
        rc = next_event(r); /* what the document begins with */
    if (rc == 0)
        rc = read_node(r, root, 0);
    if (rc == 0)
        rc = next_event(r); /* document end */
    if (rc == 0)
        rc = next_event(r);
    if (rc == 0 && r->event.type != YAML_STREAM_END_EVENT)
        rc = refuse(r, "a second document (---) is not allowed");
    return rc;
}

int yaml_parse(const void *bytes, size_t len, struct yaml_node *root,
               struct yaml_problems *problems) {
    static const char bom[] = "\xef\xbb\xbf";
    const char *text = bytes;
    *root = (struct yaml_node){0};
    if (len >= 3 && memcmp(text, bom, 3) == 0) {
        text += 3;
        len -= 3;
    }
    int rc = yaml_scan(text, len, problems);
    if (rc != 0)
        return rc;
    struct reader r = {.problems = problems};
    if (yaml_parser_initialize(&r.parser) == 0)
        return -ENOMEM;
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, len);
    rc = read_stream(&r, root);
    if (rc == 0 && root->kind == YAML_SCALAR && !root->quoted && root->text[0] == '\0')
        become_empty_map(root);
    yaml_event_delete(&r.event);
    yaml_parser_delete(&r.parser);
    return rc;
}
