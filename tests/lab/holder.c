/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * holder FILE: a program with a file open on the share. Every line on its input makes it write one
 * numbered line, fsync it and print "NUMBER ERRNO TOOK_MS"; the line "end" makes it read the whole
 * file back, print "kept N" when all N lines are there, or "lost" when one is not, and go.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE 16

static uint64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

static int put(int fd, unsigned number) {
    char line[LINE + 1];
    snprintf(line, sizeof line, "line %010u\n", number);
    ssize_t wrote = pwrite(fd, line, LINE, (off_t)number * LINE);
    if (wrote != LINE)
        return wrote < 0 ? errno : EIO;
    return fsync(fd) == 0 ? 0 : errno;
}

static unsigned kept(int fd, unsigned count) {
    for (unsigned number = 0; number < count; number++) {
        char line[LINE + 1], back[LINE];
        snprintf(line, sizeof line, "line %010u\n", number);
        if (pread(fd, back, LINE, (off_t)number * LINE) != LINE)
            return 0;
        if (memcmp(line, back, LINE) != 0)
            return 0;
    }
    return count;
}

int main(int argc, char **argv) {
    char input[64];
    unsigned number = 0;
    int fd = argc == 2 ? open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0644) : -1;
    if (fd < 0) {
        perror(argc == 2 ? argv[1] : "usage: holder FILE");
        return 2;
    }
    while (fgets(input, sizeof input, stdin) && strcmp(input, "end\n") != 0) {
        uint64_t began = now_ms();
        int error = put(fd, number);
        printf("%u %d %" PRIu64 "\n", number, error, now_ms() - began);
        fflush(stdout);
        if (error == 0)
            number++;
    }
    if (kept(fd, number) == number) {
        printf("kept %u\n", number);
    } else {
        puts("lost");
    }
    return 0;
}
