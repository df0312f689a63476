/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "config/yaml.h"

static struct yaml_problem *add_place(struct yaml_problems *problems) {
    if (problems->len == problems->size && problems->size < YAML_PROBLEMS_MAX) {
        size_t size = problems->size == 0 ? 10 : problems->size * 2;
        if (size > YAML_PROBLEMS_MAX)
            size = YAML_PROBLEMS_MAX;
        struct yaml_problem *items = realloc(problems->items, size * sizeof *items);
        if (items != NULL) {
            problems->items = items;
            problems->size = size;
        }
    }
    return problems->len < problems->size ? &problems->items[problems->len++] : NULL;
}

void yaml_problem(struct yaml_problems *problems, unsigned line, unsigned column,
                  const char *format, ...) {
    struct yaml_problem *problem = add_place(problems);
    if (problem == NULL) {
        problems->dropped++;
        return;
    }
    problem->line = line;
    problem->column = column;
    va_list args;
    va_start(args, format);
    if (vsnprintf(problem->text, sizeof problem->text, format, args) < 0)
        problem->text[0] = '\0';
    va_end(args);
}

static bool stands_before(const struct yaml_problem *a, const struct yaml_problem *b) {
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

/* Stable, and there are at most YAML_PROBLEMS_MAX. */
void yaml_problems_sort(struct yaml_problems *problems) {
    for (size_t i = 1; i < problems->len; i++) {
        struct yaml_problem moved = problems->items[i];
        size_t k = i;
        for (; k > 0 && stands_before(&moved, &problems->items[k - 1]); k--)
            problems->items[k] = problems->items[k - 1];
        problems->items[k] = moved;
    }
}

void yaml_problems_finish(struct yaml_problems *problems) {
    free(problems->items);
    *problems = (struct yaml_problems){0};
}
