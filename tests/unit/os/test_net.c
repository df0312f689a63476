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
