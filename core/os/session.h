/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Starting a process in a user's login session (macOS). */
#ifndef OS_SESSION_H
#define OS_SESSION_H

#include <stddef.h>
#include <sys/types.h>

#define SESSION_FD 3      /* its end of a socket */
#define SESSION_LOCK_FD 4 /* held for as long as it lives */
#define SESSION_TEXT_MAX 96

struct session_spawn {
    const char *program, *word; /* started as "program word" */
    int socket, lock;           /* lock -1: none */
    uid_t uid;                  /* whose session; 0: stay in our own */
};

/* Start it as root, with these descriptors only and /dev/null as stdin and stdout. The session's
 * credentials are what a mount is made and reconnected with; session gets which one it is, in
 * words. Its pid or -errno. */
pid_t session_start(const struct session_spawn *spawn, char *session, size_t size);

#endif
