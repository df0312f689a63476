/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A heartbeat that a sleeping machine does not lose. */
#include <errno.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/beat.h"
#include "os/os_linux.h"

int os_beat_open(uint32_t every_ms) {
    CLEANUP_CLOSE int fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    struct timespec every = {.tv_sec = (time_t)(every_ms / 1000u),
                             .tv_nsec = (long)(every_ms % 1000u) * 1000000L};
    const struct itimerspec setting = {.it_interval = every, .it_value = every};
    if (fd < 0 || timerfd_settime(fd, 0, &setting, NULL) != 0)
        return -errno;
    return take_fd(&fd);
}

void os_beat_drain(int fd) {
    uint64_t beats;
    while (read(fd, &beats, sizeof beats) < 0 && errno == EINTR)
        continue;
}
