/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The secret of one mount: read by the helper alone, in locked memory that is left out of cores
 * and wiped. No function here or elsewhere formats it. */
#ifndef MOUNT_CREDENTIALS_H
#define MOUNT_CREDENTIALS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "config/config.h"

#define SECRET_MAX 1024 /* bytes of a password; the kernel takes up to 512 */

/* A page of its own: mlock, MADV_DONTDUMP, MADV_WIPEONFORK. A password has any byte but NUL and
 * newline. */
struct secret {
    char *bytes; /* NUL-terminated; NULL for guest */
    size_t len, mapped;
    bool locked; /* mlock was not refused */
};

struct credentials {
    char username[CONFIG_USER_MAX], domain[CONFIG_USER_MAX]; /* of the store, else of the mount */
    struct secret password;
};

/* Read by the mount's credential setting. command runs with its deadline, no shell, fixed
 * environment. 0 or -errno; err never contains any byte of a secret. */
int credentials_read(const struct config_mount *mount, uid_t trusted_uid,
                     struct credentials *credentials, struct err *err);

/* Write the file store: created 0600 root in a temporary file, fsync, rename; the temporary files
 * of those that were killed are removed. -EBUSY: another is at it. What an earlier file
 * says of the domain is kept unless the mount gives one, and of the user when username is "". */
int credentials_store(const struct config_mount *mount, const char *username,
                      const struct secret *password, struct err *err);

int secret_alloc(struct secret *secret, struct err *err);
void secret_wipe(struct secret *secret);
void credentials_wipe(struct credentials *credentials);

#endif
