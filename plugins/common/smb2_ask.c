/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "common/smb2_ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/inet_diag.h"
#include "common/knock.h"
#include "common/report.h"
#include "common/smb2_held.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* plugin hosts ignore SIGPIPE */
#endif

/* 1 when ready, 0 when the time is over, -errno. */
static int wait_for(int fd, short events, uint64_t until_us) {
    for (;;) {
        uint64_t now = monotonic_us();
        struct pollfd p = {.fd = fd, .events = events};
        int rc;

        if (now >= until_us) {
            return 0;
        }
        rc = poll(&p, 1, (int)((until_us - now + 999) / 1000));
        if (rc > 0) {
            return 1;
        }
        if (rc < 0 && errno != EINTR) {
            return -errno;
        }
    }
}

/* 0 or -errno; -ETIMEDOUT when the time is over. */
static int connect_until(int fd, const struct sockaddr *address, socklen_t len, uint64_t until_us) {
    int error = 0, rc;
    socklen_t size = sizeof error;

    if (connect(fd, address, len) == 0) {
        return 0;
    }
    if (errno != EINPROGRESS) {
        return -errno;
    }
    rc = wait_for(fd, POLLOUT, until_us);
    if (rc <= 0) {
        return rc ? rc : -ETIMEDOUT;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size)) {
        return -errno;
    }
    return -error;
}

#ifdef __linux__
static int fill_random(void *bytes, size_t size) {
    return getrandom(bytes, size, GRND_NONBLOCK) != (ssize_t)size;
}
#else
static int fill_random(void *bytes, size_t size) {
    return getentropy(bytes, size);
}
#endif

static int send_request(int fd) {
    uint8_t request[SMB2_REQUEST_MAX], random[SMB2_SALT_LEN + 16];
    size_t len;
    ssize_t n;

    if (fill_random(random, sizeof random)) {
        memset(random, 0x5a, sizeof random); /* early boot: it need not be secret */
    }
    len = smb2_request(request, random, random + SMB2_SALT_LEN);
    n = send(fd, request, len, MSG_NOSIGNAL); /* a fresh socket takes 200 bytes at once */
    if (n < 0) {
        return -errno;
    }
    return (size_t)n == len ? 0 : -EIO;
}

static enum smb2_result receive(int fd, uint64_t until_us, struct smb2_answer *answer) {
    uint8_t bytes[SMB2_REPLY_MAX];

    for (;;) {
        int ready = wait_for(fd, POLLIN, until_us);
        ssize_t n;

        if (ready <= 0) {
            return SMB2_SILENT;
        }
        n = recv(fd, bytes + answer->received, sizeof bytes - answer->received, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            continue;
        }
        if (n <= 0) {
            answer->error = n < 0 ? errno : 0;
            return SMB2_CLOSED;
        }
        answer->received += (size_t)n;
        switch (smb2_parse(bytes, answer->received, &answer->reply)) {
        case SMB2_WHOLE:
            return SMB2_ANSWERED;
        case SMB2_NOT_SMB:
            return SMB2_GARBAGE;
        case SMB2_PARTIAL:
            break;
        }
    }
}

static enum smb2_result talk(int fd, const struct sockaddr *address, socklen_t len,
                             uint64_t until_us, struct smb2_answer *answer) {
    int rc = connect_until(fd, address, len, until_us);

    if (rc) {
        answer->error = -rc;
        return rc == -ECONNREFUSED ? SMB2_PORT_CLOSED : SMB2_NO_PACKET;
    }
    rc = send_request(fd);
    if (rc) {
        answer->error = -rc;
        return SMB2_CLOSED;
    }
    return receive(fd, until_us, answer);
}

static int open_socket(int family) {
    const int priority = INET_DIAG_OWN_PRIORITY;
    int fd = socket(family, SOCK_STREAM, 0), flags;

    if (fd < 0) {
        return -1;
    }
    flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) || fcntl(fd, F_SETFD, FD_CLOEXEC)) {
        close(fd);
        return -1;
    }
#ifdef SO_PRIORITY
    (void)setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, sizeof priority);
#else
    (void)priority;
#endif
    return fd;
}

/* Done with the connection, unless its answer may still come. */
static void end(int fd, const struct sockaddr *address, socklen_t len, uint64_t since_us,
                const struct smb2_answer *answer) {
    if (answer->result == SMB2_SILENT && answer->received == 0) {
        smb2_held_keep(fd, address, len, since_us, monotonic_us());
    } else {
        close(fd);
    }
}

/* False when the kernel's client asks nothing. */
static bool listen_to_kernel(const struct sockaddr *address, uint64_t until_us,
                             struct smb2_answer *answer) {
    uint64_t begin = monotonic_us();
    enum knock_end end = knock_listen(address, until_us, &answer->silent_ms);

    answer->by_kernel = end != KNOCK_NOT;
    answer->result = end == KNOCK_ANSWERED ? SMB2_ANSWERED : SMB2_SILENT;
    answer->took_us = monotonic_us() - begin;
    return answer->by_kernel;
}

void smb2_ask(const struct sockaddr *address, socklen_t len, uint64_t until_us,
              struct smb2_answer *answer) {
    uint64_t begin = monotonic_us(), since;
    int fd = smb2_held_take(address, len, begin, &since);

    memset(answer, 0, sizeof *answer);
    if (fd < 0 && listen_to_kernel(address, until_us, answer)) {
        return;
    }
    if (fd >= 0) {
        answer->result = receive(fd, until_us, answer);
        answer->took_us = monotonic_us() - begin;
        end(fd, address, len, since, answer);
        if (answer->result != SMB2_CLOSED) {
            return;
        }
        memset(answer, 0, sizeof *answer); /* lost in a restart: asked anew */
    }
    fd = open_socket(address->sa_family);
    if (fd < 0) {
        answer->error = errno;
        answer->result = SMB2_NO_PACKET;
        return;
    }
    answer->result = talk(fd, address, len, until_us, answer);
    answer->took_us = monotonic_us() - begin;
    end(fd, address, len, begin, answer);
}
