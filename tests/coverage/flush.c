/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Linked into everything of the coverage build. The counters are written at a normal end only, but
 * our children leave by _exit and the plugin hosts by SIGKILL: write before the one, and all the
 * time because of the other.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#define EVERY_MS 100

void __gcov_dump(void);
void __gcov_reset(void);
void __real__exit(int status) __attribute__((noreturn));
void __wrap__exit(int status) __attribute__((noreturn));

void __wrap__exit(int status) {
    __gcov_dump();
    __real__exit(status);
}

static void *write_always(void *nothing) {
    for (;;) {
        nanosleep(&(struct timespec){.tv_nsec = EVERY_MS * 1000000L}, NULL);
        __gcov_dump();
        __gcov_reset();
    }
    return nothing;
}

__attribute__((constructor)) static void begin(void) {
    pthread_t thread;
    if (strcmp(program_invocation_short_name, "smbmounter-plugin-host") == 0 &&
        pthread_create(&thread, NULL, write_always, NULL) == 0)
        pthread_detach(thread);
}
