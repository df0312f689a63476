/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Looking for holders where some of it cannot be looked at. One process holds the mount; what the
 * search opens of it (of nobody else) fails as told, also in the search's own process.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "os/holders.h"
#include "os/os.h"
#include "os/os_linux.h"
#include "sandbox.h"

#define POINT SANDBOX "/m"
#define LIMIT_MS 60000u

static struct {
    char pid[16];        /* whose */
    const char *opening; /* what of it; a first part is enough */
    int code;            /* 0: it waits for ever */
    bool no_pidfd, no_memory, no_fork, no_table;
    int moving; /* a byte into it moves it to a namespace of its own, at the first look; 0: none */
    unsigned late_at; /* the search's look at the clock from which on it is too late; 0: never */
} fault;
static unsigned looks; /* at the clock, of the search's own process */
static pid_t parent;
static int theirs = -1; /* its folder in /proc, as long as it is open */

int __real_openat(int dir, const char *name, int flags, ...);
int __wrap_openat(int dir, const char *name, int flags, ...);
int __real_open(const char *name, int flags, ...);
int __wrap_open(const char *name, int flags, ...);
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
void *__real_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
pid_t __real_fork(void);
pid_t __wrap_fork(void);
uint64_t __real_clock_boot_ms(void);
uint64_t __wrap_clock_boot_ms(void);

static bool begins(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

static int give_up(int code) {
    while (code == 0)
        pause();
    errno = code;
    return -1;
}

int __wrap_openat(int dir, const char *name, int flags, ...) {
    if (fault.opening != NULL && dir == theirs && begins(name, fault.opening))
        return give_up(fault.code);
    /* Nobody else is there: in some sandboxes process 1 is closed even to root. */
    bool process = (flags & O_PATH) != 0 && strspn(name, "0123456789") == strlen(name);
    if (process && strcmp(name, fault.pid) != 0)
        return give_up(ENOENT);
    if (process && fault.moving != 0) {
        char byte;
        cr_assert(write(fault.moving, "x", 1) == 1 && read(fault.moving, &byte, 1) == 1);
        fault.moving = 0;
    }
    int fd = __real_openat(dir, name, flags);
    if (process)
        theirs = fd;
    else if (fd >= 0 && fd == theirs)
        theirs = -1;
    return fd;
}

int __wrap_open(const char *name, int flags, ...) {
    if (fault.no_table && strcmp(name, "/proc/self/mountinfo") == 0)
        return give_up(EMFILE);
    va_list args;
    va_start(args, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
    va_end(args);
    return __real_open(name, flags, mode);
}

/* Whoever called it gave fewer than six. */
__attribute__((no_sanitize("address"))) long __wrap_syscall(long number, ...) {
    long a[6];
    va_list args;
    va_start(args, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(args, long);
    va_end(args);
    if (fault.no_pidfd && number == SYS_pidfd_open)
        return give_up(ENOSYS);
    return __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
    if (fault.no_memory && give_up(ENOMEM) != 0)
        return MAP_FAILED;
    return __real_mmap(at, size, protection, flags, fd, offset);
}

pid_t __wrap_fork(void) {
    return fault.no_fork ? give_up(EAGAIN) : __real_fork();
}

uint64_t __wrap_clock_boot_ms(void) {
    bool late = fault.late_at != 0 && getpid() != parent && ++looks >= fault.late_at;
    return __real_clock_boot_ms() + (late ? 2 * LIMIT_MS : 0);
}

static struct os_held held;
static uint64_t id, device;

static void mount_ours(void) {
    sandbox_enter();
    sandbox_mkdir(POINT);
    sandbox_tmpfs("ours", POINT);
    close(__real_open(POINT "/file", O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    cr_assert_eq(truncate(POINT "/file", 4096), 0);
    cr_assert_eq(os_mount_id_at(POINT, &id, &device), 0);
}

static int search(uint32_t limit_ms, struct os_holders *found) {
    parent = getpid();
    os_note_held(id, device, LIMIT_MS, &held);
    return os_find_holders(&held, NULL, limit_ms, found);
}

static struct os_holders find(void) {
    struct os_holders found;
    cr_assert_eq(search(LIMIT_MS, &found), 0);
    return found;
}

enum way { BY_CWD, BY_WRITING, BY_PATH, BY_PRIVATE_MAP, BY_MANY };

static int hold(void *context, int ready) {
    enum way way = *(enum way *)context;
    int fd = -1;
    if (way == BY_CWD && chdir(POINT) != 0)
        return 1;
    if (way != BY_CWD)
        fd = __real_open(POINT "/file", way == BY_PATH ? O_PATH : O_RDWR);
    if (way == BY_PRIVATE_MAP) {
        if (__real_mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0) == MAP_FAILED)
            return 1;
        close(fd);
    }
    for (int i = 0; way == BY_MANY && i < 200; i++)
        if (dup(fd) < 0)
            return 1;
    prctl(PR_SET_NAME, "holder");
    if (write(ready, "x", 1) != 1)
        return 1;
    pause();
    return 0;
}

static pid_t start(enum way way) {
    pid_t pid = sandbox_start(hold, &way);
    snprintf(fault.pid, sizeof fault.pid, "%d", (int)pid);
    return pid;
}

static const struct {
    int code;
    bool complete; /* it ended, so it holds nothing */
} codes[] = {
    {EACCES, false}, {EPERM, false}, {EMFILE, false}, {ENOMEM, false}, {ESRCH, true},
};

Test(os_holders_gaps, whoever_cannot_be_looked_at_may_hold_it, .timeout = 120) {
    static const struct {
        enum way way;
        const char *opening;
    } cases[] = {
        {BY_CWD, "cwd"}, {BY_WRITING, "fdinfo"}, {BY_PRIVATE_MAP, "maps"}, {BY_WRITING, "exe"}};
    mount_ours();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pid_t pid = start(cases[i].way);
        cr_assert_eq(find().holders, 1, "%s", cases[i].opening);
        for (size_t k = 0; k < sizeof codes / sizeof codes[0]; k++) {
            fault.opening = cases[i].opening;
            fault.code = codes[k].code;
            struct os_holders found = find();
            bool asked_all = strcmp(fault.opening, "exe") == 0; /* a gap, but not the only look */
            cr_assert_eq(found.holders, asked_all, "%s %d", fault.opening, fault.code);
            cr_assert_eq(found.complete, codes[k].complete, "%s %d", fault.opening, fault.code);
        }
        fault.opening = NULL;
        sandbox_end(pid);
    }
}

Test(os_holders_gaps, a_holder_without_a_readable_name_counts) {
    char name[32];
    mount_ours();
    pid_t pid = start(BY_WRITING);
    fault.opening = "comm";
    fault.code = EACCES;
    struct os_holders found = find();
    snprintf(name, sizeof name, "[%d] (writing " POINT "/f", (int)pid);
    cr_assert_eq(found.holders, 1);
    cr_assert_eq(strncmp(found.names, name, strlen(name)), 0, "%s", found.names);
    sandbox_end(pid);
}

/* /proc/PID/maps waits for a process that is stuck in the mount; the search has an end. */
Test(os_holders_gaps, a_search_that_gets_stuck_is_ended, .timeout = 60) {
    mount_ours();
    pid_t pid = start(BY_PRIVATE_MAP);
    fault.opening = "maps";
    fault.code = 0;
    for (int round = 0; round < 2; round++) {
        struct os_holders found;
        fault.no_pidfd = round == 1;
        cr_assert_eq(search(300, &found), 0);
        cr_assert_not(found.complete);
    }
    sandbox_end(pid);
}

Test(os_holders_gaps, without_pidfds_it_is_found_as_well) {
    mount_ours();
    pid_t pid = start(BY_WRITING);
    fault.no_pidfd = true;
    struct os_holders found = find();
    cr_assert_eq(found.holders, 1);
    cr_assert_eq(found.writers, 1);
    sandbox_end(pid);
}

/* At whichever moment the time is over: not complete, and nothing made up. */
Test(os_holders_gaps, time_may_be_over_at_any_moment, .timeout = 120) {
    mount_ours();
    pid_t pid = start(BY_MANY);
    bool complete = false;
    for (fault.late_at = 1; fault.late_at < 50; fault.late_at++) {
        struct os_holders found = find();
        cr_assert(found.complete || !complete, "look %u", fault.late_at);
        cr_assert(found.complete ? found.holders == 1 : found.holders <= 1);
        cr_assert(found.complete || fault.late_at < 49, "it never ends");
        complete = found.complete;
    }
    sandbox_end(pid);
}

Test(os_holders_gaps, what_cannot_write_is_no_writer) {
    mount_ours();
    enum way ways[] = {BY_PATH, BY_PRIVATE_MAP};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        pid_t pid = start(ways[i]);
        struct os_holders found = find();
        cr_assert_eq(found.holders, 1, "%zu", i);
        cr_assert_eq(found.writers, 0, "%zu", i);
        sandbox_end(pid);
    }
}

Test(os_holders_gaps, no_search_is_an_error) {
    struct os_holders found;
    mount_ours();
    fault.no_memory = true;
    cr_assert_eq(search(LIMIT_MS, &found), -ENOMEM);
    fault.no_memory = false;
    fault.no_fork = true;
    cr_assert_eq(search(LIMIT_MS, &found), -EAGAIN);
    cr_assert_not(found.complete);
    cr_assert_eq(found.holders, 0);
}

/* What stands in its place now is not known then: whom the search found is told rather. */
Test(os_holders_gaps, without_the_table_nobody_is_taken_off_the_list) {
    struct os_holders found;
    char place[300];
    mount_ours();
    pid_t pid = start(BY_WRITING);
    os_note_held(id, device, LIMIT_MS, &held);
    cr_assert_eq(umount2(POINT, MNT_DETACH), 0);
    held.newest = 0; /* a kernel that cannot tell the next mount needs the table */
    fault.no_table = true;
    memset(place, 'p', sizeof place - 1);
    place[sizeof place - 1] = '\0';
    cr_assert_eq(os_find_holders(&held, place, LIMIT_MS, &found), 0);
    cr_assert_eq(found.holders, 1);
    cr_assert_not_null(strstr(found.names, " (writing /file)"), "%s", found.names);
    sandbox_end(pid);
}

static int hold_and_move(void *context, int ready) {
    int *ends = context;
    char byte;
    if (chdir(POINT) != 0 || write(ready, "x", 1) != 1 || read(ends[1], &byte, 1) != 1 ||
        unshare(CLONE_NEWNS) != 0 || write(ends[1], "x", 1) != 1)
        return 1;
    pause();
    return 0;
}

/* A namespace copied while we look is noted, so what holds the copy is no user of the next mount.
 */
Test(os_holders_gaps, a_copy_made_meanwhile_is_still_the_old_one) {
    struct os_holders found;
    int ends[2];
    mount_ours();
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    pid_t pid = sandbox_start(hold_and_move, ends);
    snprintf(fault.pid, sizeof fault.pid, "%d", (int)pid);
    fault.moving = ends[0];
    os_note_held(id, device, LIMIT_MS, &held);
    cr_assert_eq(held.len, 2);
    cr_assert_eq(umount2(POINT, MNT_DETACH), 0);
    cr_assert_eq(os_find_holders(&held, POINT, LIMIT_MS, &found), 0);
    cr_assert_eq(found.holders, 1);
    sandbox_end(pid);
}
