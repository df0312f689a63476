/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "sandbox.h"

#include <criterion/criterion.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void need_root(int flags) {
    if (geteuid() != 0 || unshare(flags) != 0)
        cr_skip_test("needs root and namespaces");
}

void sandbox_enter(void) {
    need_root(CLONE_NEWNS);
    cr_assert_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    sandbox_tmpfs("sandbox", SANDBOX);
}

void sandbox_enter_net(void) {
    need_root(CLONE_NEWNET);
}

void sandbox_lo(bool up) {
    struct ifreq request = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(ioctl(fd, SIOCGIFFLAGS, &request), 0);
    request.ifr_flags = (short)(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
    cr_assert_eq(ioctl(fd, SIOCSIFFLAGS, &request), 0);
    close(fd);
}

void sandbox_mkdir(const char *path) {
    cr_assert_eq(mkdir(path, 0755), 0, "%s", path);
}

void sandbox_tmpfs(const char *source, const char *path) {
    cr_assert_eq(mount(source, path, "tmpfs", 0, "size=1m"), 0, "%s", path);
}

unsigned sandbox_count_mounts(const char *text) {
    FILE *file = fopen("/proc/self/mountinfo", "r");
    char *line = NULL;
    size_t size = 0;
    unsigned count = 0;
    while (getline(&line, &size, file) > 0)
        count += strstr(line, text) != NULL;
    free(line);
    fclose(file);
    return count;
}

int sandbox_run(int (*body)(void *context), void *context) {
    int status;
    pid_t pid = fork();
    cr_assert_geq(pid, 0);
    if (pid == 0)
        _exit(body(context));
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

pid_t sandbox_start(int (*body)(void *context, int ready), void *context) {
    int ready[2];
    char byte;
    cr_assert_eq(pipe(ready), 0);
    pid_t pid = fork();
    cr_assert_geq(pid, 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(ready[0]);
        _exit(body(context, ready[1]));
    }
    close(ready[1]);
    cr_assert_eq(read(ready[0], &byte, 1), 1, "the child failed before it was ready");
    close(ready[0]);
    return pid;
}

void sandbox_end(pid_t pid) {
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

void sandbox_status(const char *key, char *value, size_t size) {
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];
    value[0] = '\0';
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, key, strlen(key)) == 0) {
            snprintf(value, size, "%s", line + strlen(key) + strspn(line + strlen(key), " \t"));
            value[strcspn(value, "\n")] = '\0';
        }
    if (file != NULL)
        fclose(file);
}
