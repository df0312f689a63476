/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Preloaded into every program of a guest: of those that are ours, the allocation that MEMORY_FILE
 * asks for fails.
 */
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SHOWN __attribute__((visibility("default")))

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
SHOWN void *malloc(size_t size);
SHOWN void *calloc(size_t count, size_t size);
SHOWN void *realloc(void *old, size_t size);

static struct memory *memory;

__attribute__((constructor)) static void begin(void) {
    if (strncmp(program_invocation_short_name, "smbmounter", 10) != 0)
        return;
    int fd = open(MEMORY_FILE, O_RDWR | O_CLOEXEC);
    void *found =
        fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *memory, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd >= 0)
        close(fd);
    if (found != MAP_FAILED)
        memory = found;
}

static int fails(size_t size) {
    if (memory == NULL || atomic_load(&memory->left) <= 0 ||
        atomic_fetch_sub(&memory->left, 1) != 1)
        return 0;
    snprintf(memory->hit, sizeof memory->hit, "%zu bytes of %s", size,
             program_invocation_short_name);
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size) {
    return fails(size) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    return fails(count * size) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
    return fails(size) ? NULL : __libc_realloc(old, size);
}
