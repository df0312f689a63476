/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mount/credentials.h"
#include "os/os.h"

/* mlock may be refused by a low limit: a mount matters more than a page that might be swapped. */
int secret_alloc(struct secret *secret, struct err *err) {
    long page = sysconf(_SC_PAGESIZE);
    size_t size = page > SECRET_MAX ? (size_t)page : SECRET_MAX + 1;
    void *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *secret = (struct secret){0};
    if (bytes == MAP_FAILED)
        return err_sys(err, errno, "memory for the password");
    bool locked = mlock(bytes, size) == 0;
#ifdef MADV_DONTDUMP
    (void)madvise(bytes, size, MADV_DONTDUMP);
#endif
#ifdef MADV_WIPEONFORK
    (void)madvise(bytes, size, MADV_WIPEONFORK);
#endif
    *secret = (struct secret){.bytes = bytes, .mapped = size, .locked = locked};
    return 0;
}

void secret_wipe(struct secret *secret) {
    if (secret->bytes != NULL) {
        os_wipe(secret->bytes, secret->mapped);
        munmap(secret->bytes, secret->mapped);
    }
    *secret = (struct secret){0};
}

void credentials_wipe(struct credentials *credentials) {
    secret_wipe(&credentials->password);
    *credentials = (struct credentials){0};
}
