/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* In place of the mount helpers: one operation on the simulated kernel, with the real limits. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "daemon/helper_proc.h"
#include "mount/cifs.h"
#include "sim.h"

struct helper_proc {
    struct helper_proc *next; /* waiting for the slot */
    struct helper_proc *older;
    struct helper_request request;
    struct helper_events events;
    struct share *share;
    uint64_t go_ms;
    uint32_t login; /* its number: of the password that it read */
    bool cancelled;
};

/* mount(2) is one at a time in the kernel, and so in the daemon. */
static struct helper_proc *holder, *first, *newest;

void fake_helper_start(void) {
    holder = first = newest = NULL;
}

static void release(struct helper_proc *p) {
    for (struct helper_proc **at = &newest; *at != NULL; at = &(*at)->older) {
        if (*at == p) {
            *at = p->older;
            break;
        }
    }
    config_mount_finish(&p->request.mount);
    free(p);
}

void fake_helper_finish(void) {
    while (newest != NULL)
        release(newest);
}

static void has_turn(void *arg);
static void try_mount(void *arg);

static void next_in_slot(void) {
    if (holder != NULL || first == NULL)
        return;
    holder = first;
    first = first->next;
    holder->go_ms = engine_now();
    engine_after(engine_random(45, 120), has_turn, holder);
}

static void leave_slot(struct helper_proc *p) {
    for (struct helper_proc **at = &first; *at != NULL; at = &(*at)->next) {
        if (*at == p) {
            *at = p->next;
            break;
        }
    }
    if (holder == p)
        holder = NULL;
    next_in_slot();
}

static void finish(struct helper_proc *p, const struct helper_result *result) {
    if (p->events.result != NULL)
        p->events.result(p->events.context, result, false);
    leave_slot(p);
    release(p);
}

static void fail(struct helper_proc *p, enum helper_class class, int os_errno, const char *text) {
    struct helper_result r = {.class = class, .os_errno = os_errno};
    str_copy(r.text, sizeof r.text, text);
    finish(p, &r);
}

static void end_mount(struct helper_proc *p, int error) {
    struct helper_result r = {.class = HELPER_OK, .os_errno = error};
    const struct kmount *m = world_top(p->share);
    if (error == 0 && m != NULL) {
        r.mount_id = m->id;
        r.device = m->device;
        str_copy(r.address, sizeof r.address, m->address);
        str_copy(r.text, sizeof r.text, "mounted");
    } else {
        const char *status = error == EACCES ? "STATUS_LOGON_FAILURE" : "";
        r.class = cifs_explain(error, "", status, &p->request.mount, r.text, sizeof r.text);
        r.refusal = cifs_refusal(error, status, &p->request.mount);
        r.os_errno = error;
        str_copy(r.status, sizeof r.status, status);
    }
    r.login = p->login;
    finish(p, &r);
}

static void not_tried(struct helper_proc *p, const struct login_leave *leave) {
    struct helper_result r = {.login = p->login, .refusal = LOGIN_REFUSED_BEFORE};
    r.class = cifs_explain_leave(leave, &p->request.mount, r.text, sizeof r.text);
    finish(p, &r);
}

static void has_turn(void *arg) {
    struct helper_proc *p = arg;
    struct login_leave leave = {.refused = false};
    if (p->events.result != NULL)
        p->events.turn(p->events.context, p->login, &leave);
    if (leave.refused)
        not_tried(p, &leave);
    else
        try_mount(p);
}

static void try_mount(void *arg) {
    struct helper_proc *p = arg;
    if (p->cancelled) {
        fail(p, HELPER_TRANSIENT, 0, "cancelled");
        return;
    }
    if (p->share->foreign || world_top(p->share) != NULL) {
        fail(p, HELPER_FOREIGN, EBUSY, "something is mounted there already");
        return;
    }
    int rc = kernel_mount(p->share);
    if (rc >= 0)
        end_mount(p, rc);
    else if (engine_now() >= p->go_ms + HELPER_MOUNT_MS)
        fail(p, HELPER_TRANSIENT, 0, "no result in time; the helper was ended");
    else
        engine_after(200, try_mount, p);
}

static void do_reconnect(struct helper_proc *p) {
    unsigned n = world.no_socket_destroy ? 0 : kernel_destroy_stalled(p->request.address);
    if (world.no_socket_destroy)
        fail(p, HELPER_CONFIG, EOPNOTSUPP, "this kernel cannot destroy sockets");
    else if (n == 0)
        fail(p, HELPER_NOTHING, 0, "no stalled connection");
    else
        fail(p, HELPER_OK, 0, "the stalled connection was destroyed");
}

static void end_of_stuck(void *arg) {
    struct share *share = arg;
    world.unmounts_at_once--;
    if (world_top(share) != NULL)
        kernel_unmount(share, world_top(share)->id, true);
}

static void report_stuck(void *arg) {
    fail(arg, HELPER_TRANSIENT, ETIMEDOUT, "the unmount still hangs after 15000 ms");
}

static void do_unmount(struct helper_proc *p) {
    if (world_top(p->share) == NULL && !p->share->foreign) {
        fail(p, HELPER_NOTHING, 0, "nothing is mounted");
        return;
    }
    if (world.unmounts_at_once > 0) { /* the worker that hangs has the lock */
        fail(p, HELPER_LOCKED, EWOULDBLOCK, "an earlier operation is still at work");
        return;
    }
    if (engine_now() < world.stuck_until_ms) {
        world.unmounts_at_once++;
        engine_after(world.stuck_until_ms - engine_now(), end_of_stuck, p->share);
        engine_after(HELPER_UNMOUNT_MS - 300, report_stuck, p);
        return;
    }
    bool detach = p->request.op != HELPER_UNMOUNT;
    int rc = kernel_unmount(p->share, p->request.mount_id, detach);
    fail(p,
         rc == 0       ? HELPER_OK
         : rc == EBUSY ? HELPER_BUSY
                       : HELPER_FOREIGN,
         rc, rc == 0 ? "unmounted" : strerror(rc));
}

static void begin(void *arg) {
    struct helper_proc *p = arg;
    if (p->cancelled) {
        fail(p, HELPER_TRANSIENT, 0, "cancelled");
    } else if (p->request.op == HELPER_MOUNT) {
        p->login = p->share->password + 1u;
        struct helper_proc **last = &first;
        while (*last != NULL)
            last = &(*last)->next;
        *last = p;
        next_in_slot();
    } else if (p->request.op == HELPER_RECONNECT) {
        do_reconnect(p);
    } else {
        do_unmount(p);
    }
}

struct helper_proc *helper_proc_start(struct daemon *daemon, const struct helper_request *request,
                                      const struct helper_events *events, struct err *err) {
    (void)daemon;
    (void)err;
    struct tally *tally;
    struct supervisor *s = sim_find(request->mount.name, &tally);
    check_helper(s, tally, request);
    struct helper_proc *p = calloc(1, sizeof *p);
    engine_must(p != NULL);
    p->request = *request;
    if (config_mount_copy(&p->request.mount, &request->mount) != 0)
        abort();
    p->events = *events;
    p->older = newest;
    newest = p;
    p->share = world_share_named(request->mount.name);
    engine_after(engine_random(10, 40), begin, p);
    return p;
}

void helper_proc_cancel(struct helper_proc *p) {
    p->cancelled = true;
}

void helper_proc_abandon(struct helper_proc *p) {
    p->events.result = NULL;
    p->cancelled = true;
}

/* No simulated daemon has so many mounts that it sweeps. */
int helper_proc_spawn(struct daemon *daemon, uv_process_t *process, uv_pipe_t *pipe,
                      uv_exit_cb ended) {
    (void)daemon, (void)process, (void)pipe, (void)ended;
    abort();
}
