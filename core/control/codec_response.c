/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Decoding what the daemon answers. */
#include "control/codec.h"

#include <stdlib.h>

#include "control/codec_object.h"

#define ROWS_BYTES_MAX (256u << 20) /* of all sections of a response */

static int bad_row(const char *record, const char *key, struct err *err) {
    return err_set(err, EPROTO, "the daemon's answer has a bad field '%s' in a '%s'", key, record);
}

/* What is left of the room for rows and for their texts. */
struct room {
    size_t rows;
    char *texts;
};

/* A text's head in the message has a byte at least, which pays for the NUL: room as long as the
 * message is enough. */
static bool decode_text(const msgpack_object *value, char *to, struct room *room) {
    const char *text = "";
    if (value->type != MSGPACK_OBJECT_STR)
        return false;
    size_t size = value->via.str.size;
    if (size > 0) { /* else there is no pointer */
        if (memchr(value->via.str.ptr, '\0', size) != NULL)
            return false;
        size = size < FIELD_TEXT_MAX ? size : FIELD_TEXT_MAX - 1;
        memcpy(room->texts, value->via.str.ptr, size);
        text = room->texts;
        room->texts[size] = '\0';
        room->texts += size + 1;
    }
    memcpy(to, &text, sizeof text);
    return true;
}

/* False when the value has not the field's type. */
static bool decode_field(const msgpack_object *value, const struct field_row *field, char *row,
                         struct room *room) {
    char *to = row + field->view_offset;
    switch (field->type) {
    case FIELD_TEXT:
        return decode_text(value, to, room);
    case FIELD_NUMBER:
        if (value->type != MSGPACK_OBJECT_POSITIVE_INTEGER)
            return false;
        memcpy(to, &value->via.u64, sizeof value->via.u64);
        return true;
    case FIELD_TRUTH:
        if (value->type != MSGPACK_OBJECT_BOOLEAN)
            return false;
        *(bool *)to = value->via.boolean;
        return true;
    }
    return false;
}

/* Index of the key, starting where the last one was found: both ends have the same order. */
static unsigned find_field(const struct record_row *table, const msgpack_object *key,
                           unsigned from) {
    for (unsigned i = 0; i < table->fields_len; i++) {
        unsigned at = (from + i) % table->fields_len;
        if (object_is_bytes(key, table->fields[at].key, table->fields[at].key_len))
            return at;
    }
    return table->fields_len;
}

static void clear_texts(const struct record_row *table, char *row) {
    static const char *const none = "";
    for (unsigned i = 0; i < table->fields_len; i++)
        if (table->fields[i].type == FIELD_TEXT)
            memcpy(row + table->fields[i].view_offset, &none, sizeof none);
}

static int decode_row(const msgpack_object *object, const struct record_row *table, char *row,
                      struct room *room, struct err *err) {
    uint64_t seen = 0;
    unsigned next = 0;
    clear_texts(table, row);
    if (object->type != MSGPACK_OBJECT_MAP)
        return bad_row(table->name, "", err);
    for (uint32_t i = 0; i < object->via.map.size; i++) {
        const msgpack_object_kv *pair = &object->via.map.ptr[i];
        unsigned at = find_field(table, &pair->key, next);
        if (at == table->fields_len)
            continue;
        const struct field_row *field = &table->fields[at];
        if ((seen & UINT64_C(1) << at) != 0 || !decode_field(&pair->val, field, row, room))
            return bad_row(table->name, field->key, err);
        seen |= UINT64_C(1) << at;
        next = at + 1;
    }
    return 0;
}

static int decode_rows(const msgpack_object *rows, struct control_section *section,
                       struct room *room, struct err *err) {
    const struct record_row *table = &record_table[section->record];
    size_t len = rows->via.array.size;
    if (len > room->rows / table->view_size)
        return err_set(err, EPROTO, "the daemon's answer is too long");
    room->rows -= len * table->view_size;
    section->rows = calloc(len != 0 ? len : 1, table->view_size);
    if (section->rows == NULL)
        return err_set(err, ENOMEM, "no memory for the daemon's answer");
    section->rows_len = len;
    for (size_t i = 0; i < len; i++) {
        int rc = decode_row(&rows->via.array.ptr[i], table,
                            (char *)section->rows + i * table->view_size, room, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static enum record find_record(const msgpack_object *name) {
    for (unsigned i = 0; i < RECORD_COUNT; i++)
        if (object_is_text(name, record_table[i].name))
            return (enum record)i;
    return RECORD_COUNT;
}

static const msgpack_object *find_key(const msgpack_object *map, const char *key) {
    if (map->type == MSGPACK_OBJECT_MAP)
        for (uint32_t i = 0; i < map->via.map.size; i++)
            if (object_is_text(&map->via.map.ptr[i].key, key))
                return &map->via.map.ptr[i].val;
    return NULL;
}

static int decode_sections(const msgpack_object *object, struct control_response *response,
                           struct err *err) {
    struct room room = {.rows = ROWS_BYTES_MAX, .texts = response->texts};
    if (object->type == MSGPACK_OBJECT_NIL)
        return 0;
    if (object->type != MSGPACK_OBJECT_ARRAY)
        return err_set(err, EPROTO, "the daemon's answer is not a list");
    size_t len = object->via.array.size;
    response->sections = calloc(len != 0 ? len : 1, sizeof *response->sections);
    if (response->sections == NULL)
        return err_set(err, ENOMEM, "no memory for the daemon's answer");
    response->sections_len = len;
    for (size_t i = 0; i < len; i++) {
        const msgpack_object *name = find_key(&object->via.array.ptr[i], "record");
        const msgpack_object *rows = find_key(&object->via.array.ptr[i], "rows");
        if (name == NULL || rows == NULL || rows->type != MSGPACK_OBJECT_ARRAY)
            return err_set(err, EPROTO, "a section of the daemon's answer has no rows");
        response->sections[i].record = find_record(name);
        if (response->sections[i].record == RECORD_COUNT)
            continue;
        int rc = decode_rows(rows, &response->sections[i], &room, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* Other servers send other errors: whatever it is, it is a failure with a text. */
static void decode_error(const msgpack_object *object, struct control_response *response) {
    const msgpack_object *code = find_key(object, "code"), *message = find_key(object, "message");
    if (object->type == MSGPACK_OBJECT_NIL)
        return;
    response->error = CONTROL_FAILED;
    if (code != NULL && code->type == MSGPACK_OBJECT_STR) {
        enum control_error error = control_error_parse(code->via.str.ptr, code->via.str.size);
        if (error != CONTROL_OK && error != CONTROL_ERROR_COUNT)
            response->error = error;
    }
    const msgpack_object *text = message != NULL ? message : object;
    if (text->type == MSGPACK_OBJECT_STR)
        str_escape(response->message, sizeof response->message, text->via.str.ptr,
                   text->via.str.size);
}

static int decode_message(const msgpack_object *object, struct control_response *response,
                          struct err *err) {
    const msgpack_object *parts = object->via.array.ptr;
    if (object_is_message(object, 2, 3) && parts[1].type == MSGPACK_OBJECT_STR) {
        response->notification = true;
        object_method(&parts[1], response->method, sizeof response->method);
        return decode_sections(&parts[2], response, err);
    }
    if (!object_is_message(object, 1, 4) || !object_id(&parts[1], &response->id))
        return err_set(err, EPROTO, "neither a response nor a notification");
    decode_error(&parts[2], response);
    return response->error == CONTROL_OK ? decode_sections(&parts[3], response, err) : 0;
}

int control_decode_response(const void *data, size_t len, struct control_response *response,
                            struct err *err) {
    *response = (struct control_response){.error = CONTROL_OK};
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    int rc = object_unpack(&unpacked, data, len, err);
    response->texts = malloc(len != 0 ? len : 1);
    if (rc == 0 && response->texts == NULL)
        rc = err_set(err, ENOMEM, "no memory for the daemon's answer");
    if (rc == 0)
        rc = decode_message(&unpacked.data, response, err);
    msgpack_unpacked_destroy(&unpacked);
    if (rc < 0)
        control_response_finish(response);
    return rc;
}

void control_response_finish(struct control_response *response) {
    for (size_t i = 0; i < response->sections_len; i++)
        free(response->sections[i].rows);
    free(response->sections);
    free(response->texts);
    *response = (struct control_response){.error = CONTROL_OK};
}
