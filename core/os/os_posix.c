/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "os/posix.h"

#ifdef __GLIBC__
#define RESOURCE(number) ((__rlimit_resource_t)(number))
#else
#define RESOURCE(number) (number)
#endif

void posix_fill_standard_fds(void) {
    int fd;
    do
        fd = open("/dev/null", O_RDWR | O_NOCTTY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO)
        close(fd);
}

int posix_limit(int resource, rlim_t most) {
    struct rlimit now;
    if (getrlimit(RESOURCE(resource), &now) != 0)
        return -errno;
    if (now.rlim_max > most)
        now.rlim_max = most;
    now.rlim_cur = now.rlim_max;
    return setrlimit(RESOURCE(resource), &now) == 0 ? 0 : -errno;
}
