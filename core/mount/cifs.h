/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * The cifs mounter: options checked by name and type, turned into fsconfig pairs or a mount(2)
 * data string, and the errors of the kernel turned into words (facts/linux-cifs.md 1, 6, 7).
 */
#ifndef MOUNT_CIFS_H
#define MOUNT_CIFS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "mount/credentials.h"
#include "mount/helper.h"

#define CIFS_OPTIONS_MAX 64

struct cifs_option {
    char key[32];
    char value[256];
    bool flag; /* no value */
};
struct cifs_options {
    struct cifs_option items[CIFS_OPTIONS_MAX];
    size_t len;
    unsigned long ms_flags; /* MS_RDONLY, MS_NOEXEC ...; MS_NOSUID | MS_NODEV always */
};

/* From the mount's words and its address. Asks the databases of users, whose modules may be
 * anybody's code: before a password is read. 0 or -EINVAL. */
int cifs_build_options(const struct config_mount *mount, const char *address,
                       struct cifs_options *options, struct err *err);
/* Who logs in, from the credentials; without the password. 0 or -EINVAL. */
int cifs_add_login(struct cifs_options *options, const struct config_mount *mount,
                   const struct credentials *credentials, struct err *err);

/* As mount(2) data ("a=b,c"), commas doubled in the password only. 0 or -E2BIG. */
int cifs_data_string(const struct cifs_options *options, const struct secret *password, char *data,
                     size_t size, struct err *err);

#define CIFS_UNREAD "unread"

/* Class and a line with a hint for an errno of mount; log is the kernel's context log ("" none),
 * nt_status the newest "STATUS_..." word of the kernel log ("" none, CIFS_UNREAD not readable). */
enum helper_class cifs_explain(int os_errno, const char *log, const char *nt_status,
                               const struct config_mount *mount, char *text, size_t size);
/* What that failure says of the login. */
enum login_refusal cifs_refusal(int os_errno, const char *nt_status,
                                const struct config_mount *mount);
/* Class and line for a mount that is not tried, since the server refused its login before. */
enum helper_class cifs_explain_leave(const struct login_leave *leave,
                                     const struct config_mount *mount, char *text, size_t size);

#endif
