/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* From a client's input to the handler: cut, decode, judge. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control/access.h"
#include "control/client.h"
#include "control/prescan.h"

static void answer_error(struct client *client, enum control_error code, const char *text) {
    client->state = CLIENT_CALLING;
    server_error(&client->call, code, "%s", text);
}

static void refuse_unknown(struct client *client, const struct control_request *request) {
    char text[CONTROL_MESSAGE_MAX];
    size_t len =
        (size_t)snprintf(text, sizeof text, "unknown method '%s'; there are:", request->method);
    for (unsigned i = 0; i < COMMAND_COUNT; i++)
        if (command_table[i].where == COMMAND_REMOTE)
            len += (size_t)snprintf(text + len, sizeof text - len, " %s", command_table[i].name);
    answer_error(client, CONTROL_USAGE, text);
}

static void refuse_denied(struct client *client, const struct control_request *request) {
    char text[CONTROL_MESSAGE_MAX];
    struct server *server = client->server;
    bool group = server->admin_group != ACCESS_NO_GROUP;
    snprintf(text, sizeof text, "'%s' is only for root%s%s; try it with sudo",
             command_table[request->command].name, group ? " and members of the group " : "",
             group ? server->admin_name : "");
    server_log(server, LOG_INFO, "denied '%s' to uid %ld (pid %ld)",
               command_table[request->command].name, (long)client->peer.uid,
               (long)client->peer.pid);
    answer_error(client, CONTROL_DENIED, text);
}

static void dispatch(struct client *client, const struct control_request *request, int rc,
                     const struct err *err) {
    struct server *server = client->server;
    client->call =
        (struct server_call){.client = client, .id = request->id, .silent = request->notification};
    if (request->command == COMMAND_COUNT) {
        refuse_unknown(client, request);
    } else if (!access_allowed(request->command, &client->peer, server->admin_group)) {
        refuse_denied(client, request);
    } else if (rc < 0) {
        answer_error(client, CONTROL_USAGE, err->text);
    } else {
        client->state = CLIENT_CALLING;
        client_watch_for_hangup(client);
        server->setup.handle(server->setup.context, &client->call, request);
    }
}

void client_process(struct client *client) {
    struct control_request request = {.command = COMMAND_COUNT};
    struct err err = {0};
    const char *reason = "";
    size_t len = 0;
    int rc = prescan(client->input, client->input_len, &prescan_request, &len, &reason);
    if (rc == 0 && client->half) {
        client_close(client);
        return;
    }
    if (rc == 0)
        return;
    if (rc > 0)
        rc = control_decode_request(client->input, len, &request, &err);
    else
        err_set(&err, EPROTO, "%s", reason);
    if (rc < 0 && rc != -EINVAL) {
        server_log(client->server, LOG_DEBUG, "closed a client of uid %ld: %s",
                   (long)client->peer.uid, err.text);
        client_close(client);
        return;
    }
    client->input_len -= len;
    memmove(client->input, client->input + len, client->input_len);
    dispatch(client, &request, rc, &err);
}
