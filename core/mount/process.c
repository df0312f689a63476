/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "mount/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/secure.h"
#include "base/str.h"
#include "os/os.h"

#define CAPTURE_MAX 4096
#define REAP_MS 2000 /* a killed process that cannot die is left behind after this */

int process_timeout(uint64_t until_ms) {
    uint64_t now = clock_boot_ms();
    if (now >= until_ms)
        return 0;
    return until_ms - now > INT_MAX ? INT_MAX : (int)(until_ms - now);
}

int process_check(const struct config_words *argv, uid_t trusted_uid, char program[PATH_MAX],
                  struct err *err) {
    if (argv->len == 0)
        return err_set(err, EINVAL, "the command is empty");
    int rc = secure_resolve(argv->items[0], trusted_uid, program, err);
    if (rc != 0)
        return rc;
    int fd = secure_open_file(program, SECURE_TRUSTED, trusted_uid, err);
    if (fd < 0)
        return fd;
    close(fd);
    return 0;
}

/* In the child, after fork: only calls that are safe there. */
static void become(const struct process_spec *spec) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int out = spec->out >= 0 ? fcntl(spec->out, F_DUPFD_CLOEXEC, 10) : null;
    int err = spec->err >= 0 ? fcntl(spec->err, F_DUPFD_CLOEXEC, 10) : null;
    sigset_t none;
    setsid();
    if (null < 0 || out < 0 || err < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
        _exit(126);
    for (int i = 1; i < NSIG; i++)
        (void)signal(i, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (chdir("/") != 0)
        _exit(126);
    os_close_from(3);
    execve(spec->program, spec->argv->items, spec->env);
    _exit(127);
}

/* execve wants a NULL at the end, which config_words does not promise. */
static char **terminated(const struct config_words *words) {
    char **argv = calloc(words->len + 1, sizeof *argv);
    for (size_t i = 0; argv != NULL && i < words->len; i++)
        argv[i] = words->items[i];
    return argv;
}

pid_t process_start(const struct process_spec *spec, struct err *err) {
    CLEANUP_FREE char **argv = terminated(spec->argv);
    if (argv == NULL)
        return err_set(err, ENOMEM, "%s: out of memory", spec->argv->items[0]);
    struct config_words words = {.items = argv, .len = spec->argv->len};
    struct process_spec child = *spec;
    child.argv = &words;
    pid_t pid = fork();
    if (pid < 0)
        return err_sys(err, errno, "%s: fork", spec->argv->items[0]);
    if (pid == 0)
        become(&child);
    return pid;
}

int process_wait(pid_t pid, uint64_t until_ms, int *status) {
    CLEANUP_CLOSE int pidfd = os_pidfd(pid);
    for (;;) {
        pid_t reaped = waitpid(pid, status, WNOHANG);
        if (reaped == pid)
            return 0;
        if (reaped < 0 && errno != EINTR)
            return -errno;
        int timeout = process_timeout(until_ms);
        if (timeout == 0)
            return -ETIMEDOUT;
        struct pollfd p = {.fd = pidfd, .events = POLLIN};
        (void)poll(&p, 1, pidfd >= 0 || timeout < 20 ? timeout : 20);
    }
}

void process_signal_group(pid_t pid) {
    /* Its group has its own number once it called setsid; before that only it exists. */
    (void)kill(-pid, SIGKILL);
    (void)kill(pid, SIGKILL);
}

void process_kill(pid_t pid) {
    int status;
    process_signal_group(pid);
    (void)process_wait(pid, clock_boot_ms() + REAP_MS, &status);
}

void process_describe(int status, char *text, size_t size) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        snprintf(text, size, "exit status 127 (it could not be executed)");
    else if (WIFEXITED(status))
        snprintf(text, size, "exit status %d", WEXITSTATUS(status));
    else
        snprintf(text, size, "killed by signal %d", WTERMSIG(status));
}

/* A pipe would kill a server in the foreground with SIGPIPE once its reader is gone. */
int process_capture_open(void) {
    int fd = os_memory_file("stderr", CAPTURE_MAX);
    return fd >= 0 ? fd : -1;
}

void process_capture_text(int fd, char *text, size_t size) {
    char raw[CAPTURE_MAX];
    ssize_t len = fd >= 0 ? pread(fd, raw, sizeof raw, 0) : 0;
    size_t used = len > 0 ? strnlen(raw, (size_t)len) : 0;
    while (used > 0 && (raw[used - 1] == '\n' || raw[used - 1] == ' '))
        used--;
    for (size_t i = 0; i < used; i++)
        if (raw[i] == '\n')
            raw[i] = ' ';
    str_escape(text, size, raw, used);
}
