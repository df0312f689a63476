/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Each call into the system that the control socket makes fails once: it costs one client. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control/listener.h"
#include "control/membership.h"
#include "control/prescan.h"
#include "fail.h"
#include "server_client.h"

static char folder[64], path[96];
static struct err err;

static void enter(void) {
    snprintf(folder, sizeof folder, "/tmp/smbmounter-failing-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/socket", folder);
}

static void leave(void) {
    unlink(path);
    rmdir(folder);
}

TestSuite(failing, .init = enter, .fini = leave, .timeout = 110);

static int listen_there(void *context) {
    struct listener listener;
    (void)context;
    err.text[0] = '\0';
    int rc = listener_open(&listener, path, &err);
    (void)fail_end(); /* closing is not what is tried */
    if (rc == 0)
        listener_close(&listener);
    cr_assert(rc == 0 || err.text[0] != '\0');
    return rc;
}

Test(failing, opening_fails_with_a_reason_and_leaves_no_socket) {
    cr_assert_geq(fail_each("listening", FAIL_SURE, listen_there, NULL), 8);
    fail_after(7); /* after it was bound */
    cr_assert_lt(listen_there(NULL), 0);
    cr_assert_str_eq(fail_end(), "lstat");
    cr_assert_eq(access(path, F_OK), -1);
}

static void leave_stale_socket(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
}

Test(failing, a_stale_socket_is_replaced_or_the_reason_told) {
    for (long n = 0;; n++) {
        leave_stale_socket();
        fail_after(n);
        int rc = listen_there(NULL);
        const char *call = fail_end();
        unlink(path);
        if (call == NULL) {
            cr_assert_eq(rc, 0, "%s", err.text);
            break;
        }
        /* That nobody answers there is what it wanted to know. */
        cr_assert(rc < 0 || strcmp(call, "connect") == 0, "call %ld (%s)", n, call);
    }
}

Test(failing, who_cannot_be_asked_is_not_pushed_away) {
    leave_stale_socket();
    for (long n = 0; n < 20; n++) {
        fail_after_with(n, EACCES);
        int rc = listen_there(NULL);
        const char *call = fail_end();
        if (call == NULL || strcmp(call, "connect") != 0)
            continue;
        cr_assert_eq(rc, -EACCES);
        cr_assert_not_null(strstr(err.text, "cannot find out who uses"), "%s", err.text);
        cr_assert_eq(access(path, F_OK), 0, "it is left alone");
        fail_after_with(n, EAGAIN); /* so many ask there that one more has to wait */
        cr_assert_eq(listen_there(NULL), -EADDRINUSE);
        fail_end();
        return;
    }
    cr_assert_fail("nobody asked who is there");
}

Test(failing, paths_that_cannot_be_are_refused) {
    struct listener listener;
    char text[200];
    memset(text, 'a', sizeof text);
    text[0] = '/';
    text[sizeof text - 1] = '\0';
    cr_assert_eq(listener_open(&listener, text, &err), -ENAMETOOLONG);
    cr_assert_eq(listener_open(&listener, "relative", &err), -EINVAL);
    cr_assert_eq(listener_open(&listener, "a/b", &err), -EINVAL);
    cr_assert_eq(listener_open(&listener, "/no/such/folder", &err), -ENOENT);
    cr_assert_eq(chmod(folder, 0777), 0);
    cr_assert_eq(listener_open(&listener, path, &err), -EACCES);
    cr_assert_not_null(strstr(err.text, "chmod o-w"), "%s", err.text);
    cr_assert_eq(chmod(folder, 01777), 0);
    cr_assert_eq(listener_open(&listener, path, &err), 0, "%s", err.text);
    listener_close(&listener);
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    cr_assert_eq(listener_open(&listener, path, &err), -EEXIST);
    cr_assert_eq(access(path, F_OK), 0, "it is left alone");
}

Test(failing, a_folder_of_others_is_refused) {
    struct listener listener;
    cr_assert_eq(chmod(folder, 0770), 0);
    cr_assert_eq(listener_open(&listener, path, &err), -EACCES);
    cr_assert_not_null(strstr(err.text, "chmod g-w"), "%s", err.text);
    cr_assert_eq(chmod(folder, 01770), 0);
    cr_assert_eq(listener_open(&listener, path, &err), 0, "%s", err.text);
    listener_close(&listener);
    if (geteuid() != 0)
        cr_skip_test("to give a folder away needs root");
    cr_assert_eq(chown(folder, 1234, 0), 0);
    cr_assert_eq(listener_open(&listener, path, &err), -EACCES);
    cr_assert_not_null(strstr(err.text, "another user (1234)"), "%s", err.text);
    cr_assert_eq(access(path, F_OK), -1);
}

Test(failing, everybody_may_connect_whatever_the_mask) {
    struct listener listener;
    struct stat st;
    mode_t before = umask(077);
    cr_assert_eq(listener_open(&listener, path, &err), 0, "%s", err.text);
    cr_assert_eq(lstat(path, &st), 0);
    cr_assert_eq(st.st_mode & 07777, 0666);
    listener_close(&listener);
    cr_assert_eq(umask(before), 077, "the mask is as it was");
}

/* A link that somebody puts there in the middle must not lead to a mode of another file. */
Test(failing, the_mode_of_no_path_is_changed) {
    for (long n = 0;; n++) {
        fail_after(n);
        listen_there(NULL);
        const char *call = fail_end();
        if (call == NULL)
            break;
        cr_assert_str_neq(call, "chmod");
    }
}

static int adopt(void *context) {
    struct listener listener;
    int rc = listener_adopt(&listener, *(int *)context, &err);
    cr_assert(rc == 0 || listener.fd == -1);
    return rc;
}

Test(failing, a_socket_that_was_handed_over) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(adopt(&fd), -EINVAL, "nobody can connect to it");
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(fd, 4), 0);
    cr_assert_geq(fail_each("taking it over", FAIL_SURE, adopt, &fd), 4);
    close(fd);
}

static const char good[] = "\x94\x00\x01\xa6status\x91\xa0", bad[] = "\x94\x00\x01\xa1x\x90";

/* One request as a child makes it, so that nothing of its own fails. Its exit status. */
static int ask_once(const char *at, const char *request) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char reply[4096];
    size_t len = request == good ? sizeof good - 1 : sizeof bad - 1;
    strcpy(address.sun_path, at);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        send(fd, request, len, MSG_NOSIGNAL) != (ssize_t)len)
        return 1;
    return recv(fd, reply, sizeof reply, 0) > 0 ? 0 : 1;
}

static bool has_ended(void *context) {
    const pid_t *pid = context;
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)*pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0;
}

static bool is_answered(struct bench *b) {
    int status = -1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(ask_once(b->path, good));
    cr_assert(bench_turn(b, has_ended, &pid, 20000), "a client is left without an answer or end");
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return status == 0;
}

static void goes_on_after(const char *request) {
    static struct bench b;
    for (long n = 0;; n++) {
        bench_open(&b);
        pid_t pid = fork();
        if (pid == 0)
            _exit(ask_once(b.path, request));
        fail_after(n);
        cr_assert(bench_turn(&b, has_ended, &pid, 20000), "call %ld", n);
        const char *call = fail_end();
        waitpid(pid, NULL, 0);
        cr_assert(is_answered(&b), "after call %ld (%s)", n, call != NULL ? call : "none");
        bench_close(&b);
        if (call == NULL)
            break;
    }
}

Test(failing, a_server_goes_on_for_the_next_client) {
    goes_on_after(good);
    goes_on_after(bad);
}

Test(failing, a_server_that_cannot_begin_says_so) {
    static struct bench b;
    bench_open(&b);
    server_destroy(b.server);
    uv_run(&b.loop, UV_RUN_DEFAULT);
    for (long n = 0;; n++) {
        const struct server_setup setup = {
            .loop = &b.loop, .log = &b.log, .path = b.path, .admin_group = "", .listen_fd = -1};
        fail_after(n);
        b.server = server_create(&setup, &err);
        const char *call = fail_end();
        if (call == NULL)
            break;
        bool spare = b.server != NULL; /* it may begin without the descriptor kept for bad times */
        cr_assert(!spare || strcmp(call, "open") == 0, "call %ld (%s)", n, call);
        cr_assert(spare || err.text[0] != '\0');
        if (spare)
            server_destroy(b.server);
        uv_run(&b.loop, UV_RUN_DEFAULT);
    }
    cr_assert_not_null(b.server);
    bench_close(&b);
}

static void on_member(void *context, bool member) {
    (void)member;
    ++*(unsigned *)context;
}

Test(failing, a_membership_that_cannot_be_asked_is_told_at_once) {
    for (long n = 0; n < 2; n++) {
        uv_loop_t loop;
        unsigned answers = 0;
        struct membership_question question = {
            .program = "/bin/true", .limit_ms = 20000, .done = on_member, .context = &answers};
        cr_assert_eq(uv_loop_init(&loop), 0);
        fail_after(n);
        cr_assert_eq(membership_ask(&loop, &question), -ENOMEM);
        cr_assert_not_null(fail_end());
        uv_run(&loop, UV_RUN_DEFAULT);
        cr_assert_eq(uv_loop_close(&loop), 0);
        cr_assert_eq(answers, 0);
    }
}
