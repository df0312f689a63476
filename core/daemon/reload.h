/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Reading configuration and plugins: at the start, on `reload`, and for check-config. All or
 * nothing: until everything has been read and checked, nothing changes. */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include "base/str.h"
#include "daemon/daemon.h"

/* What was read: a configuration and the plugins that it was checked against. */
struct loaded {
    struct config config;
    struct registry *registry;
};

/* Called once. problems is "" when it worked; then loaded is the callee's. Otherwise the lines
 * "FILE:line:column: what" and loaded is empty. */
typedef void load_done(struct loaded *loaded, const char *problems, void *context);

/* Read path and describe its plugins on loop. The callback comes from the loop, or at once. */
void load_start(uv_loop_t *loop, const char *path, const char *host_path, uid_t trusted_uid,
                load_done *done, void *context);

/* The daemon's reload. call may be NULL (SIGHUP). One at a time: a second one is refused. */
void reload_start(struct daemon *daemon, struct server_call *call);
void reload_forget(struct daemon *daemon, const struct server_call *call);

/* Put a loaded configuration in force: create, change and remove mounts. */
void reload_apply(struct daemon *daemon, struct loaded *loaded);

/* Destroy the removed mounts that are down. */
void reload_sweep(struct daemon *daemon);

#endif
