/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What wakes us when the network comes back, and what does not. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/os.h"
#include "os/os_linux.h"
#include "sandbox.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

static int watch(void) {
    struct err err;
    sandbox_enter_net();
    int fd = os_net_watch_open(&err);
    cr_assert_geq(fd, 0, "%s", err.text);
    cr_assert_neq(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    cr_assert_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
    return fd;
}

static bool readable(int fd) {
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    return poll(&wait, 1, 0) == 1;
}

Test(os_net, coming_up_is_news_and_going_down_is_not) {
    int fd = watch();
    cr_assert_not(os_net_watch_drain(fd), "idle");
    for (int i = 0; i < 3; i++) {
        sandbox_lo(true);
        cr_assert(readable(fd));
        cr_assert(os_net_watch_drain(fd));
        cr_assert_not(os_net_watch_drain(fd), "all was read");
        sandbox_lo(false);
        cr_assert(readable(fd));
        cr_assert_not(os_net_watch_drain(fd));
    }
    close(fd);
}

Test(os_net, lost_events_are_news) {
    int fd = watch(), smallest = 1;
    sandbox_lo(true);
    os_net_watch_drain(fd);
    cr_assert_eq(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &smallest, sizeof smallest), 0);
    sandbox_lo(false);
    cr_assert(os_net_watch_drain(fd));
    cr_assert_not(os_net_watch_drain(fd));
    close(fd);
}

Test(os_net, cut_messages_end_the_reading) {
    _Alignas(struct nlmsghdr) unsigned char bytes[64] = {0};
    struct nlmsghdr *head = (struct nlmsghdr *)bytes;
    size_t at = 0;
    for (size_t len = 0; len < sizeof *head; len++)
        cr_assert_null(linux_netlink_next(bytes, len, &at));
    for (unsigned claim = 0; claim < 200; claim++) {
        at = 0;
        head->nlmsg_len = claim;
        bool good = claim >= sizeof *head && claim <= sizeof bytes;
        cr_assert_eq(linux_netlink_next(bytes, sizeof bytes, &at) != NULL, good, "%u", claim);
        cr_assert(!good || at >= claim);
    }
    head->nlmsg_len = 0xffffffffu;
    at = 0;
    cr_assert_null(linux_netlink_next(bytes, sizeof bytes, &at));
}

static void say(int fd, uint16_t type, unsigned flags, size_t cut) {
    struct {
        struct nlmsghdr head;
        struct ifinfomsg link;
    } message = {.head = {.nlmsg_type = type, .nlmsg_len = (uint32_t)(sizeof message - cut)},
                 .link = {.ifi_flags = flags}};
    cr_assert_eq(send(fd, &message, sizeof message - cut, 0), (ssize_t)(sizeof message - cut));
}

Test(os_net, only_what_may_make_a_server_reachable_is_news) {
    static const struct {
        uint16_t type;
        unsigned flags;
        size_t cut;
        bool news;
    } cases[] = {
        {RTM_NEWLINK, IFF_UP | IFF_RUNNING, 0, true},
        {RTM_NEWLINK, IFF_UP, 0, false}, /* no cable */
        {RTM_NEWLINK, IFF_RUNNING, 0, false},
        {RTM_NEWLINK, IFF_UP | IFF_RUNNING, 4, false}, /* half of it */
        {RTM_DELLINK, IFF_UP | IFF_RUNNING, 0, false},
        {RTM_NEWADDR, 0, 0, true},
        {RTM_DELADDR, 0, 0, false},
        {RTM_NEWROUTE, 0, 0, true},
        {RTM_DELROUTE, 0, 0, false},
    };
    int ends[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        say(ends[1], cases[i].type, cases[i].flags, cases[i].cut);
        cr_assert_eq(os_net_watch_drain(ends[0]), cases[i].news, "%zu", i);
    }
    cr_assert_eq(send(ends[1], "", 0, 0), 0);
    say(ends[1], RTM_NEWADDR, 0, 0);
    cr_assert(os_net_watch_drain(ends[0]), "nothing is not the end");
    close(ends[0]);
    close(ends[1]);
}

/* Any process may write to our socket; only the kernel knows the network. */
Test(os_net, what_others_say_is_no_news) {
    int fd = watch(), other = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    struct sockaddr_nl to = {0};
    socklen_t len = sizeof to;
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&to, &len), 0);
    struct nlmsghdr head = {.nlmsg_type = RTM_NEWADDR, .nlmsg_len = sizeof head};
    cr_assert_eq(sendto(other, &head, sizeof head, 0, (struct sockaddr *)&to, len),
                 (ssize_t)sizeof head);
    cr_assert(readable(fd));
    cr_assert_not(os_net_watch_drain(fd));
    cr_assert_not(readable(fd));
    close(other);
    close(fd);
}
