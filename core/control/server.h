/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * The control socket's server: accepts, reads, checks who may, hands requests to a handler and
 * writes replies. Slow, silent, greedy and rude clients cost themselves only: connection caps per
 * user and in total with places kept for root and admins, deadlines for first byte, request and
 * write, one request at a time per connection, bounded output. Never receives descriptors.
 */
#ifndef CONTROL_SERVER_H
#define CONTROL_SERVER_H

#include <uv.h>

#include "base/log.h"
#include "control/codec.h"

struct server;
struct server_call; /* one request that waits for its answer */

struct server_setup {
    uv_loop_t *loop;
    const struct log *log;
    const char *path;        /* socket file, replaced when stale; 0666, access is judged per call */
    const char *admin_group; /* "" none; looked up once here */
    const char *program;     /* ours, which knows about groups (membership.h); NULL: none */
    int listen_fd;           /* an already listening socket (launchd, systemd), or -1 */
    /* A permitted request. Answer now or later with server_reply/server_error, exactly once. */
    void (*handle)(void *context, struct server_call *call, const struct control_request *request);
    /* The client went away before the answer: the call is gone, forget it. May be NULL. */
    void (*gone)(void *context, struct server_call *call);
    void *context;
};

/* NULL with err. Ignores SIGPIPE in the process: a client that leaves must not end us. */
struct server *server_create(const struct server_setup *setup, struct err *err);
/* Closes all clients (gone is called for waiting calls) and removes the socket file; the memory is
 * freed when the loop has run the closings. */
void server_destroy(struct server *server);

/* Takes over the reply's bytes. */
void server_reply(struct server_call *call, struct control_reply *reply);
void server_error(struct server_call *call, enum control_error code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Progress of a waiting call: a notification on its connection. Dropped when the client is slow. */
void server_progress(struct server_call *call, const char *text);

/* Keep sending events to this connection after its reply (events --follow); mount "" for all. Call
 * it just before server_reply. */
void server_follow(struct server_call *call, const char *mount);
void server_publish(struct server *server, const struct event_record *event);

uint32_t server_call_id(const struct server_call *call);
uid_t server_call_uid(const struct server_call *call);

struct server_stats {
    unsigned clients, refused, timed_out;
};
struct server_stats server_stats(const struct server *server);

#endif
