/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * One plugin host process as the daemon sees it: started, sent bytes, heard frames from, killed,
 * reaped. The pool and the registry stand on it.
 */
#ifndef PLUGIN_CHILD_H
#define PLUGIN_CHILD_H

#include <stdbool.h>
#include <uv.h>

#include "base/err.h"
#include "base/wire.h"

#define CHILD_END_MAX 96

struct child;

struct child_events {
    /* A frame came. False: it is rubbish, hear no more (lost follows). */
    bool (*frame)(void *context, uint32_t type, struct wire_in *payload);
    /* No more frames will come, though nobody killed it. Whatever it wrote before has been heard.
     */
    void (*lost)(void *context);
    /* The process is gone and waited for. Comes last, once. */
    void (*reaped)(void *context);
};

struct child {
    uv_process_t process;
    uv_pipe_t pipe;
    uv_timer_t grace;
    const struct child_events *events;
    void *context;
    int pidfd;
    bool started, eof, exited, lost, told, closing;
    bool rubbish; /* it sent what is no frame */
    int64_t status;
    int signal;
    unsigned char *in;
    size_t in_len, in_size;
    unsigned handles;
    void (*closed)(struct child *child);
};

/* Start "host_path mode path uid", with slate_fd (-1: none) as SLATE_FD. After a failure, too, the
 * child must be closed. 0 or -errno. */
int child_start(struct child *child, uv_loop_t *loop, const char *host_path, const char *mode,
                const char *path, unsigned uid, int slate_fd, const struct child_events *events,
                void *context, struct err *err);

/* Send whole frames; what the socket does not take at once is copied. 0 or -errno. */
int child_send(struct child *child, const uv_buf_t *bufs, unsigned bufs_len);

/* SIGKILL and hear no more. lost is not called any more; reaped is, when the kernel lets it go. */
void child_kill(struct child *child);

/* Release the handles; no more events. closed is called when the memory can be released. */
void child_close(struct child *child, void (*closed)(struct child *child));

/* How it ended, in words: "was ended by SIGSEGV", "ended by itself (status 3)". */
void child_end(const struct child *child, char text[CHILD_END_MAX]);

#endif
