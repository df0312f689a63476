/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A server on a real loop and clients in the same process. */
#ifndef SERVER_CLIENT_H
#define SERVER_CLIENT_H

#include <stdbool.h>

#include "control/server.h"

struct bench {
    uv_loop_t loop;
    struct log log;
    char folder[64], path[96], logged[4096];
    struct server *server;
    struct server_call *waiting; /* "mount" is not answered at once */
    unsigned handled, gone;
    char last_method[64], last_param[CONTROL_PARAM_TEXT_MAX];
    size_t status_rows; /* how much "status" answers */
};

void bench_open(struct bench *b);
void bench_close(struct bench *b); /* fails when a handle or a descriptor leaks */

/* Turn the loop until done, or for so many ms: then false. */
bool bench_turn(struct bench *b, bool (*done)(void *), void *context, unsigned limit_ms);
void bench_turn_ms(struct bench *b, unsigned ms);

/* A nonblocking connection as that user. */
int client_connect(struct bench *b, uid_t uid);
void client_write(int fd, const void *data, size_t len);
void client_request(int fd, uint32_t id, const char *method, const char *param);
/* Wait for one whole message; fails after 3 s. Finish it. */
struct control_response client_response(struct bench *b, int fd);
/* True when the server closes the connection (what it still sends is thrown away). */
bool client_is_closed(struct bench *b, int fd, unsigned limit_ms);

#endif
