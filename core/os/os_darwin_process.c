/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Our own processes: hardened, confined, killed. */
#include <errno.h>
#include <limits.h>
#include <mach-o/dyld.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/str.h"
#include "os/orphans.h"
#include "os/os.h"
#include "os/posix.h"

#define HOST_FILES 256u
#define FILES_MAX 65536

void os_close_from(int first) {
    int end = getdtablesize();
    for (int fd = first; fd < (end > 0 && end < FILES_MAX ? end : FILES_MAX); fd++)
        close(fd);
}

/* Tracing is refused by the hardened runtime that the programs are signed with. */
void os_harden(int keep_max_fd) {
    struct rlimit none = {0, 0};
    posix_fill_standard_fds();
    if (keep_max_fd >= 0)
        os_close_from(keep_max_fd + 1);
    setrlimit(RLIMIT_CORE, &none);
}

/* It stays root: the kernel tells the state of a mount to nobody else. */
int os_confine_host(struct err *err) {
    signal(SIGXFSZ, SIG_IGN);
    int rc = posix_limit(RLIMIT_NOFILE, HOST_FILES);
    if (rc == 0)
        rc = posix_limit(RLIMIT_FSIZE, 0);
    if (rc == 0)
        rc = posix_limit(RLIMIT_CORE, 0);
    return rc == 0 ? 0 : err_sys(err, -rc, "cannot limit the plugin host");
}

int os_pidfd(pid_t pid) {
    (void)pid;
    return -1;
}

int os_kill(pid_t pid, int pidfd) {
    (void)pidfd;
    if (pid <= 0) /* would be a whole group */
        return -EINVAL;
    return kill(pid, SIGKILL) == 0 ? 0 : -errno;
}

/* Nobody but launchd adopts here. */
void os_adopt_orphans(void) {
}

void os_end_children(uint32_t limit_ms) {
    (void)limit_ms;
}

/* A program whose parent is gone notices by its socket. */
void os_end_with_parent(void) {
}

int os_self_path(char *path, size_t size) {
    char found[PATH_MAX], real[PATH_MAX];
    uint32_t found_size = sizeof found;
    if (_NSGetExecutablePath(found, &found_size) != 0)
        return -ENAMETOOLONG;
    if (realpath(found, real) == NULL)
        return -errno;
    return str_copy(path, size, real) ? 0 : -ENAMETOOLONG;
}

bool os_namespace_is_host(struct err *why) {
    (void)why;
    return true;
}
