/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Hardening and confinement as the kernel shows them; killing by pidfd. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/os.h"
#include "sandbox.h"

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif
#ifndef UNDER_ASAN
#define UNDER_ASAN 0
#endif

/* In the child the line that failed is the exit status. */
#define CHECK(condition)                                                                           \
    do                                                                                             \
        if (!(condition))                                                                          \
            return __LINE__ % 200 + 1;                                                             \
    while (0)

static bool status_is(const char *key, const char *want) {
    char value[64];
    sandbox_status(key, value, sizeof value);
    return strcmp(value, want) == 0;
}

static int harden(void *context) {
    struct rlimit core;
    (void)context;
    int fd = fcntl(STDERR_FILENO, F_DUPFD, 50);
    CHECK(fd >= 50);
    close(STDIN_FILENO);
    os_harden(STDERR_FILENO);
    CHECK(fcntl(fd, F_GETFD) == -1 && errno == EBADF);
    CHECK(fcntl(STDIN_FILENO, F_GETFD) != -1);
    CHECK(fcntl(STDERR_FILENO, F_GETFD) != -1);
    CHECK(getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0);
    CHECK(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == (UNDER_ASAN ? 1 : 0));
    CHECK(status_is("NoNewPrivs:", "1"));
    return 0;
}

Test(os_process, harden) {
    cr_assert_eq(sandbox_run(harden, NULL), 0);
}

static int keep_fds(void *context) {
    (void)context;
    int fd = fcntl(STDERR_FILENO, F_DUPFD, 50);
    os_harden(-1);
    CHECK(fcntl(fd, F_GETFD) != -1);
    os_harden(fd);
    CHECK(fcntl(fd, F_GETFD) != -1);
    return 0;
}

Test(os_process, harden_keeps_what_is_asked) {
    cr_assert_eq(sandbox_run(keep_fds, NULL), 0);
}

static int confine(void *context) {
    struct rlimit files, memory;
    struct err err;
    CHECK(os_confine_host(&err) == 0);
    CHECK(status_is("CapEff:", "0000000000000004")); /* CAP_DAC_READ_SEARCH */
    CHECK(status_is("CapPrm:", "0000000000000004"));
    CHECK(status_is("CapBnd:", "0000000000000004"));
    CHECK(status_is("CapInh:", "0000000000000000"));
    CHECK(status_is("CapAmb:", "0000000000000000"));
    CHECK(status_is("NoNewPrivs:", "1"));
#if defined(__x86_64__) || defined(__aarch64__)
    CHECK(status_is("Seccomp:", "2"));
#endif
    CHECK(getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_max == 256);
    CHECK(getrlimit(RLIMIT_AS, &memory) == 0);
    CHECK(UNDER_ASAN || memory.rlim_max == 1024ul * 1024ul * 1024ul);
    int parent_death = 0;
    CHECK(prctl(PR_GET_PDEATHSIG, &parent_death) == 0 && parent_death == SIGKILL);
    CHECK(mount("x", SANDBOX, "tmpfs", 0, NULL) == -1 && errno == EPERM);
    struct stat st;
    CHECK(stat(SANDBOX "/private/inside", &st) == 0);
    CHECK(chown(SANDBOX "/private", 0, 0) == -1 && errno == EPERM);
#ifndef SMBMOUNTER_COVERAGE /* which has to write its counters */
    CHECK(write(*(int *)context, "x", 1) == -1 && errno == EFBIG); /* and no SIGXFSZ */
#else
    (void)context;
#endif
    CHECK(os_confine_host(&err) == 0); /* again: nothing left to drop */
    return 0;
}

Test(os_process, confine) {
    sandbox_enter();
    sandbox_mkdir(SANDBOX "/private");
    sandbox_mkdir(SANDBOX "/private/inside");
    cr_assert_eq(chown(SANDBOX "/private", 1234, 1234), 0);
    cr_assert_eq(chmod(SANDBOX "/private", 0700), 0);
    int own = open(SANDBOX "/own", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    cr_assert_geq(own, 0);
    cr_assert_eq(sandbox_run(confine, &own), 0);
    close(own);
}

static bool is_denied(int rc) {
    return rc == -1 && errno == EACCES;
}

static int write_by_name(void *context) {
    struct err err;
    int fd;
    (void)context;
    CHECK(os_confine_host(&err) == 0);
    CHECK(is_denied(open(SANDBOX "/own", O_WRONLY | O_CLOEXEC)));
    CHECK(is_denied(open(SANDBOX "/own", O_RDWR | O_CLOEXEC)));
    CHECK(is_denied(open(SANDBOX "/new", O_RDONLY | O_CREAT | O_CLOEXEC, 0600)));
    CHECK(is_denied(open("/proc/sys/kernel/hostname", O_WRONLY | O_CLOEXEC)));
    fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);
    CHECK(is_denied(fd) || (fd < 0 && errno == ENOENT));
    CHECK(is_denied(unlink(SANDBOX "/own")));
    CHECK(is_denied(rmdir(SANDBOX "/folder")));
    CHECK(is_denied(mkdir(SANDBOX "/new", 0700)));
    CHECK(is_denied(mkfifo(SANDBOX "/new", 0700)));
    CHECK(is_denied(symlink("own", SANDBOX "/new")));
    CHECK(is_denied(rename(SANDBOX "/own", SANDBOX "/new")));
    CHECK(link(SANDBOX "/own", SANDBOX "/folder/new") == -1);
    CHECK((fd = open(SANDBOX "/own", O_RDONLY | O_CLOEXEC)) >= 0);
    CHECK((fd = open("/dev/null", O_WRONLY | O_TRUNC | O_CLOEXEC)) >= 0 && write(fd, "x", 1) == 1);
    /* and the way to rulesets is closed */
    CHECK(syscall(444, NULL, 0, 1) == -1 && errno == EPERM);
    return 0;
}

Test(os_process, confined_it_cannot_write_roots_own_files) {
#ifdef SMBMOUNTER_COVERAGE
    cr_skip_test("the counters have to be written");
#endif
    if (syscall(444, NULL, 0, 1) < 1) /* landlock_create_ruleset: which version? */
        cr_skip_test("this kernel has no Landlock");
    sandbox_enter();
    sandbox_mkdir(SANDBOX "/folder");
    close(open(SANDBOX "/own", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    cr_assert_eq(sandbox_run(write_by_name, NULL), 0);
    cr_assert_eq(access(SANDBOX "/own", F_OK), 0);
    cr_assert_neq(access(SANDBOX "/new", F_OK), 0);
}

static int confine_unprivileged(void *context) {
    struct err err;
    (void)context;
    CHECK(setgid(1234) == 0 && setuid(1234) == 0);
    CHECK(os_confine_host(&err) == 0);
    CHECK(status_is("CapEff:", "0000000000000000"));
    return 0;
}

Test(os_process, confine_without_privileges) {
    if (geteuid() != 0)
        cr_skip_test("needs root");
    cr_assert_eq(sandbox_run(confine_unprivileged, NULL), 0);
}

static int wait_for_ever(void *context, int ready) {
    (void)context;
    if (write(ready, "x", 1) != 1)
        return 1;
    pause();
    return 0;
}

static void check_kill(bool by_pidfd) {
    int status;
    pid_t pid = sandbox_start(wait_for_ever, NULL);
    int pidfd = by_pidfd ? os_pidfd(pid) : -1;
    cr_assert(!by_pidfd || pidfd >= 0);
    cr_assert_eq(os_kill(pid, pidfd), 0);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    if (by_pidfd)
        cr_assert_eq(os_kill(pid, pidfd), -ESRCH, "the number may be another process by now");
    close(pidfd);
}

Test(os_process, kill) {
    check_kill(true);
    check_kill(false);
    cr_assert_eq(os_kill(0, -1), -EINVAL);
    cr_assert_eq(os_kill(-1, -1), -EINVAL);
    cr_assert_eq(os_pidfd(-1), -1);
}
