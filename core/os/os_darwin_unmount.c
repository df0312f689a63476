/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Taking a mount away: by force at once, or not at all when it is in use. */
#include <errno.h>

#include "os/darwin.h"
#include "os/os.h"

/* While one unmount is at work in the kernel, every other one is refused with EBUSY, and a second
 * one may wait for a minute. So a stuck one keeps the lock. */
bool os_unmount_is_exclusive(void) {
    return true;
}

static int check_id(const char *path, uint64_t id) {
    uint64_t found, device;
    int rc = os_mount_id_at(path, &found, &device);
    return rc != 0 ? rc : found == id ? 0 : -ESTALE;
}

/* By path first: the root of a mount is cached, so that asks nothing of the server. Never plain
 * before forced on a doubtful mount: a plain one may hang in writing back, and then nothing else
 * helps any more. */
int os_unmount(const char *path, uint64_t id, bool force, bool detach) {
    int rc = check_id(path, id);
    if (rc != 0)
        return rc;
    rc = darwin_kernel.unmount(path, force || detach);
    if (rc == 0 || rc == -EBUSY || !(force || detach))
        return rc;
    rc = check_id(path, id);
    return rc == 0 ? darwin_kernel.unmount_id(id, true) : rc == -ENOENT ? 0 : rc;
}

int os_harden_mount(const char *path, uint64_t id) {
    (void)path;
    (void)id;
    return -ENOTSUP;
}

/* There is no way to cut a connection of the kernel's client here. */
int os_destroy_stalled(const char *address, uint16_t port, unsigned min_retransmits) {
    (void)address;
    (void)port;
    (void)min_retransmits;
    return -EOPNOTSUPP;
}
