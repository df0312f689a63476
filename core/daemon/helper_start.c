/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Which helpers may start, and those who wait for it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "daemon/helper_inside.h"
#include "os/os.h"

#define REQUEST_MAX (WIRE_HEAD + WIRE_FRAME_MAX)

/* So many mounts may be under way at once: with thousands of them a start would take all memory,
 * and those who only wait for their turn would hold their passwords. Those of cifs wait for each
 * other, so they have places of their own. The rest is for the recoveries. */
#define MOUNTS_MAX 64u
#define HELPERS_MAX 256u

/* The request as it will be written: a whole frame of the largest size for each that waits would be
 * too much. */
static void encode(struct helper_proc *p, const struct helper_request *request) {
    unsigned char *frame = malloc(REQUEST_MAX);
    size_t len = frame != NULL ? helper_encode_request(request, frame, REQUEST_MAX) : 0;
    p->frame = len > 0 ? malloc(len) : NULL;
    if (p->frame != NULL) {
        memcpy(p->frame, frame, len);
        p->request_len = len;
    }
    if (len > 0)
        os_wipe(frame, len);
    free(frame);
}

/* Of a mount: until it is ready. */
static uint32_t limit_of(const struct helper_request *request) {
    if (request->op == HELPER_HARDEN)
        return HELPER_HARDEN_MS;
    uint32_t limit = request->op == HELPER_MOUNT ? HELPER_PREPARE_MS : HELPER_UNMOUNT_MS;
    return request->mount.mounter == CONFIG_COMMAND ? limit + request->mount.command_timeout_ms
                                                    : limit;
}

static struct helper_proc *prepare(struct daemon *daemon, const struct helper_request *request,
                                   const struct helper_events *events) {
    struct helper_proc *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    encode(p, request);
    if (p->frame == NULL) {
        free(p);
        return NULL;
    }
    p->daemon = daemon;
    p->events = *events;
    p->op = request->op;
    p->needs_slot = request->op == HELPER_MOUNT && request->mount.mounter == CONFIG_CIFS;
    p->pidfd = -1;
    p->mount_ms = request->mount.mounter == CONFIG_NETFS ? HELPER_NETFS_MS : HELPER_MOUNT_MS;
    if (request->mount.mounter == CONFIG_COMMAND)
        p->mount_ms = request->mount.command_timeout_ms + HELPER_REAP_MS;
    p->limit_ms = limit_of(request);
    str_copy(p->name, sizeof p->name, request->mount.name);
    return p;
}

static unsigned *kind_of(const struct helper_proc *p) {
    return p->op != HELPER_MOUNT ? NULL : &p->daemon->helpers_mounting[p->needs_slot];
}

static bool has_room(const struct helper_proc *p) {
    const unsigned *mounting = kind_of(p);
    return p->daemon->helpers < HELPERS_MAX && (mounting == NULL || *mounting < MOUNTS_MAX);
}

void helper_take_room(struct helper_proc *p) {
    unsigned *mounting = kind_of(p);
    p->daemon->helpers++;
    if (mounting != NULL)
        ++*mounting;
    p->has_room = true;
}

void helper_leave_room(struct helper_proc *p) {
    unsigned *mounting = kind_of(p);
    if (!p->has_room)
        return;
    p->has_room = false;
    p->daemon->helpers--;
    if (mounting != NULL)
        --*mounting;
    helper_let_in(p->daemon);
}

static void on_no_start(uv_timer_t *timer) {
    struct helper_proc *p = timer->data;
    char what[160] = "cancelled";
    if (!p->cancelled)
        snprintf(what, sizeof what, "cannot start the mount helper: %s", uv_strerror(p->status));
    helper_fail(p, false, what);
    helper_close(p);
}

void helper_end_unstarted(struct helper_proc *p) {
    helper_wait_no_more(p);
    p->exited = true;
    uv_timer_start(&p->timer, on_no_start, 0, 0);
}

/* The first that have room now. */
void helper_let_in(struct daemon *daemon) {
    struct helper_proc *p, *next;
    for (p = TAILQ_FIRST(&daemon->helpers_waiting); p != NULL; p = next) {
        next = TAILQ_NEXT(p, link);
        if (!has_room(p))
            continue;
        helper_wait_no_more(p);
        p->status = helper_run(p);
        if (p->status == 0)
            continue;
        helper_end_unstarted(p);
        if (daemon->helpers > 0)
            return; /* the others may have more luck when one of these has ended */
    }
}

struct helper_proc *helper_proc_start(struct daemon *daemon, const struct helper_request *request,
                                      const struct helper_events *events, struct err *err) {
    struct helper_proc *p = prepare(daemon, request, events);
    if (p == NULL) {
        err_set(err, ENOMEM, "no memory to start the mount helper");
        return NULL;
    }
    uv_pipe_init(&daemon->loop, &p->pipe, 0);
    uv_timer_init(&daemon->loop, &p->timer);
    p->pipe.data = p->timer.data = p->process.data = p->write.data = p;
    if (!has_room(p)) {
        helper_wait_in(p, &daemon->helpers_waiting);
        return p;
    }
    int rc = helper_run(p);
    if (rc == 0)
        return p;
    err_set(err, -rc, "cannot start the mount helper: %s", uv_strerror(rc));
    helper_close(p);
    return NULL;
}

void helper_proc_abandon(struct helper_proc *p) {
    p->events.result = NULL;
    if (!p->spawned)
        helper_proc_cancel(p);
}
