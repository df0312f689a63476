/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Encoding: requests, replies, notifications. */
#include "control/codec.h"

#include <errno.h>
#include <string.h>

#define SHORT_MAX 31 /* the head of a text up to so long is one byte */

/* Packing fails only without memory, and then for good: rc collects it. Nearly all texts are short,
 * and thousands of rows are full of them: head and body are one write. */
static int pack_bytes(msgpack_packer *packer, const char *text, size_t len) {
    char whole[1 + SHORT_MAX];
    if (len > SHORT_MAX)
        return msgpack_pack_str(packer, len) | msgpack_pack_str_body(packer, text, len);
    whole[0] = (char)(0xa0 | len);
    memcpy(whole + 1, text, len);
    return msgpack_pack_str_body(packer, whole, 1 + len);
}

static int pack_text(msgpack_packer *packer, const char *text, size_t max) {
    return pack_bytes(packer, text, strnlen(text, max));
}

static int pack_bool(msgpack_packer *packer, bool value) {
    return value ? msgpack_pack_true(packer) : msgpack_pack_false(packer);
}

static int finish(int rc) {
    return rc == 0 ? 0 : -ENOMEM;
}

/* Is the argument with this index a flag: brackets that begin with "-" and hold no space. */
static bool is_flag(const char *arguments, size_t index) {
    const char *at = arguments;
    for (; *at != '\0'; index--) {
        bool optional = *at == '[';
        const char *end = optional ? strchr(at, ']') : strchr(at, ' ');
        size_t len = end != NULL ? (size_t)(end - at) : strlen(at);
        if (index == 0)
            return optional && at[1] == '-' && memchr(at, ' ', len) == NULL;
        at += len;
        at += strspn(at, "] ");
    }
    return false;
}

static int pack_param(msgpack_packer *packer, const char *arguments, size_t index,
                      const char *param) {
    if (param == NULL || param[0] == '\0')
        return msgpack_pack_nil(packer);
    if (is_flag(arguments, index) && (strcmp(param, "true") == 0 || strcmp(param, "false") == 0))
        return pack_bool(packer, strcmp(param, "true") == 0);
    return pack_text(packer, param, CONTROL_PARAM_TEXT_MAX - 1);
}

int control_encode_request(msgpack_sbuffer *out, uint32_t id, const char *method,
                           const char *const *params, size_t params_len) {
    enum command command = command_find(method, strlen(method));
    const char *arguments = command < COMMAND_COUNT ? command_table[command].arguments : "";
    msgpack_packer packer;
    msgpack_packer_init(&packer, out, msgpack_sbuffer_write);
    int rc = msgpack_pack_array(&packer, 4);
    rc |= msgpack_pack_uint8(&packer, 0);
    rc |= msgpack_pack_uint32(&packer, id);
    rc |= pack_text(&packer, method, strlen(method));
    rc |= msgpack_pack_array(&packer, params_len);
    for (size_t i = 0; i < params_len; i++)
        rc |= pack_param(&packer, arguments, i, params[i]);
    return finish(rc);
}

void control_reply_init(struct control_reply *reply) {
    msgpack_sbuffer_init(&reply->buffer);
    msgpack_packer_init(&reply->packer, &reply->buffer, msgpack_sbuffer_write);
}

void control_reply_finish(struct control_reply *reply) {
    msgpack_sbuffer_destroy(&reply->buffer);
    msgpack_sbuffer_init(&reply->buffer);
}

int control_reply_error(struct control_reply *reply, uint32_t id, enum control_error code,
                        const char *message) {
    msgpack_packer *packer = &reply->packer;
    const char *name = control_error_name(code);
    msgpack_sbuffer_clear(&reply->buffer);
    int rc = msgpack_pack_array(packer, 4);
    rc |= msgpack_pack_uint8(packer, 1);
    rc |= msgpack_pack_uint32(packer, id);
    rc |= msgpack_pack_map(packer, 2);
    rc |= pack_text(packer, "code", 4);
    rc |= pack_text(packer, name, strlen(name));
    rc |= pack_text(packer, "message", 7);
    rc |= pack_text(packer, message, CONTROL_MESSAGE_MAX - 1);
    rc |= msgpack_pack_nil(packer);
    return finish(rc);
}

int control_reply_begin(struct control_reply *reply, uint32_t id, size_t sections) {
    msgpack_packer *packer = &reply->packer;
    int rc = msgpack_pack_array(packer, 4);
    rc |= msgpack_pack_uint8(packer, 1);
    rc |= msgpack_pack_uint32(packer, id);
    rc |= msgpack_pack_nil(packer);
    rc |= msgpack_pack_array(packer, sections);
    return finish(rc);
}

int control_reply_section(struct control_reply *reply, enum record record, size_t rows) {
    msgpack_packer *packer = &reply->packer;
    const char *name = record_table[record].name;
    int rc = msgpack_pack_map(packer, 2);
    rc |= pack_text(packer, "record", 6);
    rc |= pack_text(packer, name, strlen(name));
    rc |= pack_text(packer, "rows", 4);
    rc |= msgpack_pack_array(packer, rows);
    return finish(rc);
}

/* Of a record, or of its view. */
static int pack_field(msgpack_packer *packer, const struct field_row *field, const void *row,
                      bool view) {
    const char *member = (const char *)row + (view ? field->view_offset : field->offset);
    uint64_t number;
    int rc = pack_bytes(packer, field->key, field->key_len);
    switch (field->type) {
    case FIELD_TEXT:
        return rc | pack_text(packer, view ? *(const char *const *)(const void *)member : member,
                              FIELD_TEXT_MAX - 1);
    case FIELD_NUMBER:
        memcpy(&number, member, sizeof number);
        return rc | msgpack_pack_uint64(packer, number);
    case FIELD_TRUTH:
        return rc | pack_bool(packer, *(const bool *)member);
    }
    return -1;
}

static int pack_row(struct control_reply *reply, enum record record, const void *row, bool view) {
    const struct record_row *table = &record_table[record];
    int rc = msgpack_pack_map(&reply->packer, table->fields_len);
    for (unsigned i = 0; i < table->fields_len; i++)
        rc |= pack_field(&reply->packer, &table->fields[i], row, view);
    return finish(rc);
}

int control_reply_row(struct control_reply *reply, enum record record, const void *row) {
    return pack_row(reply, record, row, false);
}

int control_reply_view(struct control_reply *reply, enum record record, const void *view) {
    return pack_row(reply, record, view, true);
}

int control_reply_notify(struct control_reply *reply, const char *method, enum record record,
                         const void *row) {
    msgpack_packer *packer = &reply->packer;
    int rc = msgpack_pack_array(packer, 3);
    rc |= msgpack_pack_uint8(packer, 2);
    rc |= pack_text(packer, method, strlen(method));
    rc |= msgpack_pack_array(packer, 1);
    rc |= control_reply_section(reply, record, 1);
    rc |= control_reply_row(reply, record, row);
    return finish(rc);
}
