/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Destroying stalled connections. There is no cifs here: a socket in flight over SCM_RIGHTS stands
 * for the kernel's own, for it too is in no process's table.
 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "os/os.h"
#include "sandbox.h"

struct link {
    int client, server, flight[2];
    uint16_t port;
};

static void connect_pair(int family, struct link *l) {
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_in four = {.sin_family = AF_INET,
                               .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    struct sockaddr *address =
        family == AF_INET6 ? (struct sockaddr *)&six : (struct sockaddr *)&four;
    socklen_t len = family == AF_INET6 ? sizeof six : sizeof four;
    int listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(listener, address, len), 0);
    cr_assert_eq(listen(listener, 4), 0);
    cr_assert_eq(getsockname(listener, address, &len), 0);
    l->port = ntohs(family == AF_INET6 ? six.sin6_port : four.sin_port);
    l->client = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(connect(l->client, address, len), 0);
    l->server = accept(listener, NULL, NULL);
    cr_assert_geq(l->server, 0);
    close(listener);
}

static void launch(struct link *l) {
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {.head = {.cmsg_len = CMSG_LEN(sizeof(int)),
                          .cmsg_level = SOL_SOCKET,
                          .cmsg_type = SCM_RIGHTS}};
    char x = 'x';
    struct iovec byte = {.iov_base = &x, .iov_len = 1};
    struct msghdr message = {.msg_iov = &byte,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    memcpy(CMSG_DATA(&control.head), &l->client, sizeof(int));
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, l->flight), 0);
    cr_assert_eq(sendmsg(l->flight[0], &message, 0), 1);
    close(l->client);
}

static bool server_sees_end(const struct link *l) {
    char byte;
    struct pollfd wait = {.fd = l->server, .events = POLLIN};
    return poll(&wait, 1, 0) == 1 && recv(l->server, &byte, 1, MSG_DONTWAIT) <= 0;
}

/* -EOPNOTSUPP: the kernel of this machine was built without it. */
static void skip_without_support(int rc) {
    if (rc == -EOPNOTSUPP)
        cr_skip_test("this kernel has no SOCK_DESTROY");
}

static void check_family(int family, const char *address) {
    struct link l;
    connect_pair(family, &l);
    cr_assert_eq(os_destroy_stalled(address, l.port, 0), 0, "it belongs to a process");
    launch(&l);
    cr_assert_eq(os_destroy_stalled(address, l.port, 2), 0, "it is not stalled");
    cr_assert_eq(os_destroy_stalled(address, (uint16_t)(l.port + 1), 0), 0, "another port");
    cr_assert_not(server_sees_end(&l));
    int rc = os_destroy_stalled(address, l.port, 0);
    skip_without_support(rc);
    cr_assert_eq(rc, 1, "%s", strerror(-rc));
    cr_assert(server_sees_end(&l));
    cr_assert_eq(os_destroy_stalled(address, l.port, 0), 0, "it is gone");
}

Test(os_diag, destroys_only_what_no_process_has_open) {
    sandbox_enter_net();
    sandbox_lo(true);
    check_family(AF_INET, "127.0.0.1");
}

Test(os_diag, version_six) {
    sandbox_enter_net();
    sandbox_lo(true);
    check_family(AF_INET6, "::1");
}

Test(os_diag, another_address_is_left_alone) {
    struct link l;
    sandbox_enter_net();
    sandbox_lo(true);
    connect_pair(AF_INET, &l);
    launch(&l);
    cr_assert_eq(os_destroy_stalled("127.0.0.2", l.port, 0), 0);
    cr_assert_eq(os_destroy_stalled("::1", l.port, 0), 0);
    cr_assert_not(server_sees_end(&l));
}

/* The peer vanishes with data under way: destroyed once two retransmissions have failed. */
Test(os_diag, finds_a_stalled_one, .timeout = 60) {
    struct link l;
    struct timespec nap = {.tv_nsec = 50000000};
    sandbox_enter_net();
    sandbox_lo(true);
    connect_pair(AF_INET, &l);
    sandbox_lo(false);
    cr_assert_eq(send(l.client, "x", 1, 0), 1);
    launch(&l);
    cr_assert_eq(os_destroy_stalled("127.0.0.1", l.port, 2), 0, "too early");
    int rc = 0;
    for (int i = 0; i < 600 && rc == 0; i++) {
        rc = os_destroy_stalled("127.0.0.1", l.port, 2);
        nanosleep(&nap, NULL);
    }
    skip_without_support(rc);
    cr_assert_eq(rc, 1, "%d", rc);
}

static int as_nobody(void *context) {
    struct link *l = context;
    if (setuid(65534) != 0)
        return 2;
    return os_destroy_stalled("127.0.0.1", l->port, 0) < 0 ? 0 : 1;
}

Test(os_diag, without_rights_nothing_is_destroyed) {
    struct link l;
    sandbox_enter_net();
    sandbox_lo(true);
    connect_pair(AF_INET, &l);
    launch(&l);
    cr_assert_eq(sandbox_run(as_nobody, &l), 0);
    cr_assert_not(server_sees_end(&l));
}

Test(os_diag, names_are_no_addresses) {
    const char *bad[] = {"", "nas.local", "1.2.3", "::1::", "127.0.0.1.1", "%eth0",
                         /* an address and one digit more */
                         "0000:0000:0000:0000:0000:ffff:255.255.255.2551"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_eq(os_destroy_stalled(bad[i], 445, 0), -EINVAL, "%s", bad[i]);
}
