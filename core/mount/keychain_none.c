/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Where there is no keychain. */
#include <errno.h>

#include "mount/keychain.h"

static int refuse(struct err *err) {
    return err_set(err, ENOTSUP, "the keychain is macOS's; use credential: {file: PATH}");
}

int keychain_read(const struct config_mount *mount, struct credentials *credentials,
                  struct err *err) {
    (void)mount;
    (void)credentials;
    return refuse(err);
}

int keychain_store(const struct config_mount *mount, const char *username,
                   const struct secret *password, struct err *err) {
    (void)mount;
    (void)username;
    (void)password;
    return refuse(err);
}
