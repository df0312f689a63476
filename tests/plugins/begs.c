/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Asks for all that a plugin host is not to have; its evidence names what it got. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <smbmounter/plugin.h>
#include <stdio.h>
#include <string.h>
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
    ASK(kill, getppid(), 0);
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
    if (pthread_create(&thread, NULL, nothing, NULL) != 0 || pthread_join(thread, NULL) != 0)
        strcat(got, " (no thread)");
    report->verdict = SMBM_HEALTHY;
    snprintf(report->evidence, sizeof report->evidence, "got:%.150s", got);
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "begs", .summary = "a test", .version = "1"},
           .run = run);
