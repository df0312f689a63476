/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * faults calls|memory CONFIG MOUNT MOUNTPOINT STEP: runs the daemon with all its processes
 * (supervisor, plugin hosts, helpers; not the commands that they start) under this program's eye,
 * and lets each system call that can fail, or each allocation (memory.c must be preloaded), do so
 * once in turn: the 1st, the (1 + STEP)th, ... of a mount, of an unmount and of a reload. After
 * each of them: nobody died of a signal, the daemon lives and answers, the mountpoint has one mount
 * or none, no helper is left, and the same command succeeds when nothing fails. Prints what broke,
 * and at the end what was done.
 */
#include "faults.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_MS 30000 /* no command may take longer, whatever failed */
#define PROGRAM "smbmounter"

struct trial {
    const char *name;
    const char *verb, *before; /* the command, and what brings about the state that it needs */
    int mounts;                /* at the mountpoint when it worked */
};

static const struct trial trials[] = {
    {"mount", "mount", "unmount", 1},
    {"unmount", "unmount", "mount", 0},
    {"reload", "reload", "mount", 1},
};

static const char *mount_name, *mountpoint;
static unsigned long broken;

static int mounts_there(void) {
    char line[4096], at[1024];
    int count = 0;
    FILE *file = fopen("/proc/self/mountinfo", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        count += sscanf(line, "%*s %*s %*s %*s %1023s", at) == 1 && strcmp(at, mountpoint) == 0;
    if (file != NULL)
        fclose(file);
    return count;
}

static void blame(const struct trial *trial, unsigned long number, const char *what) {
    printf("not ok - %s with number %lu (%s) failing: %s\n", trial->name, number,
           tracer_hit()[0] != '\0' ? tracer_hit() : "none", what);
    broken++;
}

/* The command's exit status; -1: it did not end in time. */
static int run(const char *verb) {
    pid_t pid = fork();
    if (pid == 0) {
        if (freopen("/dev/null", "w", stdout) == NULL || freopen("/dev/null", "w", stderr) == NULL)
            _exit(126);
        const char *name = strcmp(verb, "reload") == 0 ? NULL : mount_name;
        execlp(PROGRAM, PROGRAM, verb, name, (char *)NULL);
        _exit(127);
    }
    return tracer_wait(pid, LIMIT_MS);
}

/* Without a fault the command works, at the latest when what failed before has been tried anew. */
static bool works(const char *verb) {
    for (int i = 0; i < 3; i++)
        if (run(verb) == 0)
            return true;
    return false;
}

static bool is_in(int count) {
    for (int i = 0; i < 100; i++) {
        if (mounts_there() == count)
            return true;
        tracer_turn(20);
    }
    return false;
}

/* True: the call was reached, so there is a next one. */
static bool try_one(const struct trial *trial, unsigned long number) {
    if (!works(trial->before) || !is_in(strcmp(trial->before, "mount") == 0))
        blame(trial, number - 1, "the state before could not be reached again");
    tracer_arm(number);
    int status = run(trial->verb);
    if (status < 0)
        blame(trial, number, "the command hangs");
    if (!tracer_settle(LIMIT_MS))
        blame(trial, number, "a helper is left");
    bool hit = tracer_disarm();
    if (tracer_crash()[0] != '\0')
        blame(trial, number, tracer_crash());
    if (!tracer_daemon_lives())
        blame(trial, number, "the daemon ended");
    if (status == 0 && !is_in(trial->mounts))
        blame(trial, number, "it was said to have worked, but the mount table shows otherwise");
    if (mounts_there() > 1)
        blame(trial, number, "mounted more than once");
    if (hit && getenv("FAULTS_VERBOSE") != NULL)
        printf("# %s %lu: %s: status %d, %d mounts\n", trial->name, number, tracer_hit(), status,
               mounts_there());
    return hit;
}

static bool answers(void) {
    for (int i = 0; i < 200; i++) {
        if (run("status") == 0)
            return true;
        tracer_turn(50);
    }
    return false;
}

int main(int argc, char **argv) {
    bool memory = argc == 6 && strcmp(argv[1], "memory") == 0;
    if (argc != 6 || (!memory && strcmp(argv[1], "calls") != 0)) {
        fprintf(stderr, "usage: faults calls|memory CONFIG MOUNT MOUNTPOINT STEP\n");
        return 2;
    }
    static char program[] = PROGRAM, verb[] = "daemon", option[] = "--config";
    char *const daemon[] = {program, verb, option, argv[2], NULL};
    (void)setvbuf(stdout, NULL, _IOLBF, 0); /* or a child would print what is still there */
    unsigned long step = strtoul(argv[5], NULL, 10);
    mount_name = argv[3];
    mountpoint = argv[4];
    if (!tracer_start(daemon, memory ? FAULT_MEMORY : FAULT_CALLS) || !answers()) {
        printf("not ok - the daemon starts under observation\n");
        return 1;
    }
    unsigned files = tracer_daemon_files();
    for (size_t i = 0; i < sizeof trials / sizeof trials[0]; i++) {
        unsigned long number = 1, tried = 0;
        for (; tracer_daemon_lives() && try_one(&trials[i], number); number += step)
            tried++;
        printf("# %s: %lu %s failed once in turn, of about %lu\n", trials[i].name, tried,
               memory ? "allocations" : "calls", number);
        if (tried == 0)
            blame(&trials[i], number, "nothing was made to fail");
    }
    bool mended = works("mount") && is_in(1);
    printf("%s - it works as before at the end\n", mended ? "ok" : "not ok");
    unsigned now = tracer_daemon_files();
    printf("%s - no descriptor was lost (%u, were %u)\n", now <= files + 2 ? "ok" : "not ok", now,
           files);
    tracer_end();
    return broken == 0 && mended && now <= files + 2 ? 0 : 1;
}
