/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Which call can fail how. What is not listed does not fail in practice (close, epoll_wait, futex),
 * or its failure means that a program is broken (epoll_ctl, rt_sigaction). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "faults.h"

enum when { ALWAYS, ON_FILE, ON_SOCKET, ON_COPY, ON_ONE };

#define FAULTS(X)                                                                                  \
    X(openat, EMFILE, ALWAYS)                                                                      \
    X(openat2, ENOMEM, ALWAYS)                                                                     \
    X(read, EIO, ON_FILE)                                                                          \
    X(pread64, EIO, ON_FILE)                                                                       \
    X(read, ECONNRESET, ON_SOCKET)                                                                 \
    X(recvfrom, ECONNRESET, ON_SOCKET)                                                             \
    X(recvmsg, ECONNRESET, ON_SOCKET)                                                              \
    X(write, ENOSPC, ON_FILE)                                                                      \
    X(pwrite64, ENOSPC, ON_FILE)                                                                   \
    X(write, EPIPE, ON_SOCKET)                                                                     \
    X(writev, EPIPE, ON_SOCKET)                                                                    \
    X(sendto, EPIPE, ON_SOCKET)                                                                    \
    X(sendmsg, EPIPE, ON_SOCKET)                                                                   \
    X(mmap, ENOMEM, ALWAYS)                                                                        \
    X(mremap, ENOMEM, ALWAYS)                                                                      \
    X(mprotect, ENOMEM, ALWAYS)                                                                    \
    X(mlock, ENOMEM, ALWAYS)                                                                       \
    X(madvise, EINVAL, ALWAYS)                                                                     \
    X(memfd_create, ENFILE, ALWAYS)                                                                \
    X(socket, EMFILE, ALWAYS)                                                                      \
    X(socketpair, EMFILE, ALWAYS)                                                                  \
    X(pipe2, EMFILE, ALWAYS)                                                                       \
    X(connect, ECONNREFUSED, ALWAYS)                                                               \
    X(accept, EMFILE, ALWAYS)                                                                      \
    X(accept4, EMFILE, ALWAYS)                                                                     \
    X(getsockopt, ENOBUFS, ALWAYS)                                                                 \
    X(setsockopt, ENOBUFS, ALWAYS)                                                                 \
    X(fcntl, EMFILE, ON_COPY)                                                                      \
    X(dup, EMFILE, ALWAYS)                                                                         \
    X(dup2, EBUSY, ALWAYS)                                                                         \
    X(dup3, EBUSY, ALWAYS)                                                                         \
    X(fstat, EIO, ALWAYS)                                                                          \
    X(newfstatat, EIO, ALWAYS)                                                                     \
    X(statx, EIO, ALWAYS)                                                                          \
    X(access, EIO, ALWAYS)                                                                         \
    X(readlink, EIO, ALWAYS)                                                                       \
    X(readlinkat, EIO, ALWAYS)                                                                     \
    X(getdents64, EIO, ALWAYS)                                                                     \
    X(mkdir, ENOSPC, ALWAYS)                                                                       \
    X(mkdirat, ENOSPC, ALWAYS)                                                                     \
    X(unlink, EIO, ALWAYS)                                                                         \
    X(unlinkat, EIO, ALWAYS)                                                                       \
    X(rename, ENOSPC, ALWAYS)                                                                      \
    X(renameat, ENOSPC, ALWAYS)                                                                    \
    X(ftruncate, EIO, ALWAYS)                                                                      \
    X(fsync, EIO, ALWAYS)                                                                          \
    X(flock, ENOLCK, ALWAYS)                                                                       \
    X(chdir, EACCES, ALWAYS)                                                                       \
    X(chmod, EIO, ALWAYS)                                                                          \
    X(fchmod, EIO, ALWAYS)                                                                         \
    X(fchownat, EIO, ALWAYS)                                                                       \
    X(setsid, EPERM, ALWAYS)                                                                       \
    X(fork, EAGAIN, ALWAYS)                                                                        \
    X(vfork, EAGAIN, ALWAYS)                                                                       \
    X(clone, EAGAIN, ALWAYS)                                                                       \
    X(clone3, EAGAIN, ALWAYS)                                                                      \
    X(execve, ENOMEM, ALWAYS)                                                                      \
    X(pidfd_open, EMFILE, ALWAYS)                                                                  \
    X(prctl, EINVAL, ON_ONE)                                                                       \
    X(prlimit64, EPERM, ALWAYS)                                                                    \
    X(capget, EPERM, ALWAYS)                                                                       \
    X(capset, EPERM, ALWAYS)                                                                       \
    X(poll, ENOMEM, ALWAYS)                                                                        \
    X(ppoll, ENOMEM, ALWAYS)                                                                       \
    X(epoll_create1, EMFILE, ALWAYS)                                                               \
    X(eventfd2, EMFILE, ALWAYS)                                                                    \
    X(mount, ENOMEM, ALWAYS)                                                                       \
    X(umount2, ENOMEM, ALWAYS)                                                                     \
    X(fsopen, ENOMEM, ALWAYS)                                                                      \
    X(fsconfig, ENOMEM, ALWAYS)                                                                    \
    X(fsmount, ENOMEM, ALWAYS)                                                                     \
    X(move_mount, ENOMEM, ALWAYS)                                                                  \
    X(mount_setattr, ENOMEM, ALWAYS)

static const struct {
    const char *name;
    long call;
    int code;
    enum when when;
} faults[] = {
#define X(name, code, when) {#name, SYS_##name, code, when},
    FAULTS(X)
#undef X
};

/* What the descriptor is: a path begins with '/', others with their kind. */
static bool fits(enum when when, pid_t pid, unsigned long fd, unsigned long command) {
    char name[64], target[256];
    if (when == ALWAYS)
        return true;
    /* Of the calls for each capability one is enough. */
    if (when == ON_ONE)
        return fd != PR_CAPBSET_READ && (fd != PR_CAPBSET_DROP || command == 0);
    if (when == ON_COPY)
        return command == F_DUPFD || command == F_DUPFD_CLOEXEC;
    snprintf(name, sizeof name, "/proc/%d/fd/%lu", (int)pid, fd);
    ssize_t len = readlink(name, target, sizeof target - 1);
    target[len > 0 ? len : 0] = '\0';
    return when == ON_FILE ? target[0] == '/' : strncmp(target, "socket:", 7) == 0;
}

int fault_of(pid_t pid, long call, unsigned long first_argument, unsigned long second_argument) {
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (faults[i].call == call && fits(faults[i].when, pid, first_argument, second_argument))
            return faults[i].code;
    return 0;
}

const char *fault_name(long call) {
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (faults[i].call == call)
            return faults[i].name;
    return "?";
}
