/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Loaded into User-Mode Linux (LD_PRELOAD): a suspend takes as long as the guest asked for. The
 * guest's kernel learns how long it slept from the host's clock, which it reads once when it
 * suspends and once when it resumes. LAB_SLEEP names the file with the seconds; it is used once.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long asked_for(const char *path) {
    char text[32] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    return n > 0 ? strtol(text, NULL, 10) : 0;
}

__attribute__((visibility("default"))) int clock_gettime(clockid_t id, struct timespec *t) {
    static long slept;
    static bool asleep;
    long rc = syscall(SYS_clock_gettime, id, t);
    const char *path = getenv("LAB_SLEEP");
    if (rc != 0 || id != CLOCK_REALTIME || path == NULL)
        return (int)rc;
    long seconds = asked_for(path);
    if (seconds > 0 && asleep) {
        slept += seconds;
        unlink(path);
    }
    asleep = seconds > 0 && !asleep;
    t->tv_sec += slept;
    return 0;
}
