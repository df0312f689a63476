/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "table.h"

enum shape { PLAIN, WIDE, WRAP, SPAN_SINCE, TIME, MICROS };

/* Fields that are not shown as they are: key, shape. */
static const struct {
    const char *key;
    enum shape shape;
} shapes[] = {
    {"mountpoint", WIDE},     {"source", WIDE},  {"file", WIDE},      {"evidence", WRAP},
    {"summary", WRAP},        {"help", WRAP},    {"text", WRAP},      {"allowed", WIDE},
    {"since_ms", SPAN_SINCE}, {"wall_ms", TIME}, {"took_us", MICROS},
};

static enum shape shape_of(const struct field_row *field) {
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        if (strcmp(shapes[i].key, field->key) == 0)
            return shapes[i].shape;
    return PLAIN;
}

void print_micros(uint64_t us, struct str *to) {
    char text[CLOCK_TEXT_MAX];
    if (us < 1000) {
        str_add(to, "%" PRIu64 " us", us);
    } else if (us < 100000) {
        str_add(to, "%" PRIu64 ".%" PRIu64 " ms", us / 1000, us % 1000 / 100);
    } else {
        clock_format_span(us / 1000, text);
        str_add(to, "%s", text);
    }
}

static void print_number(enum shape shape, uint64_t number, uint64_t now_ms, struct str *to) {
    char text[CLOCK_TEXT_MAX];
    if ((shape == SPAN_SINCE || shape == TIME) && number == 0) {
        str_add(to, "-");
    } else if (shape == SPAN_SINCE) {
        clock_format_span(now_ms > number ? now_ms - number : 0, text);
        str_add_bytes(to, text, strlen(text));
    } else if (shape == TIME) {
        clock_format_wall(number, text);
        str_add(to, "%s", text);
    } else if (shape == MICROS) {
        print_micros(number, to);
    } else {
        str_add(to, "%" PRIu64, number);
    }
}

/* What to show of a field: a span for since_ms, a time for wall_ms, "-" for nothing. room is for
 * what is not in the row as a text. */
static const char *field_text(const struct field_row *field, enum shape shape, const void *row,
                              uint64_t now_ms, struct str *room) {
    const void *at = (const char *)row + field->view_offset;
    const char *text = "";
    switch (field->type) {
    case FIELD_TEXT:
        text = *(const char *const *)at;
        return text[0] != '\0' ? text : "-";
    case FIELD_NUMBER:
        room->len = 0;
        print_number(shape, *(const uint64_t *)at, now_ms, room);
        return room->data != NULL ? room->data : "";
    case FIELD_TRUTH:
        return *(const bool *)at ? "yes" : "no";
    }
    return text;
}

void print_lengthen(const char **text, char *room, const char *separator, const char *words) {
    if (*text != room)
        str_copy(room, FIELD_TEXT_MAX, *text);
    size_t len = strlen(room);
    snprintf(room + len, FIELD_TEXT_MAX - len, "%s%s", len > 0 ? separator : "", words);
    *text = room;
}

struct source {
    const struct field_row *field;
    enum shape shape;
};

/* The columns of a record; from[i] is for column i. Returns the note's field, or NULL. */
static const struct field_row *set_columns(struct table *table, const struct record_row *record,
                                           const char *note, struct source *from) {
    const struct field_row *found = NULL;
    for (unsigned i = 0; i < record->fields_len; i++) {
        const struct field_row *field = &record->fields[i];
        if (note != NULL && strcmp(field->key, note) == 0)
            found = field;
        if (field->title[0] == '\0' || table->columns_len == TABLE_COLUMNS_MAX)
            continue;
        enum shape shape = shape_of(field);
        from[table->columns_len] = (struct source){field, shape};
        table->columns[table->columns_len++] = (struct table_column){
            .title = field->title,
            .right = field->type == FIELD_NUMBER && shape == PLAIN,
            .wide = shape == WIDE,
            .wrap = shape == WRAP,
        };
    }
    for (size_t i = 0; i + 1 < table->columns_len; i++) {
        table->columns[i].wide |= table->columns[i].wrap;
        table->columns[i].wrap = false;
    }
    return found;
}

static void add_row(struct table *table, const struct source *from, struct str *rooms,
                    const void *row, const char *note, uint64_t now_ms) {
    const char *cells[TABLE_COLUMNS_MAX];
    for (size_t i = 0; i < table->columns_len; i++) {
        cells[i] = field_text(from[i].field, from[i].shape, row, now_ms, &rooms[i]);
        table->failed |= rooms[i].failed;
    }
    table_add_row(table, cells, note);
}

void print_table(const struct screen *screen, const struct control_section *section,
                 const char *note, struct str *to) {
    const struct record_row *record = &record_table[section->record];
    struct source from[TABLE_COLUMNS_MAX];
    struct str rooms[TABLE_COLUMNS_MAX]; /* used for row after row */
    struct table table = {0};
    const struct field_row *note_field = set_columns(&table, record, note, from);
    for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++)
        str_init(&rooms[i], FIELD_TEXT_MAX);
    for (size_t i = 0; i < section->rows_len; i++) {
        const char *row = (const char *)section->rows + i * record->view_size;
        add_row(&table, from, rooms, row,
                note_field != NULL ? *(const char *const *)(row + note_field->view_offset) : "",
                screen->now_ms);
    }
    table_render(&table, screen->width, screen->color, to);
    table_finish(&table);
    for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++)
        str_finish(&rooms[i]);
}

const struct control_section *print_find(const struct control_response *response,
                                         enum record record) {
    for (size_t i = 0; i < response->sections_len; i++)
        if (response->sections[i].record == record)
            return &response->sections[i];
    return NULL;
}
