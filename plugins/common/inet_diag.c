/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "common/inet_diag.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#ifdef __linux__
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* Established only: one that the kernel's client has given up repeats its farewell for minutes, and
 * would be taken for a dead connection of the mount, which has a new one by then. */
#define STATES (1u << 1)
#define LIMIT_US 300000    /* for one answer of the kernel, which takes 0.1 ms */
#define DATAGRAMS_MAX 1024 /* an address with more sockets than that is cut short */

/* As struct inet_diag_hostcond, whose flexible end may not stand inside of another struct. */
struct host_condition {
    uint8_t family, prefix_len;
    int32_t port;
    uint8_t address[16];
};
_Static_assert(offsetof(struct host_condition, address) == sizeof(struct inet_diag_hostcond), "");

/* The kernel filters by address and port: a busy server may hold 100,000 sockets. */
struct request {
    struct nlmsghdr head;
    struct inet_diag_req_v2 diag;
    struct rtattr filter_head;
    struct inet_diag_bc_op op;
    struct host_condition where;
};

static int ask(int fd, const struct numeric *address, uint16_t port) {
    const size_t address_len = address->family == AF_INET ? 4 : 16;
    const size_t filter_len =
        sizeof(struct inet_diag_bc_op) + sizeof(struct inet_diag_hostcond) + address_len;
    struct request q;

    memset(&q, 0, sizeof q);
    q.head.nlmsg_len = (uint32_t)(offsetof(struct request, op) + filter_len);
    q.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    q.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    q.diag.sdiag_family = (uint8_t)address->family;
    q.diag.sdiag_protocol = IPPROTO_TCP;
    q.diag.idiag_states = STATES;
    q.diag.idiag_ext = 1 << (INET_DIAG_INFO - 1) | 1 << (INET_DIAG_TCLASS - 1);
    q.filter_head.rta_type = INET_DIAG_REQ_BYTECODE;
    q.filter_head.rta_len = (uint16_t)(sizeof q.filter_head + filter_len);
    q.op.code = INET_DIAG_BC_D_COND;
    q.op.yes = (uint8_t)filter_len;
    q.op.no = (uint16_t)(filter_len + 4);
    q.where.family = (uint8_t)address->family;
    q.where.prefix_len = (uint8_t)(address_len * 8);
    q.where.port = port;
    memcpy(q.where.address, address->bytes, address_len);
    return send(fd, &q, q.head.nlmsg_len, 0) < 0 ? -errno : 0;
}

/* False for a question of our own to the server: it is no connection of the mount. */
static bool take(const struct nlmsghdr *head, struct diag_socket *out) {
    const struct inet_diag_msg *m = NLMSG_DATA(head);
    uint32_t priority = 0;
    struct tcp_info info;
    unsigned len = head->nlmsg_len - (unsigned)NLMSG_LENGTH(sizeof *m);

    memset(&info, 0, sizeof info);
    for (const struct rtattr *a = (const void *)(m + 1); RTA_OK(a, len); a = RTA_NEXT(a, len)) {
        if (a->rta_type == INET_DIAG_INFO) {
            size_t size = RTA_PAYLOAD(a);
            memcpy(&info, RTA_DATA(a), size < sizeof info ? size : sizeof info);
        } else if (a->rta_type == INET_DIAG_CLASS_ID && RTA_PAYLOAD(a) == sizeof priority) {
            memcpy(&priority, RTA_DATA(a), sizeof priority);
        }
    }
    out->local_port = ntohs(m->id.idiag_sport);
    out->state = m->idiag_state;
    out->ownerless = m->idiag_uid == 0;
    out->unacked = info.tcpi_unacked;
    out->retransmits = info.tcpi_retransmits;
    out->backoff = info.tcpi_backoff;
    out->last_data_recv_ms = info.tcpi_last_data_recv;
    out->last_data_sent_ms = info.tcpi_last_data_sent;
    out->received = info.tcpi_bytes_received;
    out->bytes = info.tcpi_bytes_received + info.tcpi_bytes_acked;
    return priority != INET_DIAG_OWN_PRIORITY;
}

/* One datagram of the answer: 1 when it was the last, 0, or -errno. */
static int take_all(const void *buffer, size_t size, struct diag_socket *sockets, size_t max,
                    size_t *count) {
    unsigned len = (unsigned)size;

    for (const struct nlmsghdr *h = buffer; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
        if (h->nlmsg_type == NLMSG_DONE) {
            return 1;
        }
        if (h->nlmsg_type == NLMSG_ERROR) {
            const struct nlmsgerr *e = NLMSG_DATA(h);
            return h->nlmsg_len >= NLMSG_LENGTH(sizeof *e) && e->error ? e->error : -EPROTO;
        }
        if (h->nlmsg_len >= NLMSG_LENGTH(sizeof(struct inet_diag_msg)) && *count < max) {
            *count += take(h, &sockets[*count]);
        }
    }
    return 0;
}

int inet_diag_read(const struct numeric *address, uint16_t port, struct diag_socket *sockets,
                   size_t max, size_t *count) {
    const struct timeval limit = {.tv_sec = 0, .tv_usec = LIMIT_US};
    _Alignas(struct nlmsghdr) char buffer[16384];
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG), rc;

    *count = 0;
    if (fd < 0) {
        return -errno;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    rc = ask(fd, address, port);
    for (int i = 0; rc == 0 && i < DATAGRAMS_MAX; i++) {
        ssize_t n = recv(fd, buffer, sizeof buffer, 0);
        rc = n < 0 ? -errno : take_all(buffer, (size_t)n, sockets, max, count);
    }
    close(fd);
    return rc < 0 ? rc : 0;
}
#else
int inet_diag_read(const struct numeric *address, uint16_t port, struct diag_socket *sockets,
                   size_t max, size_t *count) {
    (void)address, (void)port, (void)sockets, (void)max;
    *count = 0;
    return -ENOSYS;
}
#endif

bool inet_diag_stalled(const struct diag_socket *socket) {
    /* A firewall of our own that drops what we send is told to TCP, which then counts no repeats.
     */
    bool stuck = socket->last_data_sent_ms >= INET_DIAG_STUCK_MS;
    return socket->unacked > 0 && (socket->retransmits >= 2 || socket->backoff >= 2 || stuck);
}
