/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Passwords in macOS's System keychain, as items that Finder understands too. */
#ifndef MOUNT_KEYCHAIN_H
#define MOUNT_KEYCHAIN_H

#include "mount/credentials.h"

/* Read by root alone, without any question on the screen. 0 or -errno. */
int keychain_read(const struct config_mount *mount, struct credentials *credentials,
                  struct err *err);

/* Store or replace; readable by this very program only. 0 or -errno. */
int keychain_store(const struct config_mount *mount, const char *username,
                   const struct secret *password, struct err *err);

/* What an OSStatus of the keychain means, with what to do. Returns the errno that stands for it,
 * negative. */
int keychain_explain(int status, const struct config_mount *mount, struct err *err);

#endif
