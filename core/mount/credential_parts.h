/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The parts of credentials_read, for it and for their tests. */
#ifndef MOUNT_CREDENTIAL_PARTS_H
#define MOUNT_CREDENTIAL_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "mount/credentials.h"

#define CREDENTIAL_BYTES_MAX 4095 /* of a store; one locked page with its NUL */
#define CREDENTIAL_COMMAND_MS 10000

/* Read fd to its end, or to boot time until_ms, into raw (allocated). NUL bytes are refused. */
int credential_slurp(int fd, uint64_t until_ms, const char *where, struct secret *raw,
                     struct err *err);

/* mount.cifs(8) form: username=, password=, domain= lines. Sets what is given. */
int credential_parse(const struct secret *raw, const char *where, struct credentials *credentials,
                     struct err *err);

/* That form when its first line begins with username= or password=, else the bare password with
 * one newline at its end taken off. */
int credential_parse_any(const struct secret *raw, const char *where,
                         struct credentials *credentials, struct err *err);

/* Run argv and take its output as credential_parse_any does. */
int credential_run(const struct config_words *argv, uid_t trusted_uid, uint32_t limit_ms,
                   struct credentials *credentials, struct err *err);

/* Copy len bytes as the password. -E2BIG past SECRET_MAX. */
int credential_set_password(struct credentials *credentials, const char *bytes, size_t len,
                            const char *where, struct err *err);

#endif
