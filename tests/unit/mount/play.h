/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The daemon's part towards a mount helper, for tests: runs one in a child of this process. */
#ifndef TESTS_MOUNT_PLAY_H
#define TESTS_MOUNT_PLAY_H

#include <sys/types.h>

#include "mount/helper.h"

struct play {
    struct helper_result result;
    bool told; /* who was using what was taken away */
    struct os_holders victims;
    bool ready; /* it asked for leave, with this address */
    char address[64];
    uint32_t login;                       /* as READY names it */
    struct login_leave leave;             /* what it is told: set before play */
    uint64_t ready_ms, result_ms, end_ms; /* since the start; end: the helper is reaped */
    int status;                           /* wait status */
};

/* An empty request of a mount: every text "". */
void play_request(struct helper_request *request, enum helper_op op);

/* The helper's process: its exit status. A test may have one of its own. */
int play_in_child(int (*helper)(void));

/* Start a helper and give it the request. Its pid; *fd is the daemon's end. */
pid_t play_start(const struct helper_request *request, int *fd);

/* Give it leave, or refuse it. 0 or -errno. */
int play_leave(int fd, const struct login_leave *leave);

/* All of it: request, leave when asked for, result, end. 0, or -errno without a result. */
int play(const struct helper_request *request, struct play *play);

#endif
