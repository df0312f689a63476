/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "prompt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#define SIGNAL_CHECK_MS 200

/* Signals that end or stop a program at its terminal. They are held back while the echo is off. */
static void set_of_ends(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGQUIT);
    sigaddset(set, SIGHUP);
    sigaddset(set, SIGTSTP);
}

static bool end_is_pending(void) {
    sigset_t pending;
    return sigpending(&pending) == 0 &&
           (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1 ||
            sigismember(&pending, SIGQUIT) == 1 || sigismember(&pending, SIGHUP) == 1 ||
            sigismember(&pending, SIGTSTP) == 1);
}

/* Byte by byte: nothing beyond the newline is taken from a pipe. -EINTR: a signal waits. */
static int read_line(char *line, size_t size, size_t *len) {
    for (*len = 0;;) {
        struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
        int ready = poll(&p, 1, SIGNAL_CHECK_MS);
        if (end_is_pending())
            return -EINTR;
        if (ready <= 0)
            continue;
        char c = 0;
        ssize_t got = read(STDIN_FILENO, &c, 1);
        if (got < 0 && errno != EINTR && errno != EAGAIN)
            return -errno;
        if (got < 0)
            continue;
        if (got == 0 && *len == 0)
            return -EPIPE;
        if (got == 0 || c == '\n')
            break;
        if (c == '\0')
            return -EINVAL;
        if (*len + 1 >= size)
            return -E2BIG;
        line[(*len)++] = c;
    }
    line[*len] = '\0';
    return 0;
}

/* One try. -EINTR: a signal came and was let through; when we live on (continued), ask anew. */
static int ask_once(const char *question, bool echo, char *line, size_t size, size_t *len) {
    struct termios old = {0};
    sigset_t ends, mask;
    bool tty = tcgetattr(STDIN_FILENO, &old) == 0;
    set_of_ends(&ends);
    sigprocmask(SIG_BLOCK, &ends, &mask);
    if (tty) {
        struct termios quiet = old;
        quiet.c_lflag = echo ? old.c_lflag : old.c_lflag & ~(tcflag_t)ECHO;
        if (tcsetattr(STDIN_FILENO, echo ? TCSANOW : TCSAFLUSH, &quiet) < 0) {
            int code = errno;
            sigprocmask(SIG_SETMASK, &mask, NULL);
            return -code;
        }
        fprintf(stderr, "%s", question);
        fflush(stderr);
    }
    int rc = read_line(line, size, len);
    if (tty) {
        /* The rest of a line that was too long must not reach whoever reads next. */
        tcsetattr(STDIN_FILENO, echo ? TCSANOW : TCSAFLUSH, &old);
        if (!echo || rc < 0)
            fprintf(stderr, "\n");
    }
    sigprocmask(SIG_SETMASK, &mask, NULL);
    return rc;
}

int prompt_line(const char *question, bool echo, char *line, size_t size, size_t *len,
                struct err *err) {
    int rc;
    do
        rc = ask_once(question, echo, line, size, len);
    while (rc == -EINTR);
    if (rc == -EPIPE)
        return err_set(err, EPIPE, "nothing was entered; nothing is stored");
    if (rc == -E2BIG)
        return err_set(err, E2BIG, "the line is longer than %zu bytes", size - 1);
    if (rc == -EINVAL)
        return err_set(err, EINVAL, "the line contains a NUL byte, which no password can have");
    return rc < 0 ? err_sys(err, -rc, "cannot read from standard input") : 0;
}
