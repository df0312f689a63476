/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * One mount helper under way: spawned, given its request, watched, killed when late. What it
 * reports, or its death without a report, becomes exactly one result.
 */
#ifndef DAEMON_HELPER_PROC_H
#define DAEMON_HELPER_PROC_H

#include "daemon/daemon.h"
#include "mount/helper.h"

#define HELPER_PREPARE_MS 20000u /* until READY: name lookup, credential command */
#define HELPER_MOUNT_MS 8000u    /* from GO: the mount itself */
#define HELPER_NETFS_MS 45000u   /* the same by macOS, which may search for the name for long */
#define HELPER_UNMOUNT_MS 15000u
#define HELPER_HARDEN_MS 3000u
#define HELPER_LINGER_MS 5000u
#define HELPER_REAP_MS 2000u /* after SIGKILL: then it counts as stuck */

struct helper_events {
    /* Exactly once. doubtful: its process could not be ended, so its work may still come out. */
    void (*result)(void *context, const struct helper_result *result, bool doubtful);
    /* A mount has its turn: whether the login may be tried; leave is zero. NULL: it may. */
    void (*turn)(void *context, uint32_t login, struct login_leave *leave);
    /* At most once, some time after the result of an unmount by force or a detach: who was using
     * the mount then. Whoever started it may be gone, so it has no context. NULL: not wanted. */
    void (*victims)(struct daemon *daemon, const char *mount, const struct os_holders *victims);
    void *context;
};

/* Start one. request is copied. NULL with err when it could not be started (no event then). */
struct helper_proc *helper_proc_start(struct daemon *daemon, const struct helper_request *request,
                                      const struct helper_events *events, struct err *err);

/* Only its process, with pipe as its socket. After a failure, too, both must be closed. 0 or an
 * error of libuv. */
int helper_proc_spawn(struct daemon *daemon, uv_process_t *process, uv_pipe_t *pipe,
                      uv_exit_cb ended);

/* Its result is no longer wanted: kill it; the result still comes (a mount may have been made). */
void helper_proc_cancel(struct helper_proc *proc);

/* No event any more: the mount is going away. */
void helper_proc_abandon(struct helper_proc *proc);

#endif
