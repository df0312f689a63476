/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/notify.h"

/* A datagram socket of that name, '@' for an abstract one, told to the daemon. */
static int listen_at(const char *path) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    memcpy(at.sun_path, path, len);
    if (path[0] == '@')
        at.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(
        bind(fd, (struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
        0);
    setenv("NOTIFY_SOCKET", path, 1);
    return fd;
}

static void expect(int fd, const char *text) {
    char buffer[256];
    ssize_t len = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    cr_assert_eq(len, (ssize_t)strlen(text));
    cr_assert_eq(memcmp(buffer, text, (size_t)len), 0);
}

Test(notify, one_datagram_to_a_path) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/smbmounter-notify-%d", (int)getpid());
    int fd = listen_at(path);
    notify_send("READY=1");
    expect(fd, "READY=1");
    close(fd);
    notify_send("STOPPING=1"); /* nobody there: no harm */
    unlink(path);
    notify_send("STOPPING=1");
}

Test(notify, one_datagram_to_an_abstract_name) {
    char path[64];
    snprintf(path, sizeof path, "@smbmounter-notify-%d", (int)getpid());
    int fd = listen_at(path);
    notify_send("WATCHDOG=1\nSTATUS=2 of 3 mounts are mounted");
    expect(fd, "WATCHDOG=1\nSTATUS=2 of 3 mounts are mounted");
    close(fd);
}

Test(notify, a_full_socket_does_not_hold_us_up) {
    char path[64];
    snprintf(path, sizeof path, "@smbmounter-full-%d", (int)getpid());
    int fd = listen_at(path);
    alarm(20);
    for (unsigned i = 0; i < 2000; i++)
        notify_send("WATCHDOG=1");
    expect(fd, "WATCHDOG=1");
    close(fd);
}

Test(notify, rubbish_for_a_socket_is_left_alone) {
    char long_path[300];
    memset(long_path, 'a', sizeof long_path);
    long_path[0] = '/';
    long_path[sizeof long_path - 1] = '\0';
    setenv("NOTIFY_SOCKET", long_path, 1);
    notify_send("READY=1");
    setenv("NOTIFY_SOCKET", "relative", 1);
    notify_send("READY=1");
    setenv("NOTIFY_SOCKET", "", 1);
    notify_send("READY=1");
    unsetenv("NOTIFY_SOCKET");
    notify_send("READY=1");
}

static uint32_t watchdog(const char *usec, const char *pid) {
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    if (usec != NULL)
        setenv("WATCHDOG_USEC", usec, 1);
    if (pid != NULL)
        setenv("WATCHDOG_PID", pid, 1);
    return notify_watchdog_ms();
}

Test(notify, half_of_the_watchdogs_time) {
    char me[32];
    snprintf(me, sizeof me, "%d", (int)getpid());
    cr_assert_eq(watchdog("30000000", NULL), 15000);
    cr_assert_eq(watchdog("30000000", me), 15000);
    cr_assert_eq(watchdog("30000000", "1"), 0, "it is another process's");
    cr_assert_eq(watchdog("900000000000", NULL), 60000);
}

Test(notify, a_watchdog_of_rubbish_is_none) {
    static const char *const bad[] = {"",   "0",         "soon", "-5",
                                      " 5", "30000000x", "1999", "99999999999999999999999999"};
    cr_assert_eq(watchdog(NULL, NULL), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_eq(watchdog(bad[i], NULL), 0, "%s", bad[i]);
}
