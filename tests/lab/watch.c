/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * watch PATH INTERVAL_MS: the user of a share, with a stopwatch. Asks the share for its attributes,
 * past every cache, one killable child at a time, and prints a line for each answer:
 *
 *     BEGAN_MS ENDED_MS FSTYPE(hex) ERRNO
 *
 * in milliseconds since 1970, so that they compare with the daemon's events. SIGTERM ends it at
 * once, whatever the child is stuck in. A share that is not mounted is answered by what lies
 * beneath: the file system's type tells them apart.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct answer {
    uint64_t began_ms, ended_ms;
    unsigned long type;
    int error;
};

static uint64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

static void ask(const char *path, int to) {
    struct answer answer = {.began_ms = now_ms()};
    struct statx attributes;
    struct statfs system;
    if (statx(AT_FDCWD, path, AT_STATX_FORCE_SYNC, STATX_BASIC_STATS, &attributes) != 0) {
        answer.error = errno;
    } else if (statfs(path, &system) != 0) {
        answer.error = errno;
    } else {
        answer.type = (unsigned long)system.f_type & 0xffffffffu;
    }
    answer.ended_ms = now_ms();
    _exit(write(to, &answer, sizeof answer) == (ssize_t)sizeof answer ? 0 : 1);
}

int main(int argc, char **argv) {
    int ends[2];
    if (argc != 3 || pipe2(ends, O_CLOEXEC) != 0) {
        fputs("usage: watch PATH INTERVAL_MS\n", stderr);
        return 2;
    }
    long interval = strtol(argv[2], NULL, 10);
    for (;;) {
        pid_t child = fork();
        if (child < 0)
            return 1;
        if (child == 0)
            ask(argv[1], ends[1]);
        struct answer answer;
        if (read(ends[0], &answer, sizeof answer) != (ssize_t)sizeof answer)
            return 1;
        printf("%" PRIu64 " %" PRIu64 " %lx %d\n", answer.began_ms, answer.ended_ms, answer.type,
               answer.error);
        fflush(stdout);
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
        }
        nanosleep(
            &(struct timespec){.tv_sec = interval / 1000, .tv_nsec = interval % 1000 * 1000000},
            NULL);
    }
}
