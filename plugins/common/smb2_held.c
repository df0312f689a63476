/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "common/smb2_held.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define HELD_MAX 16
#define HELD_US 30000000u   /* one question in 30 s may be asked anew: it costs the server little */
#define UNHEARD_US 4000000u /* an answer that may be older than that is no news */

static struct held {
    int fd; /* 0: free */
    socklen_t len;
    struct sockaddr_storage address;
    uint64_t since_us, listened_us;
} helds[HELD_MAX];

static void keep_alive(int fd) {
    const int on = 1, second = 1, times = 3;

    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
#ifdef TCP_KEEPIDLE
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &second, sizeof second);
#else
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPALIVE, &second, sizeof second);
#endif
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &second, sizeof second);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof times);
}

static bool is_for(const struct held *held, const struct sockaddr *address, socklen_t len) {
    return held->fd > 0 && held->len == len && memcmp(&held->address, address, len) == 0;
}

static bool is_believed(const struct held *held, uint64_t now_us) {
    struct pollfd answered = {.fd = held->fd, .events = POLLIN};

    return now_us - held->since_us < HELD_US &&
           (now_us - held->listened_us < UNHEARD_US || poll(&answered, 1, 0) == 0);
}

int smb2_held_take(const struct sockaddr *address, socklen_t len, uint64_t now_us,
                   uint64_t *since_us) {
    for (struct held *held = helds; held < helds + HELD_MAX; held++) {
        if (is_for(held, address, len)) {
            int fd = held->fd;
            bool believed = is_believed(held, now_us);
            held->fd = 0;
            *since_us = held->since_us;
            if (believed) {
                return fd;
            }
            close(fd);
        }
    }
    return -1;
}

void smb2_held_keep(int fd, const struct sockaddr *address, socklen_t len, uint64_t since_us,
                    uint64_t now_us) {
    struct held *oldest = helds;

    for (struct held *held = helds; held < helds + HELD_MAX && oldest->fd > 0; held++) {
        if (held->fd <= 0 || held->since_us < oldest->since_us) {
            oldest = held;
        }
    }
    if (oldest->fd > 0) {
        close(oldest->fd);
    }
    keep_alive(fd);
    oldest->fd = fd;
    oldest->since_us = since_us;
    oldest->listened_us = now_us;
    oldest->len = len;
    memcpy(&oldest->address, address, len);
}
