/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

#define READ_SIZE (64u * 1024u)

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* macOS: SO_NOSIGPIPE */
#endif

static int ms_left(uint64_t deadline) {
    uint64_t now = clock_awake_ms();
    return now >= deadline ? 0 : deadline - now > 60000 ? 60000 : (int)(deadline - now);
}

/* True when fd is ready before the deadline. */
static bool wait_for(int fd, short events, uint64_t deadline) {
    for (;;) {
        struct pollfd p = {.fd = fd, .events = events};
        int left = ms_left(deadline);
        int rc = poll(&p, 1, left);
        if (rc > 0)
            return true;
        if (left == 0)
            return false;
        if (rc < 0 && errno != EINTR)
            return false;
    }
}

static enum control_error silent(struct err *err) {
    err_set(err, ETIMEDOUT,
            "the daemon does not answer; is it stopped? see: systemctl status smbmounter");
    return CONTROL_UNREACHABLE;
}

static enum control_error no_connection(int code, const char *path, struct err *err) {
    if (code == ENOENT || code == ECONNREFUSED) {
        err_set(err, code,
                "the daemon is not running: %s '%s'; start it: systemctl start smbmounter",
                code == ENOENT ? "there is no socket" : "nobody listens on", path);
        return CONTROL_UNREACHABLE;
    }
    err_sys(err, code, "cannot connect to the daemon's socket '%s'", path);
    return code == EACCES || code == EPERM ? CONTROL_DENIED : CONTROL_UNREACHABLE;
}

static int open_socket(void) {
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0)
        return -errno;
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
        int code = errno;
        close(fd);
        return -code;
    }
#ifdef SO_NOSIGPIPE
    setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &(int){1}, sizeof(int));
#endif
    return fd;
}

/* 0, -ETIMEDOUT or what connect said. The socket blocks meanwhile: whoever waits at a full backlog
 * is let in when it is his turn, while who only looks again and again loses to a crowd. */
static int connect_by(int fd, const struct sockaddr_un *address, uint64_t deadline) {
    for (;;) {
        int left = ms_left(deadline);
        struct timeval limit = {.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000};
        if (left == 0) /* would mean for ever */
            limit.tv_usec = 1;
        if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0)
            return -errno;
        if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0)
            break;
        if (errno == EISCONN)
            break;
        if (errno != EAGAIN && errno != EINTR)
            return -errno;
        if (ms_left(deadline) == 0)
            return -ETIMEDOUT;
    }
    int flags = fcntl(fd, F_GETFL);
    return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

enum control_error client_connect(struct client *client, const char *path, uint32_t limit_ms,
                                  struct err *err) {
    *client = (struct client){.fd = -1};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        err_set(err, ENAMETOOLONG, "the socket's path is longer than %zu bytes: '%s'",
                sizeof address.sun_path - 1, path);
        return CONTROL_USAGE;
    }
    memcpy(address.sun_path, path, strlen(path));
    int fd = open_socket();
    if (fd < 0)
        return no_connection(-fd, path, err);
    client->fd = fd;
    int rc = connect_by(fd, &address, clock_awake_ms() + limit_ms);
    if (rc == -ETIMEDOUT)
        return silent(err);
    return rc == 0 ? CONTROL_OK : no_connection(-rc, path, err);
}

void client_disconnect(struct client *client) {
    if (client->fd >= 0)
        close(client->fd);
    free(client->in);
    *client = (struct client){.fd = -1};
}

/* A daemon that refuses us says so and hangs up, so a broken pipe is no error: its message is read
 * next. */
static enum control_error send_all(struct client *client, const char *data, size_t len,
                                   uint64_t deadline, struct err *err) {
    while (len > 0) {
        ssize_t sent = send(client->fd, data, len, MSG_NOSIGNAL);
        if (sent >= 0) {
            data += sent;
            len -= (size_t)sent;
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return CONTROL_OK;
        } else if (errno == EAGAIN) {
            if (!wait_for(client->fd, POLLOUT, deadline))
                return silent(err);
        } else if (errno != EINTR) {
            err_sys(err, errno, "cannot send to the daemon");
            return CONTROL_UNREACHABLE;
        }
    }
    return CONTROL_OK;
}

static enum control_error nonsense(const char *reason, struct err *err) {
    err_set(err, EPROTO,
            "the answer is not understood (%s); is the daemon of another version, or the socket "
            "somebody else's? compare: smbmounter --version",
            reason);
    return CONTROL_UNREACHABLE;
}

/* Take one whole message off the buffer. CONTROL_TIMEOUT: there is none yet. */
static enum control_error take_message(struct client *client, struct control_response *response,
                                       struct err *err) {
    size_t len = 0;
    const char *reason = "not MessagePack";
    if (client->in_len == 0)
        return CONTROL_TIMEOUT;
    int rc = prescan_more(&client->seen, client->in, client->in_len, &prescan_reply, &len, &reason);
    if (rc < 0)
        return nonsense(reason, err);
    if (rc == 0)
        return CONTROL_TIMEOUT;
    struct err why = {0};
    rc = control_decode_response(client->in, len, response, &why);
    client->seen = (struct prescan){.at = 0};
    client->in_len -= len;
    memmove(client->in, client->in + len, client->in_len);
    return rc == 0 ? CONTROL_OK : nonsense(why.text, err);
}

/* Read all that is there. 1, 0 at the end of the stream, or -errno. */
static int fill(struct client *client) {
    bool any = false;
    for (;;) {
        if (client->in_size - client->in_len < READ_SIZE) {
            size_t size = client->in_size * 2 + READ_SIZE;
            if (size > 2 * prescan_reply.bytes + READ_SIZE)
                return any ? 1 : -E2BIG;
            unsigned char *in = realloc(client->in, size);
            if (in == NULL)
                return -ENOMEM;
            client->in = in;
            client->in_size = size;
        }
        ssize_t got =
            recv(client->fd, client->in + client->in_len, client->in_size - client->in_len, 0);
        if (got > 0) {
            client->in_len += (size_t)got;
            any = true;
        } else if (got == 0) {
            return any;
        } else if (errno != EINTR) {
            return any ? 1 : -errno;
        }
        if (client->in_len > prescan_reply.bytes)
            return 1;
    }
}

static enum control_error receive_by(struct client *client, uint64_t deadline,
                                     struct control_response *response, struct err *err) {
    for (;;) {
        enum control_error rc = take_message(client, response, err);
        if (rc != CONTROL_TIMEOUT)
            return rc;
        int got = fill(client);
        if (got > 0)
            continue;
        if (got == -EAGAIN) {
            if (!wait_for(client->fd, POLLIN, deadline))
                return CONTROL_TIMEOUT;
            continue;
        }
        if (got == 0 || got == -ECONNRESET)
            err_set(err, EPIPE, "the daemon closed the connection without an answer");
        else
            err_sys(err, -got, "cannot read the daemon's answer");
        return CONTROL_UNREACHABLE;
    }
}

enum control_error client_receive(struct client *client, uint32_t limit_ms,
                                  struct control_response *response, struct err *err) {
    *response = (struct control_response){0};
    return receive_by(client, clock_awake_ms() + limit_ms, response, err);
}

enum control_error client_call(struct client *client, const struct client_call *call,
                               struct control_response *response, struct err *err) {
    uint64_t deadline = clock_awake_ms() + call->limit_ms;
    uint32_t id = ++client->last_id;
    msgpack_sbuffer out;
    *response = (struct control_response){0};
    msgpack_sbuffer_init(&out);
    int encoded = control_encode_request(&out, id, call->method, call->params, call->params_len);
    enum control_error rc = CONTROL_FAILED;
    if (encoded < 0)
        err_sys(err, -encoded, "cannot encode the request");
    else
        rc = send_all(client, out.data, out.size, deadline, err);
    msgpack_sbuffer_destroy(&out);
    while (rc == CONTROL_OK) {
        rc = receive_by(client, deadline, response, err);
        if (rc != CONTROL_OK || (!response->notification && response->id == id))
            break;
        if (response->notification && call->notified != NULL)
            call->notified(call->context, response);
        control_response_finish(response);
        *response = (struct control_response){0};
    }
    if (rc == CONTROL_TIMEOUT)
        return call->limit_ms <= CLIENT_ANSWER_MS ? silent(err) : rc;
    if (rc == CONTROL_OK && response->error != CONTROL_OK)
        err_set(err, EIO, "%s", response->message);
    return rc != CONTROL_OK ? rc : response->error;
}
