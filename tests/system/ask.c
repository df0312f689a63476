/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * ask SOCKET status CALLS         how long status takes, each call by a connection of its own:
 *                                 "calls failed median p99 worst", in microseconds
 * ask SOCKET rows MOUNT           every method with what the daemon says of the caller's right:
 *                                 "name access result" (result: denied, or allowed)
 * ask SOCKET descriptors COUNT    pass so many descriptors of pipes: "sent held" (held: not
 *                                 closed by the daemon)
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

#define LIMIT_MS 20000
#define SENT_MAX 500

/* The head of a request whose method is 1023 bytes long. */
static const char long_text[] = "\x94\x00\x01\xda\x03\xff";

static uint64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static enum control_error ask(const char *socket, const char *method, const char *const *params,
                              size_t params_len) {
    struct client client;
    struct control_response response = {0};
    struct err err = {0};
    const struct client_call call = {
        .method = method, .params = params, .params_len = params_len, .limit_ms = LIMIT_MS};
    enum control_error rc = client_connect(&client, socket, CLIENT_ANSWER_MS, &err);
    if (rc == CONTROL_OK)
        rc = client_call(&client, &call, &response, &err);
    control_response_finish(&response);
    client_disconnect(&client);
    return rc;
}

static int by_size(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static int measure(const char *socket, size_t calls) {
    uint64_t *took = calloc(calls, sizeof *took);
    size_t failed = 0;
    if (took == NULL || calls == 0)
        return 1;
    for (size_t i = 0; i < calls; i++) {
        uint64_t began = now_us();
        failed += ask(socket, "status", NULL, 0) != CONTROL_OK;
        took[i] = now_us() - began;
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    qsort(took, calls, sizeof *took, by_size);
    printf("%zu %zu %llu %llu %llu\n", calls, failed, (unsigned long long)took[calls / 2],
           (unsigned long long)took[calls * 99 / 100], (unsigned long long)took[calls - 1]);
    free(took);
    return 0;
}

/* What the daemon refuses for another reason (no such mount, parameters) it has allowed. */
static int rows(const char *socket, const char *mount) {
    static const char *const access[] = {"anyone", "admin", "root"};
    for (unsigned i = 0; i < COMMAND_COUNT; i++) {
        const struct command_row *row = &command_table[i];
        if (row->where != COMMAND_REMOTE)
            continue;
        const char *const params[] = {mount};
        enum control_error rc = ask(socket, row->name, params, 1);
        if (rc == CONTROL_UNREACHABLE || rc == CONTROL_TIMEOUT)
            return 1;
        printf("%s %s %s\n", row->name, access[row->access],
               rc == CONTROL_DENIED ? "denied" : "allowed");
    }
    return 0;
}

static bool pass(int socket, int fd) {
    char control[CMSG_SPACE(sizeof(int))] = {0}, byte = 'x';
    struct iovec iov = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    *head = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(head), &fd, sizeof fd);
    return sendmsg(socket, &message, MSG_NOSIGNAL) == 1;
}

/* The reading end of a pipe hangs up when nobody holds the writing end. */
static int descriptors(const char *path, int count) {
    static struct pollfd readers[SENT_MAX];
    struct client client;
    struct err err;
    int sent = 0, held = 0;
    if (client_connect(&client, path, CLIENT_ANSWER_MS, &err) != CONTROL_OK ||
        send(client.fd, long_text, sizeof long_text - 1, MSG_NOSIGNAL) < 0)
        return 1;
    for (; sent < count && sent < SENT_MAX; sent++) {
        int ends[2];
        if (pipe(ends) != 0)
            return 1;
        readers[sent] = (struct pollfd){.fd = ends[0], .events = POLLIN};
        bool passed = pass(client.fd, ends[1]);
        close(ends[1]);
        if (!passed)
            break;
    }
    nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    for (int i = 0; i < sent; i++)
        held += poll(&readers[i], 1, 0) == 0;
    printf("%d %d\n", sent, held);
    client_disconnect(&client);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[2], "status") == 0)
        return measure(argv[1], strtoul(argv[3], NULL, 10));
    if (argc == 4 && strcmp(argv[2], "rows") == 0)
        return rows(argv[1], argv[3]);
    if (argc == 4 && strcmp(argv[2], "descriptors") == 0)
        return descriptors(argv[1], (int)strtol(argv[3], NULL, 10));
    fprintf(stderr, "usage: ask SOCKET status CALLS | rows MOUNT | descriptors COUNT\n");
    return 2;
}
