/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * One connection, from accept to close. Private to the server.
 *
 *   READING --whole request--> CALLING --reply--> ANSWERING --written--> READING, or FOLLOWING
 *
 * Every state but CALLING has a deadline; a client that overruns it is closed. Closing is never
 * done inside a call from the server's user, so a struct server_call stays valid until it is
 * answered or the user was told that it is gone.
 */
#ifndef CONTROL_CLIENT_H
#define CONTROL_CLIENT_H

#include "control/listener.h"
#include "control/server.h"
#include "os/os.h"

#define CLIENT_INPUT_MAX (4u << 10) /* = prescan_request.bytes */

enum client_state { CLIENT_READING, CLIENT_CALLING, CLIENT_ANSWERING, CLIENT_FOLLOWING };

/* The request that is being answered: one at a time, so it lies in its client. */
struct server_call {
    struct client *client;
    uint32_t id;
    bool silent; /* a notification: its reply is thrown away */
    bool follow;
    char filter[FIELD_TEXT_MAX];
};

struct client {
    struct server *server;
    struct client *next;
    uv_pipe_t pipe;
    uv_timer_t timer;
    unsigned handles; /* not yet closed by the loop; 0 frees the client */
    struct os_peer peer;
    bool admin;
    enum client_state state;
    bool closing;
    bool broken;    /* to be closed by the timer */
    bool half;      /* will send nothing more, may still read */
    unsigned sends; /* writes under way */
    struct server_call call;
    size_t answer_len;
    size_t input_len;
    unsigned char input[CLIENT_INPUT_MAX];
};

struct server {
    struct server_setup setup;
    gid_t admin_group;
    char *admin_name; /* our copy: a reload frees the configuration's */
    struct server_lines {
        uint64_t since_ms;
        unsigned count;
    } lines[LOG_LEVEL_COUNT]; /* that clients caused, lately */
    struct listener listener;
    int spare_fd; /* given up to get rid of a connection when there are no others */
    bool shedding;
    uv_poll_t poll;
    uv_timer_t retry;
    unsigned handles; /* of the server, and one for each client and each unsure one */
    unsigned asking;  /* about groups, in processes of their own */
    bool closed;
    struct client *clients;
    size_t queued; /* bytes of all clients that are not yet written */
    struct server_stats stats;
};

/* Take over fd. 0 or -errno (fd is closed then). */
int client_open(struct server *server, int fd, const struct os_peer *peer, bool admin);

/* At once; tells the user about a waiting call. */
void client_close(struct client *client);

/* Write bytes that came from malloc; they are freed in any case. */
void client_send(struct client *client, char *data, size_t len);

/* The answer to the waiting call; frees data when nobody wants it. */
void client_answer(struct client *client, char *data, size_t len);

/* There was no memory for an answer: close, soon. */
void client_fail(struct client *client);

/* Look for a whole request in the input and carry it out; there is none under way. */
void client_process(struct client *client);

/* While a call waits or a follower listens. Reading goes on as far as the buffer goes, so that the
 * loop sees a hangup; where it cannot, the timer looks. */
void client_watch_for_hangup(struct client *client);

/* Bytes that the client has not yet taken. */
size_t client_queued(const struct client *client);

/* A line that a client caused; some of them are left out when there are many. */
void server_log(struct server *server, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* One handle less; frees the server after the last. */
void server_release(struct server *server);

#endif
