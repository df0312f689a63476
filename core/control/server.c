/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "control/server.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "control/access.h"
#include "control/client.h"
#include "control/membership.h"

#define ACCEPTS_PER_TURN 16 /* then the rest of the daemon has its turn */
#define SHED_RETRY_MS 200
#define ASKING_MAX 16

static void on_ready(uv_poll_t *poll, int status, int events);

static struct access_load load_of(const struct server *server, uid_t uid) {
    struct access_load load = {0};
    for (const struct client *c = server->clients; c != NULL; c = c->next) {
        load.total++;
        load.ordinary += !c->admin;
        load.of_user += c->peer.uid == uid;
    }
    return load;
}

static void let_in(struct server *server, int fd, const struct os_peer *peer, bool admin) {
    struct access_load load = load_of(server, peer->uid);
    const char *refusal = access_refusal(&load, peer->uid, admin);
    if (refusal == NULL) {
        client_open(server, fd, peer, admin);
        return;
    }
    server->stats.refused++;
    server_log(server, LOG_DEBUG, "refused uid %ld (pid %ld): %s", (long)peer->uid, (long)peer->pid,
               refusal);
    close(fd);
}

/* One whose groups are looked up: nothing is read from it meanwhile. */
struct unsure {
    struct server *server;
    int fd;
    struct os_peer peer;
};

static void on_member(void *context, bool member) {
    struct unsure *u = context;
    u->server->asking--;
    if (member) { /* its commands are judged by its groups */
        u->peer.groups[0] = u->server->admin_group;
        u->peer.groups_len = 1;
    }
    if (u->server->closed)
        close(u->fd);
    else
        let_in(u->server, u->fd, &u->peer, member);
    server_release(u->server);
    free(u);
}

/* True when the directory of users is asked; else the peer is no admin. */
static bool ask_membership(struct server *server, int fd, const struct os_peer *peer) {
    if (!peer->groups_cut || server->setup.program == NULL || server->asking >= ASKING_MAX ||
        server->admin_group == ACCESS_NO_GROUP)
        return false;
    struct unsure *u = malloc(sizeof *u);
    if (u == NULL)
        return false;
    *u = (struct unsure){.server = server, .fd = fd, .peer = *peer};
    struct membership_question question = {.program = server->setup.program,
                                           .uid = peer->uid,
                                           .gid = server->admin_group,
                                           .limit_ms = MEMBERSHIP_MS,
                                           .done = on_member,
                                           .context = u};
    if (membership_ask(server->setup.loop, &question) != 0) {
        free(u);
        return false;
    }
    server->asking++;
    server->handles++;
    return true;
}

static void admit(struct server *server, int fd) {
    struct os_peer peer = {0};
    int rc = os_peer(fd, &peer);
    if (rc < 0) {
        server->stats.refused++;
        close(fd);
        return;
    }
    bool admin = access_is_admin(&peer, server->admin_group);
    if (admin || !ask_membership(server, fd, &peer))
        let_in(server, fd, &peer, admin);
}

static void on_retry(uv_timer_t *timer) {
    struct server *server = timer->data;
    uv_poll_start(&server->poll, UV_READABLE, on_ready);
}

/* There are no descriptors left. The listener stays readable, so polling it would spin: turn away
 * one connection with the spare descriptor, and look again later. */
static void shed(struct server *server, int code) {
    if (!server->shedding)
        server_log(server, LOG_WARNING, "connections are turned away until there is room again: %s",
                   uv_strerror(code));
    server->shedding = true;
    if (server->spare_fd >= 0) {
        close(server->spare_fd);
        int fd = listener_accept(&server->listener);
        if (fd >= 0) {
            server->stats.refused++;
            close(fd);
        }
    }
    server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    uv_poll_stop(&server->poll);
    uv_timer_start(&server->retry, on_retry, SHED_RETRY_MS, 0);
}

static void on_ready(uv_poll_t *poll, int status, int events) {
    struct server *server = poll->data;
    (void)events;
    if (status < 0) {
        shed(server, status);
        return;
    }
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        int fd = listener_accept(&server->listener);
        if (fd == -EAGAIN || fd == -EWOULDBLOCK)
            return;
        if (fd == -ECONNABORTED)
            continue;
        if (fd < 0) {
            shed(server, fd);
            return;
        }
        server->shedding = false;
        admit(server, fd);
    }
}

/* getgrnam may ask a directory server: once, here, before anybody waits for us. */
static gid_t find_group(const struct server_setup *setup) {
    if (setup->admin_group[0] == '\0')
        return ACCESS_NO_GROUP;
    const struct group *group = getgrnam(setup->admin_group);
    if (group != NULL)
        return group->gr_gid;
    log_put(setup->log, LOG_WARNING,
            "control.admin_group: there is no group '%s'; only root may mount and unmount",
            setup->admin_group);
    return ACCESS_NO_GROUP;
}

static void ignore_sigpipe(void) {
    struct sigaction old;
    if (sigaction(SIGPIPE, NULL, &old) == 0 && old.sa_handler == SIG_DFL)
        signal(SIGPIPE, SIG_IGN);
}

struct server *server_create(const struct server_setup *setup, struct err *err) {
    struct server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        err_set(err, ENOMEM, "no memory for the control socket");
        return NULL;
    }
    server->setup = *setup;
    server->setup.admin_group = server->setup.path = NULL; /* theirs */
    server->admin_name = strdup(setup->admin_group != NULL ? setup->admin_group : "");
    if (server->admin_name == NULL) {
        err_set(err, ENOMEM, "no memory for the control socket");
        free(server);
        return NULL;
    }
    int rc = setup->listen_fd >= 0 ? listener_adopt(&server->listener, setup->listen_fd, err)
                                   : listener_open(&server->listener, setup->path, err);
    if (rc == 0) {
        rc = uv_poll_init(setup->loop, &server->poll, server->listener.fd);
        if (rc < 0) {
            err_set(err, -rc, "cannot watch the control socket: %s", uv_strerror(rc));
            listener_close(&server->listener);
        }
    }
    if (rc < 0) {
        free(server->admin_name);
        free(server);
        return NULL;
    }
    uv_timer_init(setup->loop, &server->retry);
    server->poll.data = server->retry.data = server;
    server->handles = 2;
    server->admin_group = find_group(setup);
    server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    ignore_sigpipe();
    uv_poll_start(&server->poll, UV_READABLE, on_ready);
    return server;
}

void server_release(struct server *server) {
    if (--server->handles > 0)
        return;
    free(server->admin_name);
    free(server);
}

static void on_closed(uv_handle_t *handle) {
    server_release(handle->data);
}

void server_destroy(struct server *server) {
    if (server == NULL)
        return;
    server->closed = true;
    while (server->clients != NULL)
        client_close(server->clients);
    uv_close((uv_handle_t *)&server->poll, on_closed);
    uv_close((uv_handle_t *)&server->retry, on_closed);
    listener_close(&server->listener);
    if (server->spare_fd >= 0)
        close(server->spare_fd);
}

struct server_stats server_stats(const struct server *server) {
    return server->stats;
}
