/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "plugin/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"

#ifdef __linux__

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

/* Kernels from 6.3 may be told to make memory files not executable unless asked; older ones do
 * not know the question. */
static int open_memory(void) {
    unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    int fd = memfd_create("plugin", flags | MFD_EXEC);
    if (fd < 0 && errno == EINVAL)
        fd = memfd_create("plugin", flags);
    return fd;
}

static bool write_all(int fd, const char *bytes, size_t len) {
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

static int fill(int memory, int file, size_t limit, struct err *err) {
    char chunk[65536];
    size_t total = 0;
    for (;;) {
        ssize_t n = read(file, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(err, errno, "cannot be read");
        if (n == 0)
            return total > 0 ? 0 : err_set(err, EINVAL, "is empty");
        total += (size_t)n;
        if (total > limit)
            return err_set(err, EFBIG, "is larger than %zu MiB", limit >> 20);
        if (!write_all(memory, chunk, (size_t)n))
            return err_sys(err, errno, "cannot be copied to memory");
    }
}

int sealed_copy(int file, size_t limit, int lowest_fd, struct err *err) {
    CLEANUP_CLOSE int first = open_memory();
    if (first < 0)
        return err_sys(err, errno, "no sealed memory");
    CLEANUP_CLOSE int memory = fcntl(first, F_DUPFD_CLOEXEC, lowest_fd);
    if (memory < 0)
        return err_sys(err, errno, "no descriptor for sealed memory");
    int rc = fill(memory, file, limit, err);
    if (rc != 0)
        return rc;
    if (fcntl(memory, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
        return err_sys(err, errno, "the copy in memory cannot be sealed");
    return take_fd(&memory);
}

#else

int sealed_copy(int file, size_t limit, int lowest_fd, struct err *err) {
    (void)file;
    (void)limit;
    (void)lowest_fd;
    return err_set(err, ENOTSUP, "no sealed memory on this platform");
}

#endif
