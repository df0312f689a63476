/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * crowd SOCKET HOW CLIENTS SECONDS [UID USERS]: so many clients of the control socket that mean no
 * good, for so long. Whoever is turned away comes again at once. HOW:
 *
 *     idle     connect and say nothing
 *     drip     a request of 1 KiB, a byte every 100 ms
 *     deaf     ask for status over and over, and never read
 *     flood    connect, leave, and connect again
 *
 * As root with UID and USERS the clients belong to so many users, counted from UID. The last line
 * tells how many connections there were.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define TURN_MS 100

static const char drip[] = "\x94\x00\x01\xda\x03\xff";
static const char status_request[] = "\x94\x00\x01\xa6status\x90";

struct crowd {
    struct sockaddr_un address;
    enum how { IDLE, DRIP, DEAF, FLOOD } how;
    size_t clients;
    uid_t uid;
    unsigned users;
    unsigned long connected, full, closed;
};

static uint64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

/* As one of the users; -1 when the backlog is full. */
static int join(struct crowd *crowd, size_t number) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (crowd->users > 0 && seteuid(crowd->uid + (uid_t)(number % crowd->users)) != 0)
        exit(1);
    int rc = connect(fd, (struct sockaddr *)&crowd->address, sizeof crowd->address);
    if (crowd->users > 0 && seteuid(0) != 0)
        exit(1);
    if (rc == 0) {
        crowd->connected++;
        return fd;
    }
    crowd->full++;
    close(fd);
    return -1;
}

static bool is_closed(int fd) {
    char byte;
    ssize_t n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n == 0 || (n < 0 && errno != EAGAIN);
}

/* False: it was turned away. */
static bool misbehave(const struct crowd *crowd, int fd, bool fresh) {
    if (crowd->how == FLOOD)
        return false;
    if (crowd->how != DEAF && is_closed(fd))
        return false;
    if (crowd->how == DRIP)
        return send(fd, fresh ? drip : "x", fresh ? sizeof drip - 1 : 1, MSG_NOSIGNAL) > 0;
    if (crowd->how == DEAF)
        return send(fd, status_request, sizeof status_request - 1, MSG_NOSIGNAL) > 0 ||
               errno == EAGAIN;
    return true;
}

static void turn(struct crowd *crowd, int *fds) {
    for (size_t i = 0; i < crowd->clients; i++) {
        bool fresh = fds[i] < 0;
        if (fresh)
            fds[i] = join(crowd, i);
        if (fds[i] < 0 || misbehave(crowd, fds[i], fresh))
            continue;
        close(fds[i]);
        fds[i] = -1;
        crowd->closed++;
    }
}

static bool understand(struct crowd *crowd, int argc, char **argv) {
    static const char *const ways[] = {"idle", "drip", "deaf", "flood"};
    size_t way = 0;
    if (argc != 5 && argc != 7)
        return false;
    while (way < 4 && strcmp(ways[way], argv[2]) != 0)
        way++;
    *crowd = (struct crowd){.address = {.sun_family = AF_UNIX}, .how = (enum how)way};
    snprintf(crowd->address.sun_path, sizeof crowd->address.sun_path, "%s", argv[1]);
    crowd->clients = strtoul(argv[3], NULL, 10);
    crowd->uid = argc == 7 ? (uid_t)strtoul(argv[5], NULL, 10) : 0;
    crowd->users = argc == 7 ? (unsigned)strtoul(argv[6], NULL, 10) : 0;
    return way < 4 && crowd->clients > 0;
}

int main(int argc, char **argv) {
    struct crowd crowd;
    if (!understand(&crowd, argc, argv)) {
        fprintf(stderr, "usage: crowd SOCKET idle|drip|deaf|flood CLIENTS SECONDS [UID USERS]\n");
        return 2;
    }
    struct rlimit files = {crowd.clients + 16, crowd.clients + 16};
    int *fds = malloc(crowd.clients * sizeof *fds);
    if (fds == NULL || setrlimit(RLIMIT_NOFILE, &files) != 0) {
        perror("crowd");
        return 1;
    }
    memset(fds, -1, crowd.clients * sizeof *fds);
    uint64_t end = now_ms() + strtoul(argv[4], NULL, 10) * 1000;
    while (now_ms() < end) {
        turn(&crowd, fds);
        if (crowd.how != FLOOD)
            nanosleep(&(struct timespec){.tv_nsec = TURN_MS * 1000000L}, NULL);
    }
    printf("%s: %lu connections, %lu closed by the daemon, %lu found the door full\n", argv[2],
           crowd.connected, crowd.closed, crowd.full);
    return 0;
}
