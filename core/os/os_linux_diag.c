/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Destroy the kernel's own dead TCP connections to a server (facts: the cifs client reconnects
 * within a second and open files live on). Only sockets of uid 0 that no process has open: a
 * program that talks to the same server is none of our business.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "os/os.h"
#include "os/os_linux.h"

#define STALLED_MAX 64u
#define OWNERS_MS 1000u /* more than that to look for owners: refuse */
#define STATE_ESTABLISHED 1
#define ATTRIBUTE_ALIGN ((size_t)NLA_ALIGNTO)

struct target {
    int family;
    uint32_t address[4]; /* network order, as in inet_diag_sockid */
    uint16_t port;       /* network order */
    unsigned min_retransmits;
};

struct stalled {
    struct inet_diag_msg items[STALLED_MAX];
    size_t len;
    uint64_t deadline_ms;
    int rc;
};

static int parse_address(const char *text, struct target *target) {
    char plain[INET6_ADDRSTRLEN];
    size_t len = strcspn(text, "%"); /* the scope of a link-local address */
    if (len >= sizeof plain)
        return -EINVAL;
    memcpy(plain, text, len);
    plain[len] = '\0';
    target->family = strchr(plain, ':') != NULL ? AF_INET6 : AF_INET;
    return inet_pton(target->family, plain, target->address) == 1 ? 0 : -EINVAL;
}

static int send_request(int fd, uint16_t type, uint16_t flags,
                        const struct inet_diag_req_v2 *request) {
    struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 request;
    } message = {.head = {.nlmsg_len = sizeof message,
                          .nlmsg_type = type,
                          .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags)},
                 .request = *request};
    return send(fd, &message, sizeof message, 0) < 0 ? -errno : 0;
}

static int error_of(const struct nlmsghdr *message) {
    struct nlmsgerr error;
    if (message->nlmsg_len < NLMSG_LENGTH(sizeof error))
        return -EPROTO;
    memcpy(&error, NLMSG_DATA(message), sizeof error);
    return error.error;
}

/* tcp_info of a dump answer; zeroes when it has none. */
static struct tcp_info info_of(const struct nlmsghdr *message) {
    struct tcp_info info = {0};
    const unsigned char *start = (const unsigned char *)message;
    size_t at = NLMSG_LENGTH(sizeof(struct inet_diag_msg));
    struct nlattr attribute;
    while (at + sizeof attribute <= message->nlmsg_len) {
        memcpy(&attribute, start + at, sizeof attribute);
        if (attribute.nla_len < sizeof attribute || attribute.nla_len > message->nlmsg_len - at)
            break;
        size_t len = attribute.nla_len - sizeof attribute;
        if (attribute.nla_type == INET_DIAG_INFO)
            memcpy(&info, start + at + sizeof attribute, len < sizeof info ? len : sizeof info);
        at += ((size_t)attribute.nla_len + ATTRIBUTE_ALIGN - 1u) & ~(ATTRIBUTE_ALIGN - 1u);
    }
    return info;
}

static void consider(const struct nlmsghdr *message, const struct target *target,
                     struct stalled *stalled) {
    struct inet_diag_msg socket;
    size_t address_len = target->family == AF_INET6 ? 16 : 4;
    if (message->nlmsg_len < NLMSG_LENGTH(sizeof socket) || stalled->len == STALLED_MAX)
        return;
    memcpy(&socket, NLMSG_DATA(message), sizeof socket);
    if (socket.idiag_family != target->family || socket.idiag_state != STATE_ESTABLISHED ||
        socket.idiag_uid != 0 || socket.id.idiag_dport != target->port ||
        memcmp(socket.id.idiag_dst, target->address, address_len) != 0)
        return;
    struct tcp_info info = info_of(message);
    if (info.tcpi_retransmits >= target->min_retransmits ||
        info.tcpi_backoff >= target->min_retransmits)
        stalled->items[stalled->len++] = socket;
}

static int collect(int fd, const struct target *target, struct stalled *stalled) {
    alignas(struct nlmsghdr) unsigned char buffer[32768];
    struct inet_diag_req_v2 request = {.sdiag_family = (uint8_t)target->family,
                                       .sdiag_protocol = IPPROTO_TCP,
                                       .idiag_ext = 1u << (INET_DIAG_INFO - 1),
                                       .idiag_states = 1u << STATE_ESTABLISHED,
                                       .id = {.idiag_dport = target->port}};
    int rc = send_request(fd, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &request);
    while (rc == 0) {
        ssize_t n = recv(fd, buffer, sizeof buffer, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EPROTO;
        size_t at = 0;
        const struct nlmsghdr *message;
        while ((message = linux_netlink_next(buffer, (size_t)n, &at)) != NULL) {
            if (message->nlmsg_type == NLMSG_DONE)
                return 0;
            if (message->nlmsg_type == NLMSG_ERROR)
                return error_of(message);
            consider(message, target, stalled);
        }
    }
    return rc;
}

static void drop_inode(struct stalled *stalled, unsigned long inode) {
    for (size_t i = 0; i < stalled->len;)
        if (stalled->items[i].idiag_inode == inode)
            stalled->items[i] = stalled->items[--stalled->len];
        else
            i++;
}

/* Sockets that a process has open are not the kernel's: off the list. Processes that may not be
 * looked at (no CAP_SYS_PTRACE) are passed over: at worst a stalled connection of root's is cut. */
static bool see_owner(void *context, pid_t pid, int proc) {
    struct stalled *stalled = context;
    (void)pid;
    int fd = openat(proc, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (dir == NULL) {
        if (fd >= 0)
            close(fd);
        return true;
    }
    struct dirent *entry;
    while (stalled->len > 0 && (entry = readdir(dir)) != NULL) {
        char link[64];
        unsigned long inode;
        if (entry->d_name[0] == '.')
            continue;
        ssize_t n = readlinkat(fd, entry->d_name, link, sizeof link - 1);
        link[n > 0 ? n : 0] = '\0';
        if (sscanf(link, "socket:[%lu]", &inode) == 1)
            drop_inode(stalled, inode);
    }
    closedir(dir);
    if (stalled->len > 0 && clock_boot_ms() > stalled->deadline_ms)
        stalled->rc = -ETIMEDOUT;
    return stalled->rc == 0 && stalled->len > 0;
}

static int destroy(int fd, const struct inet_diag_msg *socket) {
    alignas(struct nlmsghdr) unsigned char buffer[4096];
    struct inet_diag_req_v2 request = {.sdiag_family = socket->idiag_family,
                                       .sdiag_protocol = IPPROTO_TCP,
                                       .idiag_states = 1u << STATE_ESTABLISHED,
                                       .id = socket->id};
    int rc = send_request(fd, SOCK_DESTROY, NLM_F_ACK, &request);
    if (rc != 0)
        return rc;
    ssize_t n;
    do
        n = recv(fd, buffer, sizeof buffer, 0);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    size_t at = 0;
    const struct nlmsghdr *message = linux_netlink_next(buffer, (size_t)n, &at);
    return message != NULL && message->nlmsg_type == NLMSG_ERROR ? error_of(message) : -EPROTO;
}

static int destroy_all(int fd, const struct stalled *stalled) {
    int count = 0;
    for (size_t i = 0; i < stalled->len; i++) {
        int rc = destroy(fd, &stalled->items[i]);
        if (rc == -EINVAL) /* a kernel that does not know the request */
            rc = -EOPNOTSUPP;
        if (rc != 0 && rc != -ENOENT) /* ENOENT: it went by itself */
            return count > 0 ? count : rc;
        count += rc == 0;
    }
    return count;
}

int os_destroy_stalled(const char *address, uint16_t port, unsigned min_retransmits) {
    struct target target = {.port = htons(port), .min_retransmits = min_retransmits};
    int rc = parse_address(address, &target);
    if (rc != 0)
        return rc;
    CLEANUP_CLOSE int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (fd < 0)
        return errno == EPROTONOSUPPORT ? -EOPNOTSUPP : -errno;
    struct timeval second = {.tv_sec = 1};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
    struct stalled stalled = {.deadline_ms = clock_boot_ms() + OWNERS_MS};
    rc = collect(fd, &target, &stalled);
    if (rc == -ENOENT) /* no module for the protocol */
        return -EOPNOTSUPP;
    if (rc == 0 && stalled.len > 0)
        rc = linux_each_process(see_owner, &stalled);
    if (rc == 0)
        rc = stalled.rc;
    return rc == 0 ? destroy_all(fd, &stalled) : rc;
}
