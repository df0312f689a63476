/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * What is made of the kernel's answers about connections: here the test is the kernel, at the other
 * end of a socket. It answers beforehand, and reads afterwards what it was asked.
 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/os.h"

#define SERVER "192.0.2.7"
#define PORT 445
#define ESTABLISHED 1
#define NOBODYS 4000000001u /* an inode that no process has open */
#define RETRANSMITS 3

static int ends[2] = {-1, -1}; /* its socket, ours */
static int no_socket, interrupted;
static uint64_t look_ms; /* how long each look at the clock takes */

int __wrap_socket(int family, int type, int protocol);
ssize_t __real_recv(int fd, void *to, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *to, size_t size, int flags);
uint64_t __real_clock_boot_ms(void);
uint64_t __wrap_clock_boot_ms(void);

int __wrap_socket(int family, int type, int protocol) {
    if (family != AF_NETLINK || type != (SOCK_RAW | SOCK_CLOEXEC) || protocol != NETLINK_SOCK_DIAG)
        cr_assert_fail("another socket");
    errno = no_socket;
    return no_socket != 0 ? -1 : ends[0];
}

ssize_t __wrap_recv(int fd, void *to, size_t size, int flags) {
    if (interrupted-- > 0) {
        errno = EINTR;
        return -1;
    }
    return __real_recv(fd, to, size, flags);
}

uint64_t __wrap_clock_boot_ms(void) {
    static uint64_t past;
    past += look_ms;
    return __real_clock_boot_ms() + past;
}

static alignas(struct nlmsghdr) unsigned char answer[32768];
static size_t used;

/* claim: the length that the head says. */
static void put_claim(unsigned type, const void *payload, size_t len, size_t claim) {
    struct nlmsghdr head = {.nlmsg_len = (uint32_t)claim, .nlmsg_type = (uint16_t)type};
    cr_assert_leq(used + NLMSG_SPACE(len), sizeof answer);
    memset(answer + used, 0, NLMSG_SPACE(len));
    memcpy(answer + used, &head, sizeof head);
    memcpy(answer + used + NLMSG_HDRLEN, payload, len);
    used += NLMSG_SPACE(len);
}

static void put(unsigned type, const void *payload, size_t len) {
    put_claim(type, payload, len, NLMSG_LENGTH(len));
}

static void put_error(int code) {
    struct nlmsgerr error = {.error = code};
    put(NLMSG_ERROR, &error, sizeof error);
}

static void tell(void) {
    cr_assert_eq(send(ends[1], answer, used, 0), (ssize_t)used);
    used = 0;
}

struct row {
    const char *what;
    int family;
    unsigned state, uid, port;
    const char *address;
    unsigned retransmits, backoff;
};
static const struct row stalled = {"it", AF_INET, ESTABLISHED, 0,
                                   PORT, SERVER,  RETRANSMITS, RETRANSMITS};

static struct inet_diag_msg socket_of(const struct row *row) {
    struct inet_diag_msg m = {.idiag_family = (uint8_t)row->family,
                              .idiag_state = (uint8_t)row->state,
                              .idiag_uid = row->uid,
                              .idiag_inode = NOBODYS,
                              .id = {.idiag_dport = htons((uint16_t)row->port)}};
    cr_assert_eq(inet_pton(row->family, row->address, m.id.idiag_dst), 1);
    return m;
}

static void append(unsigned char *to, size_t *at, const void *bytes, size_t len) {
    memcpy(to + *at, bytes, len);
    *at += NLMSG_ALIGN(len);
}

/* With another attribute first, and tcp_info as far as size of it. */
static void put_row(const struct row *row, size_t size) {
    unsigned char m[512] = {0};
    size_t len = 0;
    struct inet_diag_msg socket = socket_of(row);
    struct nlattr other = {.nla_len = sizeof other + 3, .nla_type = INET_DIAG_CONG};
    struct nlattr head = {.nla_len = (uint16_t)(sizeof head + size), .nla_type = INET_DIAG_INFO};
    struct tcp_info info = {.tcpi_retransmits = (uint8_t)row->retransmits,
                            .tcpi_backoff = (uint8_t)row->backoff};
    append(m, &len, &socket, sizeof socket);
    append(m, &len, &other, sizeof other);
    append(m, &len, "bbr", 3);
    append(m, &len, &head, sizeof head);
    append(m, &len, &info, size);
    put(SOCK_DIAG_BY_FAMILY, m, len);
}

static void put_done(void) {
    put(NLMSG_DONE, &(int){0}, sizeof(int));
}

static void begin(void) {
    if (ends[1] >= 0)
        close(ends[1]);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    used = 0;
}

static int search(void) {
    return os_destroy_stalled(SERVER, PORT, RETRANSMITS);
}

/* How many it wanted destroyed; the request before them is that for the list. */
static int asked_to_destroy(void) {
    struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 request;
    } m;
    int count = 0, reset;
    /* It was closed with answers unread: that comes before what it sent. */
    cr_assert_eq(getsockopt(ends[1], SOL_SOCKET, SO_ERROR, &reset, &(socklen_t){sizeof reset}), 0);
    cr_assert_eq(__real_recv(ends[1], &m, sizeof m, MSG_DONTWAIT), (ssize_t)sizeof m);
    cr_assert_eq(m.head.nlmsg_type, SOCK_DIAG_BY_FAMILY);
    for (; __real_recv(ends[1], &m, sizeof m, MSG_DONTWAIT) == (ssize_t)sizeof m; count++) {
        cr_assert_eq(m.head.nlmsg_type, SOCK_DESTROY);
        cr_assert_eq(m.request.id.idiag_dport, htons(PORT));
    }
    return count;
}

TestSuite(os_diag_answers, .init = begin, .timeout = 60);

Test(os_diag_answers, only_what_is_roots_and_established_and_stalled_is_destroyed) {
    static const struct row rows[] = {
        {"it", AF_INET, ESTABLISHED, 0, PORT, SERVER, RETRANSMITS, RETRANSMITS},
        {"retransmits only", AF_INET, ESTABLISHED, 0, PORT, SERVER, RETRANSMITS, 0},
        {"backs off only", AF_INET, ESTABLISHED, 0, PORT, SERVER, 0, RETRANSMITS},
        {"another family", AF_INET6, ESTABLISHED, 0, PORT, "::1", RETRANSMITS, RETRANSMITS},
        {"closing", AF_INET, 4, 0, PORT, SERVER, RETRANSMITS, RETRANSMITS},
        {"of a user", AF_INET, ESTABLISHED, 1000, PORT, SERVER, RETRANSMITS, RETRANSMITS},
        {"another port", AF_INET, ESTABLISHED, 0, 2049, SERVER, RETRANSMITS, RETRANSMITS},
        {"another server", AF_INET, ESTABLISHED, 0, PORT, "192.0.2.8", RETRANSMITS, RETRANSMITS},
        {"lively", AF_INET, ESTABLISHED, 0, PORT, SERVER, RETRANSMITS - 1, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin();
        put_row(&rows[i], sizeof(struct tcp_info));
        put_done();
        tell();
        put_error(0);
        tell();
        int want = i < 3;
        cr_assert_eq(search(), want, "%s", rows[i].what);
        cr_assert_eq(asked_to_destroy(), want, "%s", rows[i].what);
    }
}

/* An older kernel's tcp_info is shorter, and what is behind our list's end is for another time. */
Test(os_diag_answers, less_and_more_than_we_know) {
    put_row(&stalled, offsetof(struct tcp_info, tcpi_rto));
    put_done();
    tell();
    put_error(0);
    tell();
    cr_assert_eq(search(), 1);
    begin();
    for (int i = 0; i < 70; i++)
        put_row(&stalled, offsetof(struct tcp_info, tcpi_rto));
    put_done();
    tell();
    for (int i = 0; i < 64; i++) {
        put_error(0);
        tell();
    }
    cr_assert_eq(search(), 64);
    cr_assert_eq(asked_to_destroy(), 64);
}

/* A connection whose answer cannot be read may be a lively one. */
Test(os_diag_answers, broken_attributes_leave_the_connection_alone) {
    static const uint16_t lengths[] = {0, 1, sizeof(struct nlattr) - 1, 200, UINT16_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct {
            struct inet_diag_msg socket;
            struct nlattr attribute;
            unsigned char info[16];
        } m = {.socket = socket_of(&stalled),
               .attribute = {.nla_len = lengths[i], .nla_type = INET_DIAG_INFO}};
        memset(m.info, 0xff, sizeof m.info);
        begin();
        put(SOCK_DIAG_BY_FAMILY, &m, sizeof m);
        put(SOCK_DIAG_BY_FAMILY, &m, sizeof m.socket);     /* none at all */
        put(SOCK_DIAG_BY_FAMILY, &m, sizeof m.socket - 1); /* half a connection */
        put_done();
        tell();
        cr_assert_eq(search(), 0, "%u", lengths[i]);
        cr_assert_eq(asked_to_destroy(), 0, "%u", lengths[i]);
    }
}

Test(os_diag_answers, a_list_that_does_not_come_is_an_error) {
    static const struct {
        int kernel, ours;
    } errors[] = {{-ENOENT, -EOPNOTSUPP}, {-EPERM, -EPERM}, {-ENOMEM, -ENOMEM}};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        begin();
        put_error(errors[i].kernel);
        tell();
        cr_assert_eq(search(), errors[i].ours);
    }
    begin();
    put(NLMSG_ERROR, &(int){0}, sizeof(int));
    tell();
    cr_assert_eq(search(), -EPROTO, "half an error");
    begin();
    tell();
    cr_assert_eq(search(), -EPROTO, "nothing");
    begin();
    cr_assert_eq(search(), -EAGAIN, "silence has an end");
    begin();
    close(ends[1]);
    ends[1] = -1;
    cr_assert_eq(search(), -EPIPE);
}

Test(os_diag_answers, a_kernel_without_the_sockets_cannot_do_it) {
    no_socket = EPROTONOSUPPORT;
    cr_assert_eq(search(), -EOPNOTSUPP);
    no_socket = EMFILE;
    cr_assert_eq(search(), -EMFILE);
}

Test(os_diag_answers, signals_do_not_disturb) {
    put_row(&stalled, sizeof(struct tcp_info));
    tell();
    put_done();
    tell();
    put_error(0);
    tell();
    interrupted = 2;
    cr_assert_eq(search(), 1);
}

/* Two are stalled. What became of them, and what is said: how many, unless it was none. */
Test(os_diag_answers, what_cannot_be_destroyed_is_told) {
    static const struct {
        int first, second, ours, asked;
    } cases[] = {
        {0, 0, 2, 2},
        {-ENOENT, 0, 1, 2}, /* it went by itself */
        {-ENOENT, -ENOENT, 0, 2},
        {-EINVAL, 0, -EOPNOTSUPP, 1},
        {-EOPNOTSUPP, 0, -EOPNOTSUPP, 1},
        {-EPERM, 0, -EPERM, 1},
        {0, -EPERM, 1, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin();
        put_row(&stalled, sizeof(struct tcp_info));
        put_row(&stalled, sizeof(struct tcp_info));
        put_done();
        tell();
        put_error(cases[i].first);
        tell();
        put_error(cases[i].second);
        tell();
        cr_assert_eq(search(), cases[i].ours, "%zu", i);
        cr_assert_eq(asked_to_destroy(), cases[i].asked, "%zu", i);
    }
}

Test(os_diag_answers, an_answer_that_is_none_is_no_success) {
    for (int i = 0; i < 3; i++) {
        begin();
        put_row(&stalled, sizeof(struct tcp_info));
        put_done();
        tell();
        if (i == 0) /* no whole message */
            put_claim(NLMSG_ERROR, &(int){0}, sizeof(int), 5000);
        else if (i == 1)
            put_done();
        if (i < 2)
            tell();
        cr_assert_eq(search(), i < 2 ? -EPROTO : -EAGAIN, "%d", i);
    }
}

Test(os_diag_answers, too_long_a_search_for_owners_destroys_nothing) {
    put_row(&stalled, sizeof(struct tcp_info));
    put_done();
    tell();
    put_error(0);
    tell();
    look_ms = 2000;
    cr_assert_eq(search(), -ETIMEDOUT);
    cr_assert_eq(asked_to_destroy(), 0);
}
