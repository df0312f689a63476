/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * The client of the control socket, with a deadline on every step: a daemon that is
 * stopped, full, silent or talking nonsense costs the caller the limit and no more.
 */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "control/codec.h"
#include "control/commands.h"
#include "control/prescan.h"

#define CLIENT_ANSWER_MS 3000u /* a daemon that runs has answered by then */

struct client {
    int fd;
    uint32_t last_id;
    unsigned char *in;
    size_t in_len, in_size;
    struct prescan seen; /* of in */
};

/* Every function returns CONTROL_OK, or what went wrong with a line for the user in err. */

/* client is filled in any case; client_disconnect releases it. */
enum control_error client_connect(struct client *client, const char *path, uint32_t limit_ms,
                                  struct err *err);
void client_disconnect(struct client *client);

struct client_call {
    const char *method;
    const char *const *params;
    size_t params_len;
    uint32_t limit_ms;
    /* A notification that came before the answer; may be NULL. */
    void (*notified)(void *context, const struct control_response *notification);
    void *context;
};

/* Send a request and wait for its answer. An error in the answer is returned with its message.
 * *response is to be finished by the caller in any case. */
enum control_error client_call(struct client *client, const struct client_call *call,
                               struct control_response *response, struct err *err);

/* Wait for the next message, whatever it is; limit 0 takes what is there. CONTROL_TIMEOUT when
 * none came. */
enum control_error client_receive(struct client *client, uint32_t limit_ms,
                                  struct control_response *response, struct err *err);

#endif
