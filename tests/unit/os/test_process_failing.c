/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Confining, killing and walking over processes, where the kernel does not do what it is asked. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/orphans.h"
#include "os/os.h"
#include "os/os_linux.h"
#include "sandbox.h"

static long left = -1; /* calls until the one that fails; -1: none does */
static int code = EPERM;
static const char *failed;
static long number;          /* this system call fails always */
static const char *no_entry; /* of /proc: cannot be opened */
static bool no_proc;

int __real_prctl(int option, ...);
int __wrap_prctl(int option, ...);
long __real_syscall(long which, ...);
long __wrap_syscall(long which, ...);
int __real_setrlimit(__rlimit_resource_t what, const struct rlimit *to);
int __wrap_setrlimit(__rlimit_resource_t what, const struct rlimit *to);
int __real_getrlimit(__rlimit_resource_t what, struct rlimit *to);
int __wrap_getrlimit(__rlimit_resource_t what, struct rlimit *to);
DIR *__real_opendir(const char *path);
DIR *__wrap_opendir(const char *path);
struct dirent *__real_readdir(DIR *dir);
struct dirent *__wrap_readdir(DIR *dir);
int __real_openat(int dir, const char *name, int flags, ...);
int __wrap_openat(int dir, const char *name, int flags, ...);

static bool fails(const char *what) {
    if (left < 0 || left-- > 0)
        return false;
    failed = what;
    errno = code;
    return true;
}

int __wrap_prctl(int option, ...) {
    unsigned long a[4];
    va_list args;
    va_start(args, option);
    for (int i = 0; i < 4; i++)
        a[i] = va_arg(args, unsigned long);
    va_end(args);
    return fails("prctl") ? -1 : __real_prctl(option, a[0], a[1], a[2], a[3]);
}

long __wrap_syscall(long which, ...) {
    long a[4];
    va_list args;
    va_start(args, which);
    for (int i = 0; i < 4; i++)
        a[i] = va_arg(args, long);
    va_end(args);
    if (number != 0 && which == number)
        errno = code;
    if ((number != 0 && which == number) || fails("syscall"))
        return -1;
    return __real_syscall(which, a[0], a[1], a[2], a[3]);
}

int __wrap_setrlimit(__rlimit_resource_t what, const struct rlimit *to) {
    return fails("setrlimit") ? -1 : __real_setrlimit(what, to);
}

int __wrap_getrlimit(__rlimit_resource_t what, struct rlimit *to) {
    return fails("getrlimit") ? -1 : __real_getrlimit(what, to);
}

DIR *__wrap_opendir(const char *path) {
    errno = EMFILE;
    return no_proc ? NULL : __real_opendir(path);
}

struct dirent *__wrap_readdir(DIR *dir) {
    return fails("readdir") ? NULL : __real_readdir(dir);
}

int __wrap_openat(int dir, const char *name, int flags, ...) {
    if (no_entry == NULL || strcmp(name, no_entry) != 0)
        return __real_openat(dir, name, flags);
    errno = code;
    return -1;
}

static bool status_is(const char *key, const char *want) {
    char value[64];
    sandbox_status(key, value, sizeof value);
    return strcmp(value, want) == 0;
}

#define DAC_READ_SEARCH "0000000000000004"
enum { CONFINED, REFUSED, LOOSE, UNTOUCHED };

/* What was called a success must be one. The bounding set matters only where exec could use it. */
static int confine(void *context) {
    struct err err = {0};
    left = *(long *)context;
    int rc = os_confine_host(&err);
    bool done = left < 0 && failed != NULL;
    left = -1;
    if (rc != 0)
        return rc < 0 && done && err.code == -rc && strstr(err.text, "plugin host") != NULL
                   ? REFUSED
                   : LOOSE;
    bool confined = status_is("CapEff:", DAC_READ_SEARCH) &&
                    status_is("CapPrm:", DAC_READ_SEARCH) &&
                    (status_is("NoNewPrivs:", "1") || status_is("CapBnd:", DAC_READ_SEARCH));
#if defined(__x86_64__) || defined(__aarch64__)
    confined = confined && (code == EINVAL || status_is("Seccomp:", "2"));
#endif
    return !confined ? LOOSE : done ? CONFINED : UNTOUCHED;
}

Test(os_process_failing, a_host_that_could_not_be_confined_is_refused, .timeout = 120) {
    if (geteuid() != 0)
        cr_skip_test("needs root");
    unsigned refused = 0;
    for (long n = 0, end = CONFINED; end != UNTOUCHED; n++) {
        end = sandbox_run(confine, &n);
        cr_assert_neq(end, LOOSE, "call %ld", n);
        cr_assert_neq(end, -1, "call %ld", n);
        refused += end == REFUSED;
    }
    cr_assert_geq(refused, 11, "capget, capset, four limits, the end with the parent, the filters");
}

/* The capability filter of the kernel is one thing, a kernel built without filters another. */
Test(os_process_failing, a_kernel_without_filters_is_no_reason_to_refuse) {
    if (geteuid() != 0)
        cr_skip_test("needs root");
    unsigned confined = 0;
    code = EINVAL;
    for (long n = 0, end = CONFINED; end != UNTOUCHED; n++) {
        end = sandbox_run(confine, &n);
        cr_assert(end != LOOSE && end != -1, "call %ld", n);
        confined += end == CONFINED;
    }
    cr_assert_gt(confined, 1);
}

static int harden(void *context) {
    (void)context;
    int fd = fcntl(STDERR_FILENO, F_DUPFD, 50);
    number = SYS_close_range;
    code = ENOSYS;
    os_harden(STDERR_FILENO);
    bool closed = fcntl(fd, F_GETFD) == -1 && errno == EBADF;
    return closed && fcntl(STDERR_FILENO, F_GETFD) != -1 ? 0 : 1;
}

Test(os_process_failing, without_close_range_all_are_closed_as_well) {
    cr_assert_eq(sandbox_run(harden, NULL), 0);
}

static int wait_for_ever(void *context, int ready) {
    (void)context;
    if (write(ready, "x", 1) == 1)
        pause();
    return 0;
}

Test(os_process_failing, a_kernel_without_signals_by_pidfd) {
    int status;
    pid_t pid = sandbox_start(wait_for_ever, NULL);
    int pidfd = os_pidfd(pid);
    cr_assert_geq(pidfd, 0);
    number = SYS_pidfd_send_signal;
    code = EPERM;
    cr_assert_eq(os_kill(pid, pidfd), -EPERM, "a real answer stands");
    cr_assert_eq(waitpid(pid, &status, WNOHANG), 0);
    code = ENOSYS;
    cr_assert_eq(os_kill(pid, pidfd), 0);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    cr_assert_eq(os_kill(pid, pidfd), -ESRCH);
    cr_assert_eq(os_kill(pid, -1), -ESRCH);
    cr_assert_eq(os_kill(0, pidfd), -EINVAL, "never a whole group");
    close(pidfd);
}

struct seen {
    unsigned count, most;
    bool self;
};

static bool see(void *context, pid_t pid, int proc) {
    struct seen *seen = context;
    cr_assert_geq(proc, 0);
    seen->self |= pid == getpid();
    return ++seen->count < seen->most;
}

static struct seen walk(int want) {
    struct seen seen = {.most = 1u << 30};
    cr_assert_eq(linux_each_process(see, &seen), want);
    return seen;
}

Test(os_process_failing, whoever_ended_or_is_hidden_is_passed_over) {
    static const struct {
        int code, rc;
    } cases[] = {{ENOENT, 0}, {ESRCH, 0}, {EACCES, 0}, {EPERM, 0}, {EMFILE, -EMFILE}};
    static char self[16];
    cr_assert(walk(0).self);
    snprintf(self, sizeof self, "%d", (int)getpid());
    no_entry = self;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        code = cases[i].code;
        struct seen seen = walk(cases[i].rc);
        cr_assert_not(seen.self);
        cr_assert_gt(seen.count, 0, "the others are seen");
    }
}

Test(os_process_failing, half_a_list_of_processes_is_none) {
    struct seen one = {.most = 1};
    no_proc = true;
    walk(-EMFILE);
    no_proc = false;
    code = EIO;
    left = 3;
    walk(-EIO);
    cr_assert_str_eq(failed, "readdir");
    cr_assert_eq(linux_each_process(see, &one), 0);
    cr_assert_eq(one.count, 1, "it stops where it is told to");
}

static int leave_children(void *context) {
    (void)context;
    os_adopt_orphans();
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            if (fork() == 0 || i > 0)
                for (;;)
                    pause();
            _exit(0);
        }
    os_end_children(10000);
    return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : 1;
}

Test(os_process_failing, children_and_theirs_are_ended) {
    cr_assert_eq(sandbox_run(leave_children, NULL), 0);
}
