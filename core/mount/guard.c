/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "mount/guard.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "os/orphans.h"
#include "os/os.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* SIGPIPE is ignored */
#endif

#define KEEP 'k'
#define END_MS 3000
#define NO_PIDFD_MS 20

/* The command stays a zombie until its group has been dealt with, so that its number cannot mean
 * another group meanwhile. */
static bool has_ended(pid_t pid, int *status) {
    siginfo_t info = {0};
    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0)
        return false;
    *status = info.si_code == CLD_EXITED ? (info.si_status & 0xff) << 8 : info.si_status & 0x7f;
    return true;
}

static void watch_over(pid_t pid, int socket) {
    int pidfd = os_pidfd(pid), status;
    bool told = false;
    char word = 0;
    for (;;) {
        if (!told && has_ended(pid, &status)) {
            told = true;
            (void)send(socket, &status, sizeof status, MSG_NOSIGNAL);
        }
        struct pollfd p[] = {{.fd = socket, .events = POLLIN},
                             {.fd = told ? -1 : pidfd, .events = POLLIN}};
        (void)poll(p, 2, pidfd < 0 && !told ? NO_PIDFD_MS : -1);
        if (p[0].revents == 0)
            continue;
        if (recv(socket, &word, 1, MSG_DONTWAIT) != 1 || word != KEEP) {
            process_kill(pid);
            os_end_children(END_MS); /* what it left in the background */
        }
        _exit(0);
    }
}

static void run(const struct helper *helper, const struct process_spec *spec, int socket) {
    struct err err;
    close(helper->fd);
    setsid();
    os_adopt_orphans();
    pid_t pid = process_start(spec, &err);
    if (pid < 0)
        _exit(1);
    watch_over(pid, socket);
}

int guard_start(struct guard *guard, const struct helper *helper, const struct process_spec *spec,
                struct err *err) {
    int ends[2];
    int rc = os_socketpair(ends);
    if (rc != 0)
        return err_sys(err, -rc, "%s: socketpair", spec->argv->items[0]);
    os_adopt_orphans();
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        run(helper, spec, ends[1]);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return err_sys(err, errno, "%s: fork", spec->argv->items[0]);
    }
    *guard = (struct guard){.pid = pid, .socket = ends[0]};
    return 0;
}

/* An end of file means that the guard is gone: it could not start the command, or was killed. Then
 * the command has come to us, and must not mount behind our back after we have given up. */
bool guard_ended(const struct guard *guard, int *status) {
    ssize_t n = recv(guard->socket, status, sizeof *status, MSG_DONTWAIT);
    if (n == (ssize_t)sizeof *status)
        return true;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    os_end_children(END_MS);
    *status = SIGKILL;
    return true;
}

void guard_finish(struct guard *guard, bool keep) {
    int status;
    if (keep)
        (void)send(guard->socket, &(char){KEEP}, 1, MSG_NOSIGNAL);
    close(guard->socket);
    guard->socket = -1;
    (void)process_wait(guard->pid, clock_boot_ms() + END_MS, &status);
    if (!keep) /* it may have been killed before it could do that */
        os_end_children(END_MS);
}
