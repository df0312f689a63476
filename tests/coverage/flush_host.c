/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * The plugin hosts of the coverage build, which end by SIGKILL: they write their counters before
 * each word to the daemon, and all the time for a call that hangs.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

#define EVERY_MS 100

void __gcov_dump(void);
void __gcov_reset(void);
ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);

static bool is_host(void) {
    return strcmp(program_invocation_short_name, "smbmounter-plugin-host") == 0;
}

static void flush(void) {
    __gcov_dump();
    __gcov_reset();
}

ssize_t __wrap_write(int fd, const void *bytes, size_t size) {
    if (is_host())
        flush();
    return __real_write(fd, bytes, size);
}

static void *write_always(void *nothing) {
    for (;;) {
        nanosleep(&(struct timespec){.tv_nsec = EVERY_MS * 1000000L}, NULL);
        flush();
    }
    return nothing;
}

__attribute__((constructor)) static void begin(void) {
    pthread_t thread;
    if (is_host() && pthread_create(&thread, NULL, write_always, NULL) == 0)
        pthread_detach(thread);
}
