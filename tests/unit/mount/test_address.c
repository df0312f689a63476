/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Which address of a server is taken: a hosts file and loopback addresses of the test's own. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mount/address.h"
#include "place.h"

static char address[64];
static struct err err;

static void set_up(void) {
    static const char hosts[] = "127.0.0.2 two.test\n127.0.0.3 two.test\n"
                                "::1 both.test\n127.0.0.4 both.test\n"
                                "127.0.1.1 many.test\n127.0.1.2 many.test\n127.0.1.3 many.test\n"
                                "127.0.1.4 many.test\n127.0.1.5 many.test\n127.0.1.6 many.test\n"
                                "127.0.1.7 many.test\n127.0.1.8 many.test\n127.0.1.9 many.test\n";
    place_set_up();
    place_file("/run/hosts", hosts, sizeof hosts - 1, 0644);
    cr_assert_eq(mount("/run/hosts", "/etc/hosts", NULL, MS_BIND, NULL), 0);
}

TestSuite(address, .init = set_up, .timeout = 60);

/* A port on which only this address answers. */
static uint16_t listen_on(const char *text, int *fd) {
    struct sockaddr_in in = {.sin_family = AF_INET};
    socklen_t size = sizeof in;
    cr_assert_eq(inet_pton(AF_INET, text, &in.sin_addr), 1);
    *fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(*fd, (const struct sockaddr *)(const void *)&in, size), 0);
    cr_assert_eq(listen(*fd, 8), 0);
    cr_assert_eq(getsockname(*fd, (struct sockaddr *)(void *)&in, &size), 0);
    return ntohs(in.sin_port);
}

static const char *resolve(const char *server, uint16_t port) {
    cr_assert_eq(address_resolve(server, port, address, sizeof address, &err), 0, "%s", err.text);
    return address;
}

Test(address, the_one_that_answers_is_taken) {
    int fd;
    uint16_t port = listen_on("127.0.0.3", &fd);
    cr_assert_str_eq(resolve("two.test", port), "127.0.0.3");
    close(fd);
    cr_assert_str_eq(resolve("two.test", port), "127.0.0.2", "none answers: the first");
    port = listen_on("127.0.0.2", &fd);
    cr_assert_str_eq(resolve("two.test", port), "127.0.0.2");
    close(fd);
}

Test(address, a_numeric_one_stays) {
    cr_assert_str_eq(resolve("127.0.0.9", 1), "127.0.0.9");
    cr_assert_str_eq(resolve("::1", 1), "::1");
}

Test(address, a_name_that_nobody_knows) {
    cr_assert_neq(address_resolve("no such name", 1, address, sizeof address, &err), 0);
    cr_assert_not_null(strstr(err.text, "no such name"), "%s", err.text);
}

Test(address, of_both_families_the_one_that_answers_is_taken) {
    int fd;
    uint16_t port = listen_on("127.0.0.4", &fd);
    cr_assert_str_eq(resolve("both.test", port), "127.0.0.4");
    close(fd);
}

/* A mount has 8 s, so not every one of a hundred can be asked. */
Test(address, more_than_eight_are_not_tried) {
    int fd;
    uint16_t port = listen_on("127.0.1.8", &fd);
    cr_assert_str_eq(resolve("many.test", port), "127.0.1.8");
    close(fd);
    port = listen_on("127.0.1.9", &fd);
    cr_assert_str_eq(resolve("many.test", port), "127.0.1.1");
    close(fd);
}

Test(address, without_a_network_the_first_is_taken) {
    if (unshare(CLONE_NEWNET) != 0)
        cr_skip_test("needs a network namespace");
    cr_assert_str_eq(resolve("two.test", 445), "127.0.0.2");
}

Test(address, what_there_is_no_room_for_is_no_address) {
    char tiny[4];
    cr_assert_neq(address_resolve("127.0.0.9", 1, tiny, sizeof tiny, &err), 0);
    cr_assert_eq(err.code, EHOSTUNREACH);
}
