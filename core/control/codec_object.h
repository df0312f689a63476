/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What both decoders ask of a MessagePack object. Private to the codec. */
#ifndef CONTROL_CODEC_OBJECT_H
#define CONTROL_CODEC_OBJECT_H

#include <errno.h>
#include <msgpack.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

/* Unpack all of data. 0, -EPROTO or -ENOMEM with err. Destroy unpacked in any case. */
static inline int object_unpack(msgpack_unpacked *unpacked, const void *data, size_t len,
                                struct err *err) {
    size_t end = 0;
    switch (msgpack_unpack_next(unpacked, data, len, &end)) {
    case MSGPACK_UNPACK_SUCCESS:
        if (end == len)
            return 0;
        return err_set(err, EPROTO, "bytes follow the message");
    case MSGPACK_UNPACK_NOMEM_ERROR:
        return err_set(err, ENOMEM, "no memory for the message");
    case MSGPACK_UNPACK_CONTINUE:
    case MSGPACK_UNPACK_EXTRA_BYTES:
    case MSGPACK_UNPACK_PARSE_ERROR:
    default:
        return err_set(err, EPROTO, "not a whole MessagePack message");
    }
}

static inline bool object_is_bytes(const msgpack_object *object, const char *bytes, size_t len) {
    return object->type == MSGPACK_OBJECT_STR && object->via.str.size == len &&
           memcmp(object->via.str.ptr, bytes, len) == 0;
}

static inline bool object_is_text(const msgpack_object *object, const char *text) {
    return object_is_bytes(object, text, strlen(text));
}

/* Array of exactly len whose first element is the message type. */
static inline bool object_is_message(const msgpack_object *object, unsigned type, unsigned len) {
    return object->type == MSGPACK_OBJECT_ARRAY && object->via.array.size == len &&
           object->via.array.ptr[0].type == MSGPACK_OBJECT_POSITIVE_INTEGER &&
           object->via.array.ptr[0].via.u64 == type;
}

static inline bool object_id(const msgpack_object *object, uint32_t *id) {
    if (object->type != MSGPACK_OBJECT_POSITIVE_INTEGER || object->via.u64 > UINT32_MAX)
        return false;
    *id = (uint32_t)object->via.u64;
    return true;
}

/* Method names are foreign text that ends in messages and logs. */
static inline void object_method(const msgpack_object *object, char *to, size_t size) {
    str_escape(to, size, object->via.str.ptr, object->via.str.size);
}

#endif
