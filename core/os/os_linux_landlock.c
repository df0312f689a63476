/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Nothing is written by name: a Landlock ruleset (Linux 5.13), which root's user id does not pass
 * as it passes the mode bits of its own files, /proc/sys among them. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/os_linux.h"

#define WANT_VERSION 1u
#define PATH_BENEATH 1

#define RIGHT(bit) (UINT64_C(1) << (bit))
#define EXECUTE RIGHT(0)
#define WRITE_FILE RIGHT(1)
#define REMOVE_AND_MAKE (RIGHT(13) - RIGHT(4)) /* 4 and 5: REMOVE_*, 6 to 12: MAKE_* */
#define REFER RIGHT(13)                        /* version 2 */
#define TRUNCATE RIGHT(14)                     /* version 3 */
#define IOCTL_DEV RIGHT(15)                    /* version 5 */

struct path_beneath {
    uint64_t allowed;
    int32_t fd;
} __attribute__((packed));

static uint64_t handled(long version) {
    uint64_t rights = EXECUTE | WRITE_FILE | REMOVE_AND_MAKE;
    if (version >= 2)
        rights |= REFER;
    if (version >= 3)
        rights |= TRUNCATE;
    if (version >= 5)
        rights |= IOCTL_DEV;
    return rights;
}

/* Libraries open it for what they throw away. */
static int allow_null(int ruleset, uint64_t rights) {
    CLEANUP_CLOSE int null = open("/dev/null", O_PATH | O_CLOEXEC);
    if (null < 0)
        return 0;
    struct path_beneath rule = {.allowed = rights & (WRITE_FILE | TRUNCATE), .fd = null};
    return syscall(LINUX_LANDLOCK_ADD_RULE, ruleset, PATH_BENEATH, &rule, 0) == 0 ? 0 : -errno;
}

int linux_forbid_writing(void) {
    long version = syscall(LINUX_LANDLOCK_CREATE, NULL, 0, WANT_VERSION);
    if (version < 0) /* EPERM: a filter around us that does not know the call */
        return errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM ? 0 : -errno;
    uint64_t rights = handled(version);
    CLEANUP_CLOSE int ruleset = (int)syscall(LINUX_LANDLOCK_CREATE, &rights, sizeof rights, 0);
    if (ruleset < 0)
        return -errno;
    int rc = allow_null(ruleset, rights);
    if (rc == 0 && syscall(LINUX_LANDLOCK_RESTRICT, ruleset, 0) != 0)
        rc = -errno;
    return rc;
}
