/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * MessagePack-RPC messages (github.com/msgpack-rpc/msgpack-rpc spec): request [0, id, method,
 * params], response [1, id, error, result], notification [2, method, params]. params is an array
 * of strings and booleans (flags) in the order of the command's arguments; what is left out is nil.
 * error is nil or {"code": ..., "message": ...}. A result, and the params of a notification to the
 * client, is an array of sections {"record": name, "rows": [...]}, a row being a map (fields.h).
 */
#ifndef CONTROL_CODEC_H
#define CONTROL_CODEC_H

#include <msgpack.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "control/commands.h"
#include "control/fields.h"

#define CONTROL_PARAMS_MAX 4
#define CONTROL_PARAM_TEXT_MAX 256
#define CONTROL_MESSAGE_MAX 1024

struct control_request {
    uint32_t id;
    bool notification;    /* [2, ...]: must not be answered */
    char method[64];      /* as sent, cut and cleaned, for messages */
    enum command command; /* COMMAND_COUNT: unknown */
    /* In the order of the arguments; a boolean is "true" or "false", nil is "". */
    char params[CONTROL_PARAMS_MAX][CONTROL_PARAM_TEXT_MAX];
    size_t params_len;
};

/* Decode one prescanned message. 0; -EINVAL with err when only the params are wrong (id and method
 * stand, so that it can be answered); -EPROTO or -ENOMEM with err when it is no request at all. */
int control_decode_request(const void *data, size_t len, struct control_request *request,
                           struct err *err);
/* params as above: "" and NULL go as nil, a flag's "true" and "false" as booleans. */
int control_encode_request(msgpack_sbuffer *out, uint32_t id, const char *method,
                           const char *const *params, size_t params_len);

/* Replies. Begin, then each section and its rows. Each returns 0 or -ENOMEM. A reply must stay
 * where it was initialised. */
struct control_reply {
    msgpack_sbuffer buffer;
    msgpack_packer packer;
};
void control_reply_init(struct control_reply *reply);
void control_reply_finish(struct control_reply *reply);
/* Throws away what was packed before. */
int control_reply_error(struct control_reply *reply, uint32_t id, enum control_error code,
                        const char *message);
/* [1, id, nil, [ {"record":..., "rows":[...]} x sections ]]; then sections times: */
int control_reply_begin(struct control_reply *reply, uint32_t id, size_t sections);
int control_reply_section(struct control_reply *reply, enum record record, size_t rows);
int control_reply_row(struct control_reply *reply, enum record record, const void *row);
int control_reply_view(struct control_reply *reply, enum record record, const void *view);
/* A whole notification with one row. */
int control_reply_notify(struct control_reply *reply, const char *method, enum record record,
                         const void *row);

/* The client's side: one response or notification, prescanned. */
struct control_section {
    enum record record; /* RECORD_COUNT: unknown, skip */
    void *rows;         /* array of the record's view */
    size_t rows_len;
};
struct control_response {
    bool notification;
    uint32_t id;
    char method[64]; /* notification */
    enum control_error error;
    char message[CONTROL_MESSAGE_MAX];
    struct control_section *sections;
    size_t sections_len;
    char *texts; /* of the rows */
};
/* 0, -EPROTO or -ENOMEM with err; nothing is held after a failure. Texts that are too long for us
 * are cut, unknown keys and records skipped. */
int control_decode_response(const void *data, size_t len, struct control_response *response,
                            struct err *err);
void control_response_finish(struct control_response *response);

#endif
