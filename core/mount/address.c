/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "mount/address.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

static int to_text(const struct addrinfo *info, char *address, size_t size) {
    return getnameinfo(info->ai_addr, info->ai_addrlen, address, (socklen_t)size, NULL, 0,
                       NI_NUMERICHOST);
}

int address_resolve(const char *server, char *address, size_t size, struct err *err) {
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int rc = getaddrinfo(server, NULL, &hints, &list);
    if (rc == 0)
        rc = to_text(list, address, size);
    if (list != NULL)
        freeaddrinfo(list);
    if (rc == 0)
        return 0;
    return err_set(err, EHOSTUNREACH, "server name '%s' cannot be resolved: %s", server,
                   rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));
}
