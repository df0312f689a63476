/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The listening socket in the file system. Private to the server. */
#ifndef CONTROL_LISTENER_H
#define CONTROL_LISTENER_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct listener {
    int fd;
    char path[128]; /* "": not ours to remove */
    dev_t device;
    ino_t inode;
};

/* Bind path, mode 0666, nonblocking and close-on-exec. A stale socket is replaced; a live one, and
 * anything that is no socket, is refused. 0 or -errno with err. */
int listener_open(struct listener *listener, const char *path, struct err *err);

/* Take over a listening socket (launchd, systemd). 0 or -errno with err. */
int listener_adopt(struct listener *listener, int fd, struct err *err);

/* Close, and remove the socket file if it is still the one that was made here. */
void listener_close(struct listener *listener);

/* The next connection, nonblocking and close-on-exec, or -errno. */
int listener_accept(const struct listener *listener);

#endif
