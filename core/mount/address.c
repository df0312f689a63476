/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "mount/address.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "mount/process.h"
#include "os/os.h"

#define SMB_PORT 445
#define TRIED_MAX 8 /* as many as the negotiate probe asks */
#define CONNECT_MS 1000

static int to_text(const struct addrinfo *info, char *address, size_t size) {
    return getnameinfo(info->ai_addr, info->ai_addrlen, address, (socklen_t)size, NULL, 0,
                       NI_NUMERICHOST);
}

static void set_port(struct addrinfo *info, uint16_t port) {
    if (info->ai_family == AF_INET)
        ((struct sockaddr_in *)(void *)info->ai_addr)->sin_port = htons(port);
    else if (info->ai_family == AF_INET6)
        ((struct sockaddr_in6 *)(void *)info->ai_addr)->sin6_port = htons(port);
}

static bool connects(const struct addrinfo *info) {
    int error = 0;
    socklen_t size = sizeof error;
    CLEANUP_CLOSE int fd = os_socket(info->ai_family);
    if (fd < 0)
        return false;
    if (connect(fd, info->ai_addr, info->ai_addrlen) == 0)
        return true;
    if (errno != EINPROGRESS)
        return false;
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    uint64_t until = clock_boot_ms() + CONNECT_MS;
    int ready;
    do
        ready = poll(&p, 1, process_timeout(until));
    while (ready < 0 && errno == EINTR);
    return ready == 1 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

static const struct addrinfo *choose(struct addrinfo *list, uint16_t port) {
    unsigned tried = 0;
    if (list->ai_next == NULL)
        return list;
    for (struct addrinfo *info = list; info != NULL && tried < TRIED_MAX; info = info->ai_next) {
        set_port(info, port);
        if (connects(info))
            return info;
        tried++;
    }
    return list;
}

int address_resolve(const char *server, uint16_t port, char *address, size_t size,
                    struct err *err) {
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int rc = getaddrinfo(server, NULL, &hints, &list);
    if (rc == 0)
        rc = to_text(choose(list, port != 0 ? port : SMB_PORT), address, size);
    if (list != NULL)
        freeaddrinfo(list);
    if (rc == 0)
        return 0;
    return err_set(err, EHOSTUNREACH, "server name '%s' cannot be resolved: %s", server,
                   rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));
}
