/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "plugin/slate.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "os/os.h"

#define RECALLED 0x80000000u

struct slate *slate_join(int fd, struct err *err) {
    void *memory = mmap(NULL, sizeof(struct slate), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory != MAP_FAILED)
        return memory;
    err_sys(err, errno, "cannot share memory with the plugin host");
    return NULL;
}

struct slate *slate_create(int *fd, struct err *err) {
    *fd = os_shared_memory(sizeof(struct slate));
    if (*fd < 0) {
        err_sys(err, -*fd, "no memory to share with the plugin host");
        return NULL;
    }
    struct slate *slate = slate_join(*fd, err);
    if (slate == NULL)
        close(take_fd(fd));
    return slate;
}

void slate_leave(struct slate *slate) {
    if (slate != NULL)
        munmap(slate, sizeof *slate);
}

void slate_begin(struct slate *slate, uint32_t batch) {
    atomic_store(&slate->filled, 0);
    atomic_store(&slate->turn, (uint64_t)batch << 32);
}

unsigned slate_begun(const struct slate *slate) {
    return (unsigned)(atomic_load(&slate->turn) & (RECALLED - 1u));
}

unsigned slate_recall(struct slate *slate) {
    return (unsigned)(atomic_fetch_or(&slate->turn, RECALLED) & (RECALLED - 1u));
}

bool slate_claim(struct slate *slate, uint32_t batch) {
    uint64_t turn = atomic_load(&slate->turn);
    do {
        if (turn >> 32 != batch || (turn & RECALLED) != 0)
            return false;
    } while (!atomic_compare_exchange_weak(&slate->turn, &turn, turn + 1));
    return true;
}

void slate_mark(struct slate *slate) {
    atomic_store(&slate->since_ms, clock_awake_ms());
}

bool slate_put(struct slate *slate, const void *frame, size_t len) {
    size_t filled = atomic_load(&slate->filled);
    if (filled > SLATE_ANSWERS || len > SLATE_ANSWERS - filled)
        return false;
    memcpy(slate->answers + filled, frame, len);
    atomic_store(&slate->since_ms, 0); /* the next call has all its time */
    atomic_store(&slate->filled, (uint32_t)(filled + len));
    return true;
}

size_t slate_take(const struct slate *slate, size_t at, void *to, size_t size) {
    size_t filled = atomic_load(&slate->filled);
    if (filled > SLATE_ANSWERS || filled <= at)
        return 0;
    size_t len = filled - at < size ? filled - at : size;
    memcpy(to, slate->answers + at, len);
    return len;
}
