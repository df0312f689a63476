/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Mounting with Linux's own SMB client. Everything here is for a helper: it can hang. */
#ifndef OS_OS_CIFS_H
#define OS_OS_CIFS_H

#include <stdbool.h>
#include <stddef.h>

/* One key=value (value NULL: flag) of a new-API mount. */
struct os_mount_option {
    const char *key, *value;
};
/* fsopen, fsconfig, fsmount: *mount_fd is a mount that is nowhere yet, and gone when it is closed.
 * log gets the kernel's context messages. -ENOSYS when this kernel cannot: use os_mount_old. Any
 * other errno, -EOPNOTSUPP too (cifs: wrong dialect), is the mount's own. In a helper: can hang. */
int os_mount_create(const char *fstype, const char *source, const struct os_mount_option *options,
                    size_t options_len, unsigned long ms_flags, int *mount_fd, char *log,
                    size_t log_size);
/* Put it onto the pinned fd. 0 or -errno. */
int os_mount_attach(int mount_fd, int mountpoint_fd);
/* mount(2) on the pinned mountpoint (through /proc/self/fd). */
int os_mount_old(const char *fstype, const char *source, const char *data, unsigned long ms_flags,
                 int mountpoint_fd);
/* The newest NT status word in the kernel log since the mark that may be this server's; "" when
 * there is none, or it cannot be read. False: there were only those of other servers' logins. */
int os_kernel_log_mark(void); /* an fd, -1 when not readable */
bool os_kernel_log_status(int fd, const char *server, char *status, size_t size);

#endif
