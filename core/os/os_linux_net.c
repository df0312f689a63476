/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Changes of links, addresses and routes, by rtnetlink. */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdalign.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/os.h"
#include "os/os_linux.h"

#define READS_MAX 1000 /* a flood goes on at the next wake-up */

const struct nlmsghdr *linux_netlink_next(const void *buffer, size_t len, size_t *at) {
    if (*at >= len || len - *at < sizeof(struct nlmsghdr))
        return NULL;
    const void *place = (const unsigned char *)buffer + *at;
    const struct nlmsghdr *message = place;
    if (message->nlmsg_len < sizeof *message || message->nlmsg_len > len - *at)
        return NULL;
    *at += NLMSG_ALIGN((size_t)message->nlmsg_len);
    return message;
}

int os_net_watch_open(struct err *err) {
    CLEANUP_CLOSE int fd =
        socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (fd < 0)
        return err_sys(err, errno, "cannot watch the network (netlink socket)");
    struct sockaddr_nl address = {.nl_family = AF_NETLINK,
                                  .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR |
                                               RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
                                               RTMGRP_IPV6_ROUTE};
    if (bind(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        return err_sys(err, errno, "cannot watch the network (netlink groups)");
    return take_fd(&fd);
}

/* What goes away cannot make a server reachable, nor a link that is not up. */
static bool helps(const struct nlmsghdr *message) {
    if (message->nlmsg_type == RTM_NEWADDR || message->nlmsg_type == RTM_NEWROUTE)
        return true;
    struct ifinfomsg link;
    if (message->nlmsg_type != RTM_NEWLINK || message->nlmsg_len < NLMSG_LENGTH(sizeof link))
        return false;
    memcpy(&link, NLMSG_DATA(message), sizeof link);
    return (link.ifi_flags & IFF_UP) != 0 && (link.ifi_flags & IFF_RUNNING) != 0;
}

bool os_net_watch_drain(int fd) {
    alignas(struct nlmsghdr) unsigned char buffer[16384];
    bool changed = false;
    for (int i = 0; i < READS_MAX; i++) {
        struct sockaddr_nl from = {0};
        socklen_t from_len = sizeof from;
        ssize_t n = recvfrom(fd, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &from_len);
        if (n < 0 && errno == ENOBUFS) /* events were lost: anything may have changed */
            changed = true;
        else if (n < 0 && errno != EINTR)
            break;
        if (n <= 0 || from.nl_pid != 0)
            continue;
        size_t at = 0;
        const struct nlmsghdr *message;
        while ((message = linux_netlink_next(buffer, (size_t)n, &at)) != NULL)
            changed |= helps(message);
    }
    return changed;
}
