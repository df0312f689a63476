/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "fail.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static long left = -1; /* calls until the one that fails; -1: none does */
static int wanted;     /* errno, 0: the call's own */
static const char *failed;
static pid_t owner;

void fail_after(long n) {
    fail_after_with(n, 0);
}

void fail_after_with(long n, int code) {
    failed = NULL;
    wanted = code;
    owner = getpid();
    left = n;
}

const char *fail_end(void) {
    left = -1;
    return failed;
}

static bool fails(const char *name, int code) {
    if (left < 0 || getpid() != owner || left-- > 0)
        return false;
    failed = name;
    errno = wanted != 0 ? wanted : code;
    return true;
}

/* Open descriptors of this process. */
static int count_fds(void) {
    int count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

long fail_each(const char *what, enum fail_mode mode, int (*run)(void *context), void *context) {
    for (long n = 0;; n++) {
        int fds = count_fds();
        fail_after(n);
        int rc = run(context);
        const char *call = fail_end();
        cr_assert_eq(count_fds(), fds, "%s with call %ld (%s) failing: descriptors", what, n,
                     call != NULL ? call : "none");
        if (call == NULL) {
            cr_assert_eq(rc, 0, "%s: %d", what, rc);
            return n;
        }
        cr_assert_leq(rc, 0);
        if (mode == FAIL_SURE)
            cr_assert_lt(rc, 0, "%s with call %ld (%s) failing", what, n, call);
    }
}

/* X(result, name, errno, what it returns then, parameters, arguments) */
#define CALLS(X)                                                                                   \
    X(void *, malloc, ENOMEM, NULL, (size_t size), (size))                                         \
    X(void *, calloc, ENOMEM, NULL, (size_t n, size_t size), (n, size))                            \
    X(void *, realloc, ENOMEM, NULL, (void *old, size_t size), (old, size))                        \
    X(char *, strdup, ENOMEM, NULL, (const char *text), (text))                                    \
    X(char *, strndup, ENOMEM, NULL, (const char *text, size_t len), (text, len))                  \
    X(ssize_t, read, EIO, -1, (int fd, void *to, size_t size), (fd, to, size))                     \
    X(ssize_t, write, ENOSPC, -1, (int fd, const void *from, size_t size), (fd, from, size))       \
    X(ssize_t, pread, EIO, -1, (int fd, void *to, size_t size, off_t at), (fd, to, size, at))      \
    X(ssize_t, pwrite, ENOSPC, -1, (int fd, const void *from, size_t size, off_t at),              \
      (fd, from, size, at))                                                                        \
    X(off_t, lseek, EINVAL, -1, (int fd, off_t at, int whence), (fd, at, whence))                  \
    X(int, fstat, EIO, -1, (int fd, struct stat *st), (fd, st))                                    \
    X(int, stat, EIO, -1, (const char *path, struct stat *st), (path, st))                         \
    X(int, lstat, EIO, -1, (const char *path, struct stat *st), (path, st))                        \
    X(int, fstatat, EIO, -1, (int dir, const char *name, struct stat *st, int flags),              \
      (dir, name, st, flags))                                                                      \
    X(int, access, EIO, -1, (const char *path, int mode), (path, mode))                            \
    X(ssize_t, readlink, EIO, -1, (const char *path, char *to, size_t size), (path, to, size))     \
    X(ssize_t, readlinkat, EIO, -1, (int dir, const char *name, char *to, size_t size),            \
      (dir, name, to, size))                                                                       \
    X(int, ftruncate, ENOSPC, -1, (int fd, off_t size), (fd, size))                                \
    X(int, fsync, EIO, -1, (int fd), (fd))                                                         \
    X(int, fchmod, EPERM, -1, (int fd, mode_t mode), (fd, mode))                                   \
    X(int, fchown, EPERM, -1, (int fd, uid_t uid, gid_t gid), (fd, uid, gid))                      \
    X(int, fchownat, EPERM, -1, (int dir, const char *name, uid_t uid, gid_t gid, int flags),      \
      (dir, name, uid, gid, flags))                                                                \
    X(int, mkdirat, ENOSPC, -1, (int dir, const char *name, mode_t mode), (dir, name, mode))       \
    X(int, renameat, ENOSPC, -1, (int dir, const char *from, int other, const char *to),           \
      (dir, from, other, to))                                                                      \
    X(int, unlinkat, EIO, -1, (int dir, const char *name, int flags), (dir, name, flags))          \
    X(int, unlink, EIO, -1, (const char *path), (path))                                            \
    X(int, chmod, EPERM, -1, (const char *path, mode_t mode), (path, mode))                        \
    X(int, chown, EPERM, -1, (const char *path, uid_t uid, gid_t gid), (path, uid, gid))           \
    X(DIR *, opendir, EMFILE, NULL, (const char *path), (path))                                    \
    X(DIR *, fdopendir, ENOMEM, NULL, (int fd), (fd))                                              \
    X(struct dirent *, readdir, EIO, NULL, (DIR * dir), (dir))                                     \
    X(int, flock, ENOLCK, -1, (int fd, int how), (fd, how))                                        \
    X(void *, mmap, ENOMEM, MAP_FAILED,                                                            \
      (void *at, size_t size, int protection, int flags, int fd, off_t offset),                    \
      (at, size, protection, flags, fd, offset))                                                   \
    X(int, mlock, ENOMEM, -1, (const void *at, size_t size), (at, size))                           \
    X(int, madvise, EINVAL, -1, (void *at, size_t size, int advice), (at, size, advice))           \
    X(int, memfd_create, EMFILE, -1, (const char *name, unsigned flags), (name, flags))            \
    X(int, pipe2, EMFILE, -1, (int ends[2], int flags), (ends, flags))                             \
    X(int, socketpair, EMFILE, -1, (int family, int type, int protocol, int ends[2]),              \
      (family, type, protocol, ends))                                                              \
    X(int, socket, EMFILE, -1, (int family, int type, int protocol), (family, type, protocol))     \
    X(int, bind, EADDRINUSE, -1, (int fd, const struct sockaddr *to, socklen_t len),               \
      (fd, to, len))                                                                               \
    X(int, listen, EADDRINUSE, -1, (int fd, int backlog), (fd, backlog))                           \
    X(int, accept, EMFILE, -1, (int fd, struct sockaddr *from, socklen_t *len), (fd, from, len))   \
    X(int, connect, ECONNREFUSED, -1, (int fd, const struct sockaddr *to, socklen_t len),          \
      (fd, to, len))                                                                               \
    X(ssize_t, send, EPIPE, -1, (int fd, const void *from, size_t size, int flags),                \
      (fd, from, size, flags))                                                                     \
    X(ssize_t, recv, ECONNRESET, -1, (int fd, void *to, size_t size, int flags),                   \
      (fd, to, size, flags))                                                                       \
    X(int, getsockopt, ENOBUFS, -1,                                                                \
      (int fd, int level, int name, void *restrict to, socklen_t *restrict len),                   \
      (fd, level, name, to, len))                                                                  \
    X(int, setsockopt, ENOBUFS, -1,                                                                \
      (int fd, int level, int name, const void *from, socklen_t len),                              \
      (fd, level, name, from, len))                                                                \
    X(int, poll, ENOMEM, -1, (struct pollfd * fds, nfds_t len, int ms), (fds, len, ms))            \
    X(int, dup, EMFILE, -1, (int fd), (fd))                                                        \
    X(int, getrlimit, EINVAL, -1, (__rlimit_resource_t what, struct rlimit * to), (what, to))      \
    X(int, setrlimit, EPERM, -1, (__rlimit_resource_t what, const struct rlimit *from),            \
      (what, from))                                                                                \
    X(pid_t, fork, EAGAIN, -1, (void), ())                                                         \
    X(ssize_t, getrandom, EAGAIN, -1, (void *to, size_t size, unsigned flags), (to, size, flags))

#define WRAP(result, name, code, value, parameters, arguments)                                     \
    result __real_##name parameters;                                                               \
    result __wrap_##name parameters;                                                               \
    result __wrap_##name parameters {                                                              \
        return fails(#name, code) ? value : __real_##name arguments;                               \
    }
CALLS(WRAP)

/* Those with a varying number of arguments. */
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
int __real_fcntl(int fd, int what, ...);
int __wrap_fcntl(int fd, int what, ...);

#define MODE_OF(last, mode)                                                                        \
    va_list args;                                                                                  \
    va_start(args, last);                                                                          \
    mode_t mode = ((last)&O_CREAT) != 0 ? va_arg(args, mode_t) : 0;                                \
    va_end(args)

int __wrap_open(const char *path, int flags, ...) {
    MODE_OF(flags, mode);
    return fails("open", EMFILE) ? -1 : __real_open(path, flags, mode);
}

int __wrap_openat(int dir, const char *path, int flags, ...) {
    MODE_OF(flags, mode);
    return fails("openat", EMFILE) ? -1 : __real_openat(dir, path, flags, mode);
}

/* The callers give fewer, and a sanitizer minds. */
__attribute__((no_sanitize("address"))) long __wrap_syscall(long number, ...) {
    long a[6];
    va_list args;
    va_start(args, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(args, long);
    va_end(args);
    return fails("syscall", ENOMEM) ? -1
                                    : __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int __wrap_fcntl(int fd, int what, ...) {
    va_list args;
    va_start(args, what);
    long value = va_arg(args, long);
    va_end(args);
    return fails("fcntl", EMFILE) ? -1 : __real_fcntl(fd, what, value);
}
