/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Linux 6.1 at a mute server, echoes every 5 s, measured: a connection is given up 15 to 22 s after
 * its last word, the new one asks (NEGOTIATE, 220 bytes) and waits 20 to 28 s, then the next; less
 * than a second passes between. An old connection alone never proves a mute server, for it may be
 * one process of it that is stuck.
 */
#include "common/knock.h"

#include <arpa/inet.h>
#include <unistd.h>

#include "common/report.h"

#define PROMPT_MS 1000u /* an answer may take as long without anybody knocking */
#define OLD_MAX_MS 24000u
#define NEW_MAX_MS 30000u
#define STALE_MS 1000u     /* a packet that is not acknowledged for so long does not arrive */
#define QUESTION_BYTES 100 /* no NEGOTIATE is shorter; what only tries the port sends less */
#define ANSWER_BYTES 68    /* its length and the SMB2 header */

#define LISTEN_US 100000u
#define GAP_US 1000000u /* from one connection of the kernel's to the next */
#define SOCKETS_MAX 256

static bool is_open(const struct diag_socket *s) {
    return s->state == 1 && s->ownerless;
}

static bool is_lost(const struct diag_socket *s) {
    return inet_diag_stalled(s) || (s->unacked > 0 && s->last_data_sent_ms >= STALE_MS);
}

struct summary {
    uint32_t heard_ms, new_ms; /* the last word on any; the oldest new request */
    bool lost, old_waits, new_waits, soon;
};

static void add(struct summary *sum, const struct diag_socket *s) {
    sum->lost |= is_lost(s);
    if (s->received > 0) {
        sum->heard_ms = s->last_data_recv_ms < sum->heard_ms ? s->last_data_recv_ms : sum->heard_ms;
        sum->old_waits |= s->last_data_sent_ms < s->last_data_recv_ms;
    } else if (s->bytes > QUESTION_BYTES) {
        sum->new_ms = s->last_data_sent_ms > sum->new_ms ? s->last_data_sent_ms : sum->new_ms;
        sum->new_waits = true;
    } else {
        sum->soon |= s->last_data_sent_ms < PROMPT_MS;
    }
}

enum knock knock_judge(const struct diag_socket *sockets, size_t len, uint32_t *silent_ms) {
    struct summary sum = {.heard_ms = UINT32_MAX};

    for (const struct diag_socket *s = sockets; s < sockets + len; s++) {
        if (is_open(s)) {
            add(&sum, s);
        }
    }
    *silent_ms = sum.new_waits ? sum.new_ms : sum.heard_ms;
    if (sum.lost) {
        return KNOCK_LOST;
    }
    if (sum.heard_ms < PROMPT_MS) {
        return KNOCK_NONE;
    }
    if (sum.new_waits) {
        return sum.new_ms <= NEW_MAX_MS && sum.new_ms <= sum.heard_ms ? KNOCK_MUTE : KNOCK_NONE;
    }
    if (sum.soon) {
        return KNOCK_SOON;
    }
    return sum.old_waits && sum.heard_ms <= OLD_MAX_MS ? KNOCK_WAITS : KNOCK_NONE;
}

/* Listening to one address. */
struct listener {
    struct numeric address;
    uint16_t port;
    uint16_t heard_before[SOCKETS_MAX]; /* ports of connections that had an answer at first */
    size_t before_len;
    struct diag_socket sockets[SOCKETS_MAX];
    size_t len;
};

static bool is_old(const struct listener *l, uint16_t port) {
    for (size_t i = 0; i < l->before_len; i++) {
        if (l->heard_before[i] == port) {
            return true;
        }
    }
    return false;
}

static void remember_old(struct listener *l) {
    l->before_len = 0;
    for (size_t i = 0; i < l->len; i++) {
        if (l->sockets[i].received > 0) {
            l->heard_before[l->before_len++] = l->sockets[i].local_port;
        }
    }
}

/* On a connection that was not answered before: another mount's echo says nothing of new ones. */
static bool is_answered(const struct listener *l) {
    for (const struct diag_socket *s = l->sockets; s < l->sockets + l->len; s++) {
        if (is_open(s) && s->received >= ANSWER_BYTES && !is_old(l, s->local_port)) {
            return true;
        }
    }
    return false;
}

static enum knock look(struct listener *l, uint32_t *silent_ms) {
    if (inet_diag_read(&l->address, l->port, l->sockets, SOCKETS_MAX, &l->len)) {
        return KNOCK_LOST;
    }
    return knock_judge(l->sockets, l->len, silent_ms);
}

static uint16_t port_of(const struct sockaddr *address) {
    return ntohs(address->sa_family == AF_INET6
                     ? ((const struct sockaddr_in6 *)(const void *)address)->sin6_port
                     : ((const struct sockaddr_in *)(const void *)address)->sin_port);
}

enum knock_end knock_listen(const struct sockaddr *address, uint64_t until_us,
                            uint32_t *silent_ms) {
    static struct listener l;
    uint64_t knocked_us = monotonic_us();
    enum knock knock;

    if (!numeric_from_sockaddr(address, &l.address)) {
        return KNOCK_NOT;
    }
    l.port = port_of(address);
    knock = look(&l, silent_ms);
    if (knock != KNOCK_MUTE && knock != KNOCK_SOON) {
        return KNOCK_NOT;
    }
    remember_old(&l);
    for (;;) {
        uint64_t now_us = monotonic_us();
        uint32_t silent = 0;
        if (knock == KNOCK_MUTE) {
            knocked_us = now_us;
        } else if (knock == KNOCK_LOST || now_us - knocked_us >= GAP_US) {
            return KNOCK_NOT;
        }
        if (now_us + LISTEN_US >= until_us) {
            return KNOCK_SILENT;
        }
        usleep(LISTEN_US);
        knock = look(&l, &silent);
        if (is_answered(&l)) {
            return KNOCK_ANSWERED;
        }
        *silent_ms = knock == KNOCK_MUTE ? silent : *silent_ms;
    }
}
