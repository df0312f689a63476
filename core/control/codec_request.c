/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Decoding what a client sends: nothing in it is believed. */
#include "control/codec.h"

#include "control/codec_object.h"

static int decode_param(const msgpack_object *object, size_t index, char *to, struct err *err) {
    if (object->type == MSGPACK_OBJECT_NIL)
        return 0;
    if (object->type == MSGPACK_OBJECT_BOOLEAN) {
        str_copy(to, CONTROL_PARAM_TEXT_MAX, object->via.boolean ? "true" : "false");
        return 0;
    }
    if (object->type != MSGPACK_OBJECT_STR)
        return err_set(err, EINVAL, "parameter %zu must be a text or a boolean", index + 1);
    const msgpack_object_str *text = &object->via.str;
    if (text->size >= CONTROL_PARAM_TEXT_MAX)
        return err_set(err, EINVAL, "parameter %zu is longer than %d bytes", index + 1,
                       CONTROL_PARAM_TEXT_MAX - 1);
    if (!str_is_clean(text->ptr, text->size))
        return err_set(err, EINVAL, "parameter %zu is not UTF-8 or has control characters",
                       index + 1);
    if (text->size > 0) /* else there is no pointer */
        memcpy(to, text->ptr, text->size);
    return 0;
}

static int decode_params(const msgpack_object *object, struct control_request *request,
                         struct err *err) {
    if (object->type != MSGPACK_OBJECT_ARRAY)
        return err_set(err, EINVAL, "the parameters must be an array");
    if (object->via.array.size > CONTROL_PARAMS_MAX)
        return err_set(err, EINVAL, "at most %d parameters are allowed", CONTROL_PARAMS_MAX);
    for (uint32_t i = 0; i < object->via.array.size; i++) {
        int rc = decode_param(&object->via.array.ptr[i], i, request->params[i], err);
        if (rc < 0)
            return rc;
    }
    request->params_len = object->via.array.size;
    return 0;
}

static int decode_message(const msgpack_object *object, struct control_request *request,
                          struct err *err) {
    request->notification = object_is_message(object, 2, 3);
    if (!request->notification && !object_is_message(object, 0, 4))
        return err_set(err, EPROTO, "neither a request nor a notification");
    const msgpack_object *at = object->via.array.ptr + 1;
    if (!request->notification && !object_id(at++, &request->id))
        return err_set(err, EPROTO, "the id must be a number from 0 to 4294967295");
    const msgpack_object *method = at++;
    if (method->type != MSGPACK_OBJECT_STR)
        return err_set(err, EPROTO, "the method must be a text");
    object_method(method, request->method, sizeof request->method);
    enum command command = command_find(method->via.str.ptr, method->via.str.size);
    if (command < COMMAND_COUNT && command_table[command].where == COMMAND_REMOTE)
        request->command = command;
    return decode_params(at, request, err);
}

int control_decode_request(const void *data, size_t len, struct control_request *request,
                           struct err *err) {
    *request = (struct control_request){.command = COMMAND_COUNT};
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    int rc = object_unpack(&unpacked, data, len, err);
    if (rc == 0)
        rc = decode_message(&unpacked.data, request, err);
    msgpack_unpacked_destroy(&unpacked);
    return rc;
}
