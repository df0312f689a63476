/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Is a user in a group, where the kernel does not tell all groups of a peer (macOS: 16)? The
 * directory may take its time to say, so a process of its own asks it, with a deadline.
 */
#ifndef CONTROL_MEMBERSHIP_H
#define CONTROL_MEMBERSHIP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

#define MEMBERSHIP_WORD "group-member"
#define MEMBERSHIP_MS 2000u

struct membership_question {
    const char *program; /* started as "program group-member UID GID": exit status 0 for yes */
    uid_t uid;
    gid_t gid;
    uint32_t limit_ms;                        /* then the answer is no */
    void (*done)(void *context, bool member); /* exactly once when asked */
    void *context;
};

/* 0, or -errno: not asked. */
int membership_ask(uv_loop_t *loop, const struct membership_question *question);

/* The program: its exit status. */
int membership_main(const char *uid, const char *gid);

#endif
