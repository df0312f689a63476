/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/ptrace.h>

#include "faults.h"
#include "memory.h"

#define TRACEES_MAX 512
#define OPTIONS                                                                                    \
    (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |      \
     PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)
#define SYSCALL_STOP (SIGTRAP | 0x80)

/* CHILD: of the daemon, before exec. */
enum role { OTHER, DAEMON, CHILD, HOST, HELPER };
static const char *const roles[] = {"other", "daemon", "child of the daemon", "host", "helper"};

struct tracee {
    pid_t pid;
    enum role role;
    bool begun, loaded;
    int failing; /* the errno that its call under way is going to have */
};

static struct tracee tracees[TRACEES_MAX];
static pid_t daemon_pid, awaited;
static int awaited_status;
static enum fault_kind kind;
static bool armed;
static unsigned long left;
static char hit[160], crash[160];
static struct memory *memory;

static struct tracee *find(pid_t pid) {
    for (size_t i = 0; i < TRACEES_MAX; i++)
        if (tracees[i].pid == pid)
            return &tracees[i];
    return NULL;
}

static void look_at(struct tracee *t) {
    char name[64], words[512] = "";
    snprintf(name, sizeof name, "/proc/%d/cmdline", (int)t->pid);
    FILE *file = fopen(name, "r");
    size_t len = file != NULL ? fread(words, 1, sizeof words - 1, file) : 0;
    if (file != NULL)
        fclose(file);
    const char *program = strrchr(words, '/');
    program = program != NULL ? program + 1 : words;
    const char *second = len > strlen(words) ? words + strlen(words) + 1 : "";
    t->role = OTHER;
    if (strcmp(program, "smbmounter-plugin-host") == 0)
        t->role = HOST;
    else if (strcmp(program, "smbmounter") == 0)
        t->role = strcmp(second, "mount-helper") == 0 ? HELPER : DAEMON;
}

static struct tracee *meet(pid_t pid) {
    struct tracee *t = find(pid);
    if (t != NULL)
        return t;
    t = find(0);
    if (t == NULL) {
        fprintf(stderr, "faults: too many processes\n");
        exit(1);
    }
    *t = (struct tracee){.pid = pid, .loaded = true};
    look_at(t);
    if (t->role == DAEMON && pid != daemon_pid)
        t->role = CHILD;
    return t;
}

/* The dynamic linker begins a program before main: what it cannot do there is not ours to mend. */
static bool is_loading(struct tracee *t, uint64_t at) {
    char name[64], line[512];
    unsigned long begin, end;
    bool inside = false;
    snprintf(name, sizeof name, "/proc/%d/maps", (int)t->pid);
    FILE *file = fopen(name, "r");
    while (file != NULL && !inside && fgets(line, sizeof line, file) != NULL)
        inside = strstr(line, "/ld-linux") != NULL && sscanf(line, "%lx-%lx", &begin, &end) == 2 &&
                 at >= begin && at < end;
    if (file != NULL)
        fclose(file);
    t->loaded = !inside;
    return inside;
}

static void strike(struct tracee *t, const struct ptrace_syscall_info *info) {
    long call = (long)info->entry.nr;
    int code = fault_of(t->pid, call, info->entry.args[0], info->entry.args[1]);
    if (code == 0 || (!t->loaded && is_loading(t, info->instruction_pointer)))
        return;
    /* libuv makes a pipe in a forked child and knows no other answer than abort. */
    if ((t->role == CHILD && call == SYS_pipe2) || --left > 0)
        return;
    armed = false;
    t->failing = code;
    snprintf(hit, sizeof hit, "%s of %s: %s", fault_name(call), roles[t->role], strerror(code));
    ptrace(PTRACE_POKEUSER, t->pid, offsetof(struct user, regs.orig_rax), -1L);
}

static void on_syscall(struct tracee *t) {
    struct ptrace_syscall_info info = {0};
    if (ptrace(PTRACE_GET_SYSCALL_INFO, t->pid, sizeof info, &info) <= 0)
        return;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY && armed && t->role != OTHER) {
        strike(t, &info);
    } else if (info.op == PTRACE_SYSCALL_INFO_EXIT && t->failing != 0) {
        ptrace(PTRACE_POKEUSER, t->pid, offsetof(struct user, regs.rax), -(long)t->failing);
        t->failing = 0;
    }
}

/* The signal to be passed on. */
static int on_stop(struct tracee *t, int status) {
    int signal = WSTOPSIG(status), event = status >> 16;
    if (!t->begun && signal == SIGSTOP) {
        t->begun = true;
        return 0;
    }
    t->begun = true;
    if (signal == SYSCALL_STOP) {
        on_syscall(t);
        return 0;
    }
    if (event == PTRACE_EVENT_EXEC) {
        look_at(t);
        t->loaded = false;
    }
    return event != 0 ? 0 : signal;
}

static void on_end(struct tracee *t, int status) {
    static const int bad[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSYS, SIGPIPE};
    for (size_t i = 0; WIFSIGNALED(status) && i < sizeof bad / sizeof bad[0]; i++)
        if (WTERMSIG(status) == bad[i] && t->role != OTHER)
            snprintf(crash, sizeof crash, "a process died of signal %d (%s)", bad[i],
                     t->role == DAEMON ? "daemon"
                     : t->role == HOST ? "host"
                                       : "helper");
    if (t->pid == daemon_pid)
        daemon_pid = 0;
    t->pid = 0;
}

/* Deal with one event if there is one. */
static bool handle_one(void) {
    int status;
    pid_t pid = waitpid(-1, &status, __WALL | WNOHANG);
    if (pid <= 0)
        return false;
    if (pid == awaited) {
        awaited = 0;
        awaited_status = status;
        return true;
    }
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
        struct tracee *t = find(pid);
        if (t != NULL)
            on_end(t, status);
        return true;
    }
    struct tracee *t = meet(pid);
    int signal = on_stop(t, status);
    bool free = kind == FAULT_MEMORY || (t->role == OTHER && t->begun);
    ptrace(free ? PTRACE_CONT : PTRACE_SYSCALL, pid, 0, (long)signal);
    return true;
}

static uint64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

/* Wait for the next event: SIGCHLD is blocked, so none is lost. */
static void rest(void) {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    (void)sigtimedwait(&child, NULL, &(struct timespec){.tv_nsec = 10000000});
}

static void watch(bool (*done)(void), unsigned limit_ms) {
    uint64_t end = now_ms() + limit_ms;
    while (!done() && now_ms() < end)
        if (!handle_one())
            rest();
}

static bool never(void) {
    return false;
}

void tracer_turn(unsigned ms) {
    watch(never, ms);
}

static bool has_come(void) {
    return awaited == 0;
}

int tracer_wait(pid_t pid, unsigned limit_ms) {
    awaited = pid;
    watch(has_come, limit_ms);
    if (awaited == 0)
        return WIFEXITED(awaited_status) ? WEXITSTATUS(awaited_status) : 128;
    kill(pid, SIGKILL);
    watch(has_come, limit_ms);
    return -1;
}

static bool is_settled(void) {
    for (size_t i = 0; i < TRACEES_MAX; i++)
        if (tracees[i].pid != 0 && tracees[i].role == HELPER)
            return false;
    return true;
}

bool tracer_settle(unsigned limit_ms) {
    tracer_turn(5);
    watch(is_settled, limit_ms);
    return is_settled();
}

static bool share_memory(void) {
    int fd = open(MEMORY_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof *memory) != 0)
        return false;
    void *found = mmap(NULL, sizeof *memory, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (found == MAP_FAILED)
        return false;
    memory = found;
    return true;
}

bool tracer_start(char *const argv[], enum fault_kind what) {
    sigset_t child;
    kind = what;
    if (!share_memory())
        return false;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    pid_t pid = fork();
    if (pid == 0) {
        sigprocmask(SIG_UNBLOCK, &child, NULL);
        if (ptrace(PTRACE_TRACEME, 0, 0, 0) == 0)
            execvp(argv[0], argv);
        _exit(127);
    }
    int status;
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
        return false;
    daemon_pid = pid;
    struct tracee *t = meet(pid);
    t->begun = true;
    return ptrace(PTRACE_SETOPTIONS, pid, 0, OPTIONS) == 0 &&
           ptrace(PTRACE_SYSCALL, pid, 0, 0) == 0;
}

bool tracer_daemon_lives(void) {
    return daemon_pid != 0;
}

unsigned tracer_daemon_files(void) {
    char name[64];
    unsigned count = 0;
    snprintf(name, sizeof name, "/proc/%d/fd", (int)daemon_pid);
    DIR *dir = opendir(name);
    while (dir != NULL && readdir(dir) != NULL)
        count++;
    if (dir != NULL)
        closedir(dir);
    return count;
}

static bool daemon_gone(void) {
    return daemon_pid == 0;
}

void tracer_end(void) {
    if (daemon_pid != 0)
        kill(daemon_pid, SIGTERM);
    watch(daemon_gone, 30000);
}

void tracer_arm(unsigned long number) {
    hit[0] = crash[0] = memory->hit[0] = '\0';
    left = number;
    armed = kind == FAULT_CALLS;
    if (kind == FAULT_MEMORY)
        atomic_store(&memory->left, (long)number);
}

bool tracer_disarm(void) {
    armed = false;
    atomic_store(&memory->left, 0);
    if (kind == FAULT_MEMORY)
        memcpy(hit, memory->hit, sizeof memory->hit);
    return hit[0] != '\0';
}

const char *tracer_hit(void) {
    return hit;
}

const char *tracer_crash(void) {
    return crash;
}
