/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "control/client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#define FIRST_BYTE_MS 2000
#define NEXT_REQUEST_MS 10000 /* a connection that was used may rest a little between requests */
#define REQUEST_MS 5000
#define WRITE_MS 5000
#define HANGUP_LOOK_MS 1000 /* how often to look when the loop cannot tell by itself */

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buffer);
static void on_timer(uv_timer_t *timer);

static void set_deadline(struct client *client, uint64_t ms) {
    uv_timer_start(&client->timer, on_timer, ms, 0);
}

/* From within a call of the server's user: the loop closes it, soon. */
static void break_off(struct client *client) {
    if (client->closing)
        return;
    client->broken = true;
    set_deadline(client, 0);
}

/* The peer closed both directions, rather than its sending one. */
static bool hung_up(const struct client *client) {
    struct pollfd p = {.fd = -1};
    uv_os_fd_t fd;
    if (uv_fileno((const uv_handle_t *)&client->pipe, &fd) != 0)
        return true;
    p.fd = fd;
    return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    struct client *client = handle->data;
    (void)suggested;
    *buffer = uv_buf_init((char *)client->input + client->input_len,
                          (unsigned)(sizeof client->input - client->input_len));
}

void client_watch_for_hangup(struct client *client) {
    if (client->half || client->input_len == sizeof client->input)
        set_deadline(client, HANGUP_LOOK_MS);
    else
        uv_timer_stop(&client->timer);
}

/* Back to reading, perhaps with the next request already there. */
static void next_request(struct client *client) {
    client->state = CLIENT_READING;
    set_deadline(client, client->input_len != 0 ? REQUEST_MS : NEXT_REQUEST_MS);
    if (!client->half)
        uv_read_start((uv_stream_t *)&client->pipe, on_alloc, on_read);
    client_process(client);
}

static void on_end_of_input(struct client *client, ssize_t status) {
    client->half = true;
    uv_read_stop((uv_stream_t *)&client->pipe);
    if (status != UV_EOF || client->state == CLIENT_READING || hung_up(client))
        client_close(client);
    else if (client->sends == 0)
        client_watch_for_hangup(client);
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buffer) {
    struct client *client = stream->data;
    (void)buffer;
    if (len < 0) {
        on_end_of_input(client, len);
        return;
    }
    if (len == 0)
        return;
    if (client->state == CLIENT_FOLLOWING) { /* has nothing more to say */
        client_close(client);
        return;
    }
    bool first = client->input_len == 0;
    client->input_len += (size_t)len;
    if (client->state == CLIENT_READING) {
        if (first)
            set_deadline(client, REQUEST_MS);
        client_process(client);
    } else if (client->input_len == sizeof client->input) {
        uv_read_stop(stream);
        if (client->sends == 0)
            client_watch_for_hangup(client);
    }
}

static void on_timer(uv_timer_t *timer) {
    struct client *client = timer->data;
    bool waits = client->sends == 0 &&
                 (client->state == CLIENT_CALLING || client->state == CLIENT_FOLLOWING);
    if (!client->broken && waits && !hung_up(client)) {
        client_watch_for_hangup(client);
        return;
    }
    if (!client->broken && !waits) {
        client->server->stats.timed_out++;
        server_log(client->server, client->call.follow ? LOG_NOTICE : LOG_DEBUG,
                   "closed a client of uid %ld (pid %ld): it was too slow", (long)client->peer.uid,
                   (long)client->peer.pid);
    }
    client_close(client);
}

struct send {
    uv_write_t request;
    struct client *client;
    char *data;
    size_t len;
};

static void on_sent(uv_write_t *request, int status) {
    struct send *send = request->data;
    struct client *client = send->client;
    client->server->queued -= send->len;
    client->sends--;
    free(send->data);
    free(send);
    if (client->closing || client->broken)
        return;
    if (status < 0) {
        client_close(client);
        return;
    }
    if (client->sends != 0) {
        set_deadline(client, WRITE_MS);
        return;
    }
    if (client->state == CLIENT_ANSWERING && client->call.follow)
        client->state = CLIENT_FOLLOWING;
    if (client->state == CLIENT_ANSWERING)
        next_request(client);
    else
        client_watch_for_hangup(client);
}

void client_send(struct client *client, char *data, size_t len) {
    struct send *send = malloc(sizeof *send);
    if (send == NULL) {
        free(data);
        break_off(client);
        return;
    }
    *send = (struct send){.client = client, .data = data, .len = len};
    send->request.data = send;
    uv_buf_t buffer = uv_buf_init(data, (unsigned)len);
    if (uv_write(&send->request, (uv_stream_t *)&client->pipe, &buffer, 1, on_sent) != 0) {
        free(data);
        free(send);
        break_off(client);
        return;
    }
    client->server->queued += len;
    if (client->sends++ == 0)
        set_deadline(client, WRITE_MS);
}

void client_answer(struct client *client, char *data, size_t len) {
    client->state = CLIENT_ANSWERING;
    if (client->call.silent) { /* nothing is written, but its end leads to the next request */
        free(data);
        data = NULL;
        len = 0;
    }
    client->answer_len = len;
    client_send(client, data, len);
}

void client_fail(struct client *client) {
    client->state = CLIENT_ANSWERING;
    break_off(client);
}

size_t client_queued(const struct client *client) {
    return uv_stream_get_write_queue_size((const uv_stream_t *)&client->pipe);
}

static void on_closed(uv_handle_t *handle) {
    struct client *client = handle->data;
    if (--client->handles != 0)
        return;
    server_release(client->server);
    free(client);
}

void client_close(struct client *client) {
    struct server *server = client->server;
    if (client->closing)
        return;
    client->closing = true;
    struct client **at = &server->clients;
    while (*at != client)
        at = &(*at)->next;
    *at = client->next;
    server->stats.clients--;
    if (client->state == CLIENT_CALLING && server->setup.gone != NULL)
        server->setup.gone(server->setup.context, &client->call);
    uv_close((uv_handle_t *)&client->pipe, on_closed);
    uv_close((uv_handle_t *)&client->timer, on_closed);
}

int client_open(struct server *server, int fd, const struct os_peer *peer, bool admin) {
    struct client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        close(fd);
        return -ENOMEM;
    }
    client->server = server;
    client->peer = *peer;
    client->admin = admin;
    uv_timer_init(server->setup.loop, &client->timer);
    uv_pipe_init(server->setup.loop, &client->pipe, 0);
    client->timer.data = client->pipe.data = client;
    client->handles = 2;
    client->next = server->clients;
    server->clients = client;
    server->stats.clients++;
    server->handles++;
    int rc = uv_pipe_open(&client->pipe, fd);
    if (rc != 0)
        close(fd);
    else
        rc = uv_read_start((uv_stream_t *)&client->pipe, on_alloc, on_read);
    if (rc != 0)
        client_close(client);
    else
        set_deadline(client, FIRST_BYTE_MS);
    return rc;
}
