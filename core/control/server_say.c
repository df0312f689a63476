/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What the daemon says to a client: answers, progress, followed events. All of it is bounded. */
#include "control/server.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "control/client.h"
#include "control/prescan.h"

#define PROGRESS_QUEUE_MAX (4u << 10)
#define FOLLOW_QUEUE_MAX (256u << 10)
#define QUEUED_MAX (32u << 20) /* of all clients, before ordinary users are told to come back */

static void send_reply(struct server_call *call, struct control_reply *reply) {
    size_t len = reply->buffer.size;
    client_answer(call->client, msgpack_sbuffer_release(&reply->buffer), len);
}

static void reply_error(struct server_call *call, enum control_error code, const char *text) {
    struct control_reply reply;
    control_reply_init(&reply);
    if (control_reply_error(&reply, call->id, code, text) == 0)
        send_reply(call, &reply);
    else
        client_fail(call->client);
    control_reply_finish(&reply);
}

void server_reply(struct server_call *call, struct control_reply *reply) {
    const struct client *client = call->client;
    if (reply->buffer.size > prescan_reply.bytes)
        reply_error(call, CONTROL_FAILED, "the answer is too long; ask for one mount by its name");
    else if (!client->admin && client->server->queued + reply->buffer.size > QUEUED_MAX)
        reply_error(call, CONTROL_BUSY, "too many answers wait for slow clients; try again");
    else
        send_reply(call, reply);
    control_reply_finish(reply);
}

void server_error(struct server_call *call, enum control_error code, const char *format, ...) {
    char text[CONTROL_MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    if (vsnprintf(text, sizeof text, format, args) < 0)
        text[0] = '\0';
    va_end(args);
    reply_error(call, code, text);
}

/* Send one notification when no more than max bytes are then waiting. */
static bool notify(struct client *client, const char *method, enum record record, const void *row,
                   size_t max) {
    struct control_reply reply;
    control_reply_init(&reply);
    size_t queued = client_queued(client);
    bool fits =
        control_reply_notify(&reply, method, record, row) == 0 && queued + reply.buffer.size <= max;
    size_t len = reply.buffer.size;
    if (fits)
        client_send(client, msgpack_sbuffer_release(&reply.buffer), len);
    control_reply_finish(&reply);
    return fits;
}

void server_progress(struct server_call *call, const char *text) {
    struct result_record row = {.took_ms = 0};
    str_copy(row.text, sizeof row.text, text);
    if (!call->silent)
        notify(call->client, "progress", RECORD_RESULT, &row, PROGRESS_QUEUE_MAX);
}

void server_follow(struct server_call *call, const char *mount) {
    call->follow = true;
    str_copy(call->filter, sizeof call->filter, mount);
}

void server_publish(struct server *server, const struct event_record *event) {
    struct client *next;
    for (struct client *client = server->clients; client != NULL; client = next) {
        next = client->next;
        const char *filter = client->call.filter;
        if (!client->call.follow || client->state < CLIENT_ANSWERING || client->broken ||
            (filter[0] != '\0' && strcmp(filter, event->mount) != 0))
            continue;
        size_t answer = client->state == CLIENT_ANSWERING ? client->answer_len : 0;
        if (notify(client, "event", RECORD_EVENT, event, FOLLOW_QUEUE_MAX + answer))
            continue;
        server_log(server, LOG_NOTICE,
                   "a follower of uid %ld (pid %ld) reads too slowly and was dropped",
                   (long)client->peer.uid, (long)client->peer.pid);
        client_close(client);
    }
}

uint32_t server_call_id(const struct server_call *call) {
    return call->id;
}

uid_t server_call_uid(const struct server_call *call) {
    return call->client->peer.uid;
}
