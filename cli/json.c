/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "json.h"

#include <inttypes.h>
#include <string.h>

/* str_add_json leaves C1 controls (U+0080 to U+009F) as they are, which a terminal may obey. */
static void add_text(struct str *to, const char *text) {
    struct str plain;
    str_init(&plain, strlen(text) * 6 + 3);
    str_add_json(&plain, text);
    to->failed |= plain.failed;
    for (size_t i = 0; i < plain.len; i++) {
        const unsigned char *p = (const unsigned char *)plain.data + i;
        if (p[0] == 0xc2 && p[1] < 0xa0) {
            str_add(to, "\\u%04x", (unsigned)p[1]);
            i++;
        } else {
            str_add_bytes(to, p, 1);
        }
    }
    str_finish(&plain);
}

void json_add_row(struct str *to, enum record record, const void *row) {
    const struct record_row *table = &record_table[record];
    for (unsigned i = 0; i < table->fields_len; i++) {
        const struct field_row *field = &table->fields[i];
        const void *at = (const char *)row + field->view_offset;
        str_add(to, "%s\"%s\": ", i == 0 ? "{" : ", ", field->key);
        switch (field->type) {
        case FIELD_TEXT:
            add_text(to, *(const char *const *)at);
            break;
        case FIELD_NUMBER:
            str_add(to, "%" PRIu64, *(const uint64_t *)at);
            break;
        case FIELD_TRUTH:
            str_add(to, *(const bool *)at ? "true" : "false");
            break;
        }
    }
    str_add(to, "}");
}

static void add_rows(struct str *to, const struct control_section *section) {
    size_t size = record_table[section->record].view_size;
    str_add(to, "[");
    for (size_t i = 0; i < section->rows_len; i++) {
        str_add(to, i == 0 ? "\n  " : ",\n  ");
        json_add_row(to, section->record, (const char *)section->rows + i * size);
    }
    str_add(to, section->rows_len > 0 ? "\n]" : "]");
}

/* "status_record" is "status". */
static int name_len(enum record record) {
    const char *name = record_table[record].name, *end = strstr(name, "_record");
    return end != NULL ? (int)(end - name) : (int)strlen(name);
}

void json_add_sections(struct str *to, const struct control_section *sections, size_t len) {
    size_t known = 0, added = 0;
    for (size_t i = 0; i < len; i++)
        known += sections[i].record < RECORD_COUNT;
    if (known == 0)
        str_add(to, "[]");
    else if (known > 1)
        str_add(to, "{");
    for (size_t i = 0; i < len; i++) {
        enum record record = sections[i].record;
        if (record >= RECORD_COUNT)
            continue;
        if (known > 1)
            str_add(to, "%s\"%.*s\": ", added++ > 0 ? ", " : "", name_len(record),
                    record_table[record].name);
        add_rows(to, &sections[i]);
    }
    str_add(to, known > 1 ? "}\n" : "\n");
}

void json_add_error(struct str *to, enum control_error code, const char *message) {
    str_add(to, "{\"error\": {\"code\": \"%s\", \"message\": ", control_error_name(code));
    add_text(to, message);
    str_add(to, "}}\n");
}
