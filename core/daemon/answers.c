/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/answers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "control/story.h"
#include "daemon/listings.h"
#include "daemon/logins.h"
#include "daemon/marks.h"
#include "daemon/reload.h"
#include "daemon/supervisor.h"

/* A flag comes first, where the command has one. A mount may be called "true", too. */
static bool is_flag(const struct control_request *r, size_t i) {
    const char *p = r->params[i];
    return i == 0 && strncmp(command_table[r->command].arguments, "[-", 2) == 0 &&
           (p[0] == '-' || strcmp(p, "true") == 0 || strcmp(p, "false") == 0);
}

static const char *name_of(const struct control_request *r) {
    for (size_t i = r->params_len; i > 0; i--)
        if (r->params[i - 1][0] != '\0' && !is_flag(r, i - 1))
            return r->params[i - 1];
    return "";
}

static bool has_flag(const struct control_request *r) {
    return r->params_len > 0 && is_flag(r, 0) && strcmp(r->params[0], "false") != 0;
}

/* The mount that a request names; without one the request is answered and NULL returned. */
static struct supervisor *mount_of(struct daemon *daemon, struct server_call *call,
                                   const struct control_request *request) {
    const char *name = name_of(request);
    if (name[0] == '\0') {
        server_error(call, CONTROL_USAGE, "%s needs the name of a mount", request->method);
        return NULL;
    }
    struct supervisor *s = daemon_find(daemon, name);
    if (s == NULL)
        server_error(call, CONTROL_NO_MOUNT, "no mount '%s' is configured; see: smbmounter status",
                     name);
    return s;
}

static void do_status(struct daemon *daemon, struct server_call *call,
                      const struct control_request *request) {
    const struct supervisor *only = NULL;
    if (name_of(request)[0] != '\0' && (only = mount_of(daemon, call, request)) == NULL)
        return;
    listings_status(daemon, call, only);
}

static void note_command(struct supervisor *s, const struct server_call *call, const char *what) {
    supervisor_record(s, EVENT_COMMAND, 0, "%s, by user id %u", what,
                      (unsigned)server_call_uid(call));
    log_put(&s->daemon->log, LOG_NOTICE, "mount '%s': %s, by user id %u", s->conf.name, what,
            (unsigned)server_call_uid(call));
}

static void wait_for(struct supervisor *s, struct server_call *call, enum command command) {
    if (!waiters_add(s, call, command)) {
        server_error(call, CONTROL_FAILED, "begun, but there is no memory to wait for the result");
        return;
    }
    server_progress(call, machine_state_name(s->machine.state));
    waiters_check(s);
}

static void do_mount(struct daemon *daemon, struct server_call *call,
                     const struct control_request *request) {
    struct supervisor *s = mount_of(daemon, call, request);
    if (s == NULL)
        return;
    if (s->removed) {
        server_error(call, CONTROL_NO_MOUNT, "'%s' is no longer configured", s->conf.name);
        return;
    }
    note_command(s, call, "mount");
    marks_clear(s);
    logins_asked(s);
    supervisor_on(s, MACHINE_ON_MOUNT_WANTED);
    wait_for(s, call, COMMAND_MOUNT);
}

static void do_unmount(struct daemon *daemon, struct server_call *call,
                       const struct control_request *request) {
    struct supervisor *s = mount_of(daemon, call, request);
    if (s == NULL)
        return;
    bool force = has_flag(request);
    note_command(s, call, force ? "unmount -f" : "unmount");
    supervisor_feed(
        s, (struct machine_event){.id = force ? MACHINE_ON_FORCE_WANTED : MACHINE_ON_UNMOUNT_WANTED,
                                  .reason = MACHINE_FOR_BY_HAND});
    if (s->machine.state == MACHINE_UNMOUNTED)
        marks_note(s);
    wait_for(s, call, COMMAND_UNMOUNT);
}

static void do_reload(struct daemon *daemon, struct server_call *call,
                      const struct control_request *request) {
    (void)request;
    reload_start(daemon, call);
}

static void do_probe(struct daemon *daemon, struct server_call *call,
                     const struct control_request *request) {
    struct supervisor *s = mount_of(daemon, call, request);
    if (s == NULL)
        return;
    const struct round *r = s->round;
    if (r != NULL && r->hung_told)
        server_error(call, CONTROL_FAILED,
                     "an earlier probe of '%s' hangs in the kernel; no second one is started "
                     "until it ends. See: smbmounter why %s",
                     s->conf.name, s->conf.name);
    else if (!rounds_for_command(s, call))
        server_error(call, CONTROL_FAILED,
                     "too many probes of '%s' are waited for already; try again in a moment",
                     s->conf.name);
}

static void do_plugins(struct daemon *daemon, struct server_call *call,
                       const struct control_request *request) {
    listings_plugins(daemon, call, name_of(request));
}

static void do_why(struct daemon *daemon, struct server_call *call,
                   const struct control_request *request) {
    struct supervisor *s = mount_of(daemon, call, request);
    if (s != NULL)
        listings_why(s, call);
}

static void do_events(struct daemon *daemon, struct server_call *call,
                      const struct control_request *request) {
    struct supervisor *only = NULL;
    if (name_of(request)[0] != '\0' && (only = mount_of(daemon, call, request)) == NULL)
        return;
    if (has_flag(request))
        server_follow(call, only != NULL ? only->conf.name : "");
    listings_events(daemon, call, only);
}

static void do_version(struct daemon *daemon, struct server_call *call,
                       const struct control_request *request) {
    (void)request;
    listings_version(daemon, call);
}

typedef void handler(struct daemon *, struct server_call *, const struct control_request *);

/* A row for each remote command; a test checks that none is missing. */
static handler *const handlers[COMMAND_COUNT] = {
    [COMMAND_STATUS] = do_status, [COMMAND_MOUNT] = do_mount,   [COMMAND_UNMOUNT] = do_unmount,
    [COMMAND_RELOAD] = do_reload, [COMMAND_PROBE] = do_probe,   [COMMAND_PLUGINS] = do_plugins,
    [COMMAND_WHY] = do_why,       [COMMAND_EVENTS] = do_events, [COMMAND_VERSION] = do_version,
};

bool answers_know(enum command command) {
    return command < COMMAND_COUNT && handlers[command] != NULL;
}

void answers_handle(void *context, struct server_call *call,
                    const struct control_request *request) {
    struct daemon *daemon = context;
    if (!answers_know(request->command))
        server_error(call, CONTROL_USAGE, "unknown method '%s'", request->method);
    else if (daemon->stopping)
        server_error(call, CONTROL_FAILED, "the daemon is stopping");
    else
        handlers[request->command](daemon, call, request);
}

void answers_gone(void *context, struct server_call *call) {
    struct daemon *daemon = context;
    reload_forget(daemon, call);
    for (size_t i = 0; i < daemon->mounts_len; i++) {
        struct supervisor *s = daemon->mounts[i];
        waiters_forget(s, call);
        rounds_forget_call(s, call);
    }
}
