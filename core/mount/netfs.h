/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * The netfs mounter: macOS's own SMB client, asked by NetFS in a process that may hang. The URL and
 * the meaning of what comes back are pure; the call is in netfs_call.c alone.
 */
#ifndef MOUNT_NETFS_H
#define MOUNT_NETFS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "mount/credentials.h"
#include "mount/helper.h"

#define NETFS_URL_MAX 2560
#define NETFS_NAME_MAX 127  /* bytes of a user or password that the client takes */
#define NETFS_SHARE_MAX 239 /* of a share */

/* "smb://[DOMAIN;]user@host[:port]/share[/folder]", everything escaped but A-Za-z0-9-._~ . user and
 * domain "" for a guest. 0, or -EINVAL and -ENAMETOOLONG with what is allowed. */
int netfs_url(const struct config_mount *mount, const char *user, const char *domain, char *url,
              size_t size, struct err *err);

/* MNT_* from mount_options; nosuid and nodev always. 0 or -EINVAL. */
int netfs_flags(const struct config_mount *mount, uint32_t *flags, struct err *err);

/* Class and a line with a hint for what NetFS returned: an errno of macOS (never of the machine
 * that this was built on), or a negative OSStatus. tried_by: the mount that was refused with the
 * same login before; NULL: this one. */
enum helper_class netfs_explain(int code, const char *tried_by, const struct config_mount *mount,
                                char *text, size_t size);

/* What that says of the login. */
enum login_refusal netfs_refusal(int code, const struct config_mount *mount);

/* What the helper asks of its worker. Texts are borrowed. */
struct netfs_request {
    const char *url, *mountpoint;
    const char *user;     /* "" with guest; may be DOMAIN\\user */
    const char *password; /* in locked memory; NULL with guest */
    const char *local_user;
    uint32_t uid, gid; /* uid 0: stay root */
    uint32_t flags;
};
struct netfs_answer {
    int32_t code; /* as netfs_explain takes it */
    int32_t drop; /* errno of dropping to the user; 0 */
    char path[CONFIG_PATH_MAX];
};

/* NetFSMountURLSync, soft, at the mountpoint itself, in a session of its own, without a word to the
 * screen. Blocks, perhaps for minutes. path gets where it was mounted. */
int netfs_call(const struct netfs_request *request, char *path, size_t size);

/* The worker's program: reads a request from SESSION_FD, becomes the user for good, calls, answers.
 * Returns the exit status. */
int netfs_worker_main(void);

/* Frames between them; buffer must be as locked as the password is. encode: length or 0. */
size_t netfs_encode_request(const struct netfs_request *request, void *buffer, size_t size);
int netfs_decode_request(struct wire_in *payload, struct netfs_request *request);
size_t netfs_encode_answer(const struct netfs_answer *answer, void *buffer, size_t size);
int netfs_decode_answer(struct wire_in *payload, struct netfs_answer *answer);

#endif
