/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What the files of the running mount helpers share; nobody else includes it. */
#ifndef DAEMON_HELPER_INSIDE_H
#define DAEMON_HELPER_INSIDE_H

#include "daemon/helper_proc.h"

struct helper_proc {
    TAILQ_ENTRY(helper_proc) link;
    struct helper_list *waits_in; /* NULL: in none */
    struct daemon *daemon;
    struct helper_events events;
    uv_process_t process;
    uv_pipe_t pipe;
    uv_timer_t timer;
    uv_write_t write;
    int pidfd;
    unsigned closing;  /* handles still to close */
    uint32_t limit_ms; /* from its start to READY or its result */
    enum helper_op op;
    bool needs_slot, spawned, has_room, ready, exited, reported, killed, cancelled, stuck;
    int status, signal; /* how it ended, when exited */
    uint32_t login;     /* from READY */
    char name[64];
    char address[64];
    size_t have;
    size_t request_len;
    uint32_t mount_ms;     /* from GO */
    unsigned char *frame;  /* the request, until written */
    unsigned char *buffer; /* what came back: small frames only */
};

/* Its result, unless it had one: it failed. */
void helper_fail(struct helper_proc *proc, bool doubtful, const char *what);

void helper_wait_in(struct helper_proc *proc, struct helper_list *list);
void helper_wait_no_more(struct helper_proc *proc);

/* Spawn it and attend to it until its end. 0 or an error of libuv. */
int helper_run(struct helper_proc *proc);

/* It could not be started, or nobody wants it any more. Its result comes in the next turn of the
 * loop: never from within a call. */
void helper_end_unstarted(struct helper_proc *proc);

/* Start those who wait for room, as far as there is some. */
void helper_let_in(struct daemon *daemon);

/* It takes room from its start to its result: one that lingers, or that not even SIGKILL ends,
 * takes none from the others. */
void helper_take_room(struct helper_proc *proc);
void helper_leave_room(struct helper_proc *proc);

void helper_close(struct helper_proc *proc); /* and free it, in later turns of the loop */
void helper_drop_frame(struct helper_proc *proc);

#endif
