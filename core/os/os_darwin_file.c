/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Descriptors and memory. */
/* NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): for memset_s */
#define __STDC_WANT_LIB_EXT1__ 1
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/darwin_sdk.h"
#include "os/os.h"
#include "os/quarantine.h"

static void close_on_exec(int fd) {
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* There is no call that does both at once here; nobody else forks in these one-threaded programs.
 */
int os_pipe(int ends[2]) {
    if (pipe(ends) != 0)
        return -errno;
    close_on_exec(ends[0]);
    close_on_exec(ends[1]);
    return 0;
}

int os_socketpair(int ends[2]) {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return -errno;
    close_on_exec(ends[0]);
    close_on_exec(ends[1]);
    return 0;
}

int os_socket(int family) {
    CLEANUP_CLOSE int fd = socket(family, SOCK_STREAM, 0);
    if (fd < 0)
        return -errno;
    close_on_exec(fd);
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
        return -errno;
    return take_fd(&fd);
}

int os_memory_file(const char *name, size_t size) {
    char path[] = "/private/var/tmp/smbmounter.XXXXXXXX";
    (void)name;
    CLEANUP_CLOSE int fd = mkstemp(path);
    if (fd < 0)
        return -errno;
    close_on_exec(fd);
    if (unlink(path) != 0 || ftruncate(fd, (off_t)size) != 0)
        return -errno;
    return take_fd(&fd);
}

void os_spare_memory(void) {
    /* Its malloc does so by itself. */
}

/* The size of shared memory can be set once only here, so neither end can change it any more. */
int os_shared_memory(size_t size) {
    char name[32];
    uint64_t random;
    int rc = os_random(&random, sizeof random);
    if (rc != 0)
        return rc;
    snprintf(name, sizeof name, "/smbmounter.%016llx", (unsigned long long)random);
    CLEANUP_CLOSE int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (fd < 0)
        return -errno;
    close_on_exec(fd);
    if (shm_unlink(name) != 0 || ftruncate(fd, (off_t)size) != 0)
        return -errno;
    return take_fd(&fd);
}

void os_wipe(void *bytes, size_t size) {
    memset_s(bytes, size, 0, size);
}

int os_random(void *bytes, size_t size) {
    return getentropy(bytes, size) == 0 ? 0 : -errno;
}

bool os_is_quarantined(const char *path) {
    return getxattr(path, "com.apple.quarantine", NULL, 0, 0, XATTR_NOFOLLOW) >= 0;
}
