/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Which mounts came and went, as the kernel tells it, and as it never should. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/arrivals.h"
#include "sandbox.h"

#define CAME 0x1000000u
#define WENT 0x2000000u
#define ANSWER_TEXT 512 /* where strings begin */
#define STATMOUNT 457

static struct {
    bool open_fails;
    long refused; /* a system call; 0: none */
    unsigned char bytes[256];
    ssize_t len;       /* of bytes: what is read; 0: what is there */
    int read_code;     /* a read's errno; 0: none */
    uint32_t begins;   /* where the mountpoint does */
    uint64_t answered; /* what the answer has; 0: none is made up */
} play;

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...) {
    errno = EMFILE;
    return play.open_fails ? -1 : __real_open(path, flags);
}

ssize_t __real_read(int fd, void *to, size_t len);
ssize_t __wrap_read(int fd, void *to, size_t len);
ssize_t __wrap_read(int fd, void *to, size_t len) {
    if (play.read_code != 0) {
        errno = play.read_code;
        return -1;
    }
    if (play.len == 0)
        return __real_read(fd, to, len);
    cr_assert_geq(len, (size_t)play.len);
    memcpy(to, play.bytes, (size_t)play.len);
    return play.len;
}

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
/* statmount's: no other is called so. */
long __wrap_syscall(long number, ...) {
    va_list args;
    va_start(args, number);
    long a = va_arg(args, long), b = va_arg(args, long), c = va_arg(args, long);
    unsigned e = va_arg(args, unsigned);
    va_end(args);
    if (number == play.refused) {
        errno = ENOSYS;
        return -1;
    }
    if (number != STATMOUNT || play.answered == 0)
        return __real_syscall(number, a, b, c, e);
    memset((void *)b, 'x', (size_t)c);
    memcpy((unsigned char *)b + 8, &play.answered, sizeof play.answered);
    memcpy((unsigned char *)b + 108, &play.begins, sizeof play.begins);
    return 0;
}

static int refuse(void) {
    errno = ENOSYS;
    return -1;
}

int __real_fanotify_init(unsigned flags, unsigned event_flags);
int __wrap_fanotify_init(unsigned flags, unsigned event_flags);
int __wrap_fanotify_init(unsigned flags, unsigned event_flags) {
    return play.refused == SYS_fanotify_init ? refuse() : __real_fanotify_init(flags, event_flags);
}

int __real_fanotify_mark(int fd, unsigned flags, uint64_t mask, int dir, const char *path);
int __wrap_fanotify_mark(int fd, unsigned flags, uint64_t mask, int dir, const char *path);
int __wrap_fanotify_mark(int fd, unsigned flags, uint64_t mask, int dir, const char *path) {
    return play.refused == SYS_fanotify_mark ? refuse()
                                             : __real_fanotify_mark(fd, flags, mask, dir, path);
}

/* A notice as the kernel writes it. */
static void write_notice(size_t at, uint32_t len, uint64_t mask, uint8_t type, uint64_t id) {
    unsigned char *to = play.bytes + at;
    memset(to, 0, 40);
    memcpy(to, &len, sizeof len);
    memcpy(to + 8, &mask, sizeof mask);
    to[24] = type;
    memcpy(to + 32, &id, sizeof id);
}

static void reads(enum os_arrival_kind kind, uint64_t id) {
    struct os_arrival got[4];
    cr_assert_eq(os_arrivals_read(-1, got, 4), 1);
    cr_assert_eq(got[0].kind, kind);
    if (kind != OS_MOUNT_UNSURE)
        cr_assert_eq(got[0].id, id);
}

Test(os_arrivals, what_is_read_is_not_believed) {
    static const struct {
        uint32_t len;
        uint64_t mask;
        uint8_t type;
        enum os_arrival_kind kind;
    } cases[] = {
        {40, CAME, 7, OS_MOUNT_CAME},     {40, WENT, 7, OS_MOUNT_WENT},
        {40, 0x4000, 7, OS_MOUNT_UNSURE}, {40, CAME | WENT, 7, OS_MOUNT_UNSURE},
        {40, CAME, 1, OS_MOUNT_UNSURE},   {24, CAME, 7, OS_MOUNT_UNSURE},
        {41, WENT, 7, OS_MOUNT_UNSURE},   {0, CAME, 7, OS_MOUNT_UNSURE},
    };
    play.len = 40;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_notice(0, cases[i].len, cases[i].mask, cases[i].type, UINT64_MAX - 5);
        reads(cases[i].kind, UINT64_MAX - 5);
    }
    play.len = 24; /* so long is the one that says that others were lost */
    reads(OS_MOUNT_UNSURE, 0);
    play.len = 64;
    reads(OS_MOUNT_UNSURE, 0);
    play.read_code = EIO;
    reads(OS_MOUNT_UNSURE, 0);
}

Test(os_arrivals, one_of_another_length_spoils_those_with_it) {
    struct os_arrival got[4];
    play.len = 120;
    write_notice(0, 40, CAME, 7, 1);
    write_notice(40, 40, WENT, 7, 2);
    write_notice(80, 40, CAME, 7, 3);
    cr_assert_eq(os_arrivals_read(-1, got, 4), 3);
    cr_assert_eq(got[1].id, 2);
    cr_assert_eq(got[2].kind, OS_MOUNT_CAME);
    write_notice(40, 24, WENT, 7, 2);
    reads(OS_MOUNT_UNSURE, 0);
}

Test(os_arrivals, no_more_is_read_than_there_is_room_for) {
    struct os_arrival got[200];
    play.len = 40;
    write_notice(0, 40, CAME, 7, 1);
    cr_assert_eq(os_arrivals_read(-1, got, 1), 1);
    cr_assert_eq(os_arrivals_read(-1, got, 200), 1);
}

Test(os_arrivals, nothing_yet_is_nothing) {
    struct os_arrival got[1];
    play.read_code = EAGAIN;
    cr_assert_eq(os_arrivals_read(-1, got, 1), 0);
    play.read_code = EINTR;
    cr_assert_eq(os_arrivals_read(-1, got, 1), 0);
}

Test(os_arrivals, a_mountpoint_that_makes_no_sense_is_none) {
    char path[OS_MOUNTPOINT_MAX];
    play.answered = 0x10;
    for (play.begins = 0; play.begins < 2 * OS_MOUNTPOINT_MAX; play.begins += 1024)
        cr_assert_lt(os_mountpoint_of(1, path, sizeof path), 0, "it does not end");
    play.answered = 0x20;
    cr_assert_eq(os_mountpoint_of(1, path, sizeof path), -ENODATA);
    play.answered = 0;
    play.refused = STATMOUNT;
    cr_assert_eq(os_mountpoint_of(1, path, sizeof path), -ENOSYS);
}

Test(os_arrivals, a_system_that_does_not_tell_says_so) {
    play.open_fails = true;
    cr_assert_eq(os_arrivals_open(), -EMFILE);
    play.open_fails = false;
    play.refused = SYS_fanotify_init;
    cr_assert_eq(os_arrivals_open(), -ENOSYS);
    play.refused = SYS_fanotify_mark;
    cr_assert_lt(os_arrivals_open(), 0);
}

static int enter(void) {
    sandbox_enter();
    sandbox_mkdir(SANDBOX "/a");
    sandbox_mkdir(SANDBOX "/a b\n");
    int fd = os_arrivals_open();
    if (fd < 0)
        cr_skip_test("needs Linux 6.14");
    return fd;
}

/* The only one that is told. */
static uint64_t told(int fd, enum os_arrival_kind kind) {
    struct os_arrival got[OS_ARRIVALS_MAX];
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    cr_assert_eq(poll(&wait, 1, 5000), 1);
    cr_assert_eq(os_arrivals_read(fd, got, OS_ARRIVALS_MAX), 1);
    cr_assert_eq(got[0].kind, kind);
    cr_assert_eq(poll(&wait, 1, 0), 0);
    return got[0].id;
}

Test(os_arrivals, each_is_told_with_its_place) {
    char path[OS_MOUNTPOINT_MAX];
    int fd = enter();
    for (int i = 0; i < 10; i++) {
        sandbox_tmpfs("x", SANDBOX "/a b\n");
        uint64_t id = told(fd, OS_MOUNT_CAME);
        cr_assert_eq(os_mountpoint_of(id, path, sizeof path), 0);
        cr_assert_str_eq(path, SANDBOX "/a b\n", "decoded");
        cr_assert_eq(os_mountpoint_of(id, path, strlen(SANDBOX "/a b\n")), -ENAMETOOLONG);
        cr_assert_eq(umount2(SANDBOX "/a b\n", i % 2 == 0 ? 0 : MNT_DETACH), 0);
        cr_assert_eq(told(fd, OS_MOUNT_WENT), id);
        cr_assert_eq(os_mountpoint_of(id, path, sizeof path), -ENOENT);
    }
    close(fd);
}

Test(os_arrivals, a_move_is_told_and_other_options_are_not) {
    struct os_arrival got[4];
    char path[OS_MOUNTPOINT_MAX];
    int fd = enter();
    sandbox_tmpfs("x", SANDBOX "/a");
    uint64_t id = told(fd, OS_MOUNT_CAME);
    cr_assert_eq(mount(NULL, SANDBOX "/a", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), 0);
    cr_assert_eq(os_arrivals_read(fd, got, 4), 0);
    cr_assert_eq(mount(SANDBOX "/a", SANDBOX "/a b\n", NULL, MS_MOVE, NULL), 0);
    bool went = false, came = false;
    for (size_t len; (len = os_arrivals_read(fd, got, 4)) > 0;)
        for (size_t i = 0; i < len; i++) {
            cr_assert(got[i].kind == OS_MOUNT_UNSURE || got[i].id == id);
            went |= got[i].kind != OS_MOUNT_CAME;
            came |= got[i].kind != OS_MOUNT_WENT;
        }
    cr_assert(went && came);
    cr_assert_eq(os_mountpoint_of(id, path, sizeof path), 0);
    cr_assert_str_eq(path, SANDBOX "/a b\n");
    close(fd);
}

Test(os_arrivals, those_that_were_lost_are_told_as_such, .timeout = 60) {
    struct os_arrival got[OS_ARRIVALS_MAX];
    int fd = enter();
    bool unsure = false;
    for (int i = 0; i < 10000; i++) { /* the kernel keeps 16384 */
        sandbox_tmpfs("x", SANDBOX "/a");
        cr_assert_eq(umount2(SANDBOX "/a", MNT_DETACH), 0);
    }
    for (size_t len; (len = os_arrivals_read(fd, got, OS_ARRIVALS_MAX)) > 0;)
        for (size_t i = 0; i < len; i++)
            unsure |= got[i].kind == OS_MOUNT_UNSURE;
    cr_assert(unsure);
    close(fd);
}
