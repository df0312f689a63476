/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The admin group, where the kernel does not tell all groups of a client; and answers that are too
 * long or too many. */
#include <criterion/criterion.h>
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/client.h"
#include "control/prescan.h"
#include "fail.h"
#include "server_client.h"

#define USER 1234

/* The kernel tells so many groups only. */
static bool cut;
static int peer_error;
int __real_os_peer(int fd, struct os_peer *peer);
int __wrap_os_peer(int fd, struct os_peer *peer);
int __wrap_os_peer(int fd, struct os_peer *peer) {
    int rc = __real_os_peer(fd, peer);
    peer->groups_cut = cut && peer->uid != 0;
    return peer_error != 0 ? peer_error : rc;
}

static struct bench b;
static char program[128];

/* In place of our own, which asks the directory of users. */
static void write_program(const char *answer) {
    FILE *file = fopen(program, "w");
    cr_assert_not_null(file);
    fprintf(file, "#!/bin/sh\n[ \"$2 $3\" = '%d 1' ] || exit 9\n%s\n", USER, answer);
    fclose(file);
    cr_assert_eq(chmod(program, 0755), 0);
}

/* A server with an admin group that no client has, as far as the kernel tells. */
static void open_with(const char *group, const char *with_program) {
    struct err err = {0};
    bench_open(&b);
    struct server_setup setup = b.server->setup;
    server_destroy(b.server);
    uv_run(&b.loop, UV_RUN_DEFAULT);
    snprintf(program, sizeof program, "%s/program", b.folder);
    write_program("exit 0");
    setup.admin_group = group;
    setup.path = b.path;
    setup.program = with_program;
    b.server = server_create(&setup, &err);
    cr_assert_not_null(b.server, "%s", err.text);
}

static const char *group_of_1(void) {
    const struct group *group = getgrgid(1);
    cr_assert_not_null(group, "there is no group 1 here");
    return group->gr_name;
}

static void close_all(void) {
    unlink(program);
    bench_close(&b);
}

TestSuite(group, .fini = close_all, .timeout = 60);

static enum control_error probe_answer(int fd) {
    client_request(fd, 1, "probe", "media");
    struct control_response response = client_response(&b, fd);
    enum control_error error = response.error;
    control_response_finish(&response);
    return error;
}

static enum control_error ask_as_user(void) {
    int fd = client_connect(&b, USER);
    enum control_error error = probe_answer(fd);
    close(fd);
    bench_turn_ms(&b, 5);
    return error;
}

Test(group, a_member_of_whom_only_the_directory_knows_is_let_in) {
    open_with(group_of_1(), program);
    cr_assert_eq(ask_as_user(), CONTROL_DENIED, "the kernel told all");
    cut = true;
    cr_assert_eq(ask_as_user(), CONTROL_OK);
    write_program("exit 1");
    cr_assert_eq(ask_as_user(), CONTROL_DENIED);
    write_program("kill -9 $$");
    cr_assert_eq(ask_as_user(), CONTROL_DENIED);
    unlink(program);
    cr_assert_eq(ask_as_user(), CONTROL_DENIED, "who cannot be asked about is no member");
}

Test(group, nobody_is_asked_about_where_there_is_no_group) {
    cut = true;
    open_with("no-such-group-here", program);
    cr_assert_not_null(strstr(b.logged, "there is no group 'no-such-group-here'"));
    cr_assert_eq(ask_as_user(), CONTROL_DENIED);
    server_destroy(b.server);
    uv_run(&b.loop, UV_RUN_DEFAULT);
    uv_loop_close(&b.loop);
    unlink(program);
    rmdir(b.folder);
    open_with(group_of_1(), NULL);
    cr_assert_eq(ask_as_user(), CONTROL_DENIED);
}

/* Those who would have to wait are ordinary users; nothing is read before the answer. */
Test(group, only_so_many_are_asked_about_at_once) {
    enum { MANY = 20 };
    int fds[MANY];
    cut = true;
    open_with(group_of_1(), program);
    write_program("while [ ! -e $0.go ]; do sleep 0.02; done; exit 0");
    for (int i = 0; i < MANY; i++) {
        fds[i] = client_connect(&b, (uid_t)(USER + (i > 3 ? i : 0)));
        client_request(fds[i], 1, "probe", "media");
    }
    bench_turn_ms(&b, 100);
    cr_assert_leq(b.server->asking, 16);
    cr_assert_geq(b.server->asking, 4);
    cr_assert_eq(b.handled, 0);
    char go[140];
    snprintf(go, sizeof go, "%s.go", program);
    fclose(fopen(go, "w"));
    struct control_response first = client_response(&b, fds[0]);
    cr_assert_eq(first.error, CONTROL_OK);
    control_response_finish(&first);
    unlink(go);
    for (int i = 0; i < MANY; i++)
        close(fds[i]);
}

Test(group, a_server_that_ends_does_not_wait_for_the_answer) {
    cut = true;
    open_with(group_of_1(), program);
    write_program("while [ -e $0 ]; do sleep 0.02; done; exit 0");
    int fd = client_connect(&b, USER);
    while (b.server->asking == 0)
        bench_turn_ms(&b, 5);
    unlink(program);
    bench_close(&b);
    b.server = NULL;
    cr_assert_eq(recv(fd, program, 1, MSG_DONTWAIT), 0, "its connection is closed");
    close(fd);
}

Test(group, without_memory_to_ask_a_client_is_an_ordinary_one) {
    cut = true;
    open_with(group_of_1(), program);
    for (long n = 0;; n++) {
        int fd = client_connect(&b, USER);
        fail_after_with(n, ENOMEM);
        bench_turn_ms(&b, 200);
        const char *call = fail_end();
        if (call != NULL && strcmp(call, "malloc") == 0) {
            cr_assert_eq(probe_answer(fd), CONTROL_DENIED);
            close(fd);
            break;
        }
        close(fd);
        cr_assert_not_null(call);
    }
}

Test(group, one_that_the_kernel_does_not_tell_of_is_turned_away) {
    open_with(group_of_1(), program);
    peer_error = -ENOTCONN;
    int fd = client_connect(&b, USER);
    cr_assert(client_is_closed(&b, fd, 3000));
    cr_assert_eq(server_stats(b.server).refused, 1);
    cr_assert_eq(server_stats(b.server).clients, 0);
    close(fd);
}

Test(group, answers_that_are_too_many_are_refused_to_ordinary_users) {
    open_with("", NULL);
    int fd = client_connect(&b, USER), root = client_connect(&b, 0);
    b.server->queued = 32u << 20; /* slow clients have not read so much yet */
    client_request(fd, 1, "status", "");
    struct control_response response = client_response(&b, fd);
    cr_assert_eq(response.error, CONTROL_BUSY);
    cr_assert_str_eq(response.message, "too many answers wait for slow clients; try again");
    control_response_finish(&response);
    client_request(root, 2, "status", "");
    response = client_response(&b, root);
    cr_assert_eq(response.error, CONTROL_OK);
    control_response_finish(&response);
    b.server->queued = 0;
    close(fd);
    close(root);
}

Test(group, an_answer_that_no_client_takes_is_refused_in_words) {
    open_with("", NULL);
    struct control_reply reply;
    int fd = client_connect(&b, 0);
    client_request(fd, 1, "mount", "media");
    while (b.waiting == NULL)
        bench_turn_ms(&b, 1);
    cr_assert_eq(server_call_uid(b.waiting), 0);
    control_reply_init(&reply);
    cr_assert_eq(control_reply_begin(&reply, 1, 0), 0);
    reply.buffer.size = prescan_reply.bytes + 1;
    server_reply(b.waiting, &reply);
    b.waiting = NULL;
    struct control_response response = client_response(&b, fd);
    cr_assert_eq(response.error, CONTROL_FAILED);
    cr_assert_str_eq(response.message, "the answer is too long; ask for one mount by its name");
    control_response_finish(&response);
    close(fd);
}
