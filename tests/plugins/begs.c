/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Asks for all that a plugin host is not to have; its evidence names what it got. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <smbmounter/plugin.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ASK(call, ...)                                                                             \
    do {                                                                                           \
        errno = 0;                                                                                 \
        if (syscall(SYS_##call, __VA_ARGS__) != -1 || errno != EPERM)                              \
            strcat(got, " " #call);                                                                \
    } while (0)

static void *nothing(void *argument) {
    return argument;
}

/* Signals and limits: what another process is refused, and the own one is not. */
static void beg_of_others(char *got) {
    struct rlimit limit;
    ASK(kill, getppid(), 0);
    ASK(tkill, getppid(), 0);
    ASK(tgkill, getppid(), getppid(), 0);
    ASK(rt_sigqueueinfo, getppid(), 0, NULL);
    ASK(rt_tgsigqueueinfo, getppid(), getppid(), 0, NULL);
    ASK(prlimit64, getppid(), RLIMIT_NOFILE, NULL, &limit);
    ASK(fcntl, STDERR_FILENO, F_SETOWN, getppid());
    ASK(fcntl, STDERR_FILENO, F_SETOWN_EX, NULL);
    ASK(fcntl, STDERR_FILENO, F_SETSIG, 0);
    ASK(ioctl, STDERR_FILENO, FIOSETOWN, NULL);
    ASK(ioctl, STDERR_FILENO, SIOCSPGRP, NULL);
    if (syscall(SYS_tgkill, getpid(), gettid(), 0) != 0 || raise(0) != 0)
        strcat(got, " (no raise)");
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || setrlimit(RLIMIT_NOFILE, &limit) != 0)
        strcat(got, " (no limits)");
    if (fcntl(STDERR_FILENO, F_GETFD) < 0)
        strcat(got, " (no fcntl)");
}

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    (void)instance;
    (void)mount;
    (void)call;
    char got[SMBM_TEXT_MAX] = "";
    pthread_t thread;
    ASK(mount, "none", "/mnt", "tmpfs", 0, NULL);
    ASK(umount2, "/nowhere", 0);
    ASK(fsopen, "tmpfs", 0);
    ASK(unshare, CLONE_FS);
    ASK(ptrace, 0, 0, 0, 0);
    ASK(init_module, NULL, 0, "");
    ASK(bpf, 0, NULL, 0);
    ASK(keyctl, 0, -3, 0);
    ASK(add_key, "user", "a", "b", 1, -3);
    ASK(io_uring_setup, 1, NULL);
    ASK(perf_event_open, NULL, 0, -1, -1, 0);
    ASK(userfaultfd, 0);
    ASK(personality, 0xffffffff);
    ASK(execve, "/bin/true", NULL, NULL);
    ASK(clone, SIGCHLD, 0, 0, 0, 0);
    beg_of_others(got);
    if (pthread_create(&thread, NULL, nothing, NULL) != 0 || pthread_join(thread, NULL) != 0)
        strcat(got, " (no thread)");
    report->verdict = SMBM_HEALTHY;
    snprintf(report->evidence, sizeof report->evidence, "got:%.150s", got);
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "begs", .summary = "a test", .version = "1"},
           .run = run);
