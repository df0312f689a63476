/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The server for clients that behave. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/prescan.h"
#include "server_client.h"

#define NOBODY 65534

static struct bench b;

static void setup(void) {
    bench_open(&b);
}

static void teardown(void) {
    bench_close(&b);
}

TestSuite(server, .init = setup, .fini = teardown, .timeout = 60);

static void expect_answer(int fd, uint32_t id, enum control_error error) {
    struct control_response response = client_response(&b, fd);
    cr_expect_eq(response.id, id);
    cr_expect_eq(response.error, error, "%s", response.message);
    control_response_finish(&response);
}

Test(server, answers_and_keeps_the_connection) {
    int fd = client_connect(&b, NOBODY);
    for (uint32_t id = 1; id < 20; id++) {
        client_request(fd, id, "status", "media");
        expect_answer(fd, id, CONTROL_OK);
    }
    cr_expect_eq(b.handled, 19);
    cr_expect_str_eq(b.last_param, "media");
    cr_expect_eq(server_stats(b.server).clients, 1);
    close(fd);
}

Test(server, the_row_decides_who_may) {
    int nobody = client_connect(&b, NOBODY), root = client_connect(&b, 0);
    for (unsigned i = 0; i < COMMAND_COUNT; i++) {
        if (command_table[i].where != COMMAND_REMOTE || command_table[i].access != COMMAND_ADMIN)
            continue;
        client_request(nobody, i, command_table[i].name, "media");
        expect_answer(nobody, i, CONTROL_DENIED);
        cr_expect_eq(b.handled, 0, "%s", command_table[i].name);
    }
    client_request(root, 1, "reload", "");
    expect_answer(root, 1, CONTROL_OK);
    close(nobody);
    close(root);
}

Test(server, what_it_does_not_know_is_a_usage_error) {
    int fd = client_connect(&b, 0);
    client_request(fd, 1, "frobnicate", "");
    expect_answer(fd, 1, CONTROL_USAGE);
    client_request(fd, 2, "setup", "");
    expect_answer(fd, 2, CONTROL_USAGE);
    client_write(fd, "\x94\x00\x03\xa6status\x91\x05", 12);
    expect_answer(fd, 3, CONTROL_USAGE);
    cr_expect_eq(b.handled, 0);
    client_request(fd, 4, "status", "");
    expect_answer(fd, 4, CONTROL_OK);
    close(fd);
}

Test(server, pipelined_requests_are_answered_one_after_the_other) {
    int fd = client_connect(&b, 0);
    client_request(fd, 1, "mount", "media");
    for (uint32_t id = 2; id < 10; id++)
        client_request(fd, id, "status", "");
    bench_turn_ms(&b, 50);
    cr_expect_eq(b.handled, 1, "the first is not answered yet");
    cr_assert_not_null(b.waiting);
    server_error(b.waiting, CONTROL_FAILED, "no %s", "luck");
    expect_answer(fd, 1, CONTROL_FAILED);
    for (uint32_t id = 2; id < 10; id++)
        expect_answer(fd, id, CONTROL_OK);
    close(fd);
}

Test(server, a_notification_is_carried_out_and_not_answered) {
    int fd = client_connect(&b, 0);
    client_write(fd, "\x93\x02\xa6status\x90", 10);
    client_request(fd, 8, "version", "");
    expect_answer(fd, 8, CONTROL_OK);
    cr_expect_eq(b.handled, 2);
    close(fd);
}

Test(server, half_closed_clients_get_their_answers) {
    int fd = client_connect(&b, 0);
    client_request(fd, 1, "mount", "media");
    client_request(fd, 2, "status", "");
    shutdown(fd, SHUT_WR);
    bench_turn_ms(&b, 50);
    cr_assert_not_null(b.waiting);
    server_error(b.waiting, CONTROL_BUSY, "busy");
    expect_answer(fd, 1, CONTROL_BUSY);
    expect_answer(fd, 2, CONTROL_OK);
    cr_expect(client_is_closed(&b, fd, 1000), "then it is over");
    cr_expect_eq(b.gone, 0);
    close(fd);
}

static bool is_gone(void *context) {
    (void)context;
    return b.gone == 1;
}

Test(server, a_client_that_left_is_told_about) {
    int fd = client_connect(&b, 0);
    client_request(fd, 1, "mount", "media");
    bench_turn_ms(&b, 20);
    cr_assert_not_null(b.waiting);
    close(fd);
    cr_expect(bench_turn(&b, is_gone, NULL, 500), "at once");
    cr_expect_eq(server_stats(b.server).clients, 0);
}

Test(server, a_half_closed_or_pipelining_client_that_left_is_told_about) {
    static const char nils[8192];
    for (int half = 0; half < 2; half++) {
        int fd = client_connect(&b, 0);
        b.gone = 0;
        client_request(fd, 1, "mount", "media");
        if (half)
            shutdown(fd, SHUT_WR);
        else
            client_write(fd, nils, sizeof nils);
        bench_turn_ms(&b, 50);
        cr_assert_not_null(b.waiting);
        close(fd);
        cr_expect(bench_turn(&b, is_gone, NULL, 2500), "half %d", half);
    }
}

Test(server, progress_comes_before_the_answer) {
    int fd = client_connect(&b, 0);
    client_request(fd, 1, "mount", "media");
    bench_turn_ms(&b, 20);
    cr_assert_not_null(b.waiting);
    server_progress(b.waiting, "asking nas.local");
    struct control_response response = client_response(&b, fd);
    cr_expect(response.notification);
    cr_expect_str_eq(response.method, "progress");
    struct result_view *row = response.sections[0].rows;
    cr_expect_str_eq(row->text, "asking nas.local");
    control_response_finish(&response);
    server_error(b.waiting, CONTROL_TIMEOUT, "late");
    expect_answer(fd, 1, CONTROL_TIMEOUT);
    close(fd);
}

static int follow(const char *mount) {
    const char *const params[] = {"true", mount};
    int fd = client_connect(&b, NOBODY);
    msgpack_sbuffer out;
    msgpack_sbuffer_init(&out);
    control_encode_request(&out, 1, "events", params, 2);
    client_write(fd, out.data, out.size);
    msgpack_sbuffer_destroy(&out);
    expect_answer(fd, 1, CONTROL_OK);
    bench_turn_ms(&b, 5);
    return fd;
}

Test(server, followers_get_what_they_asked_for) {
    int all = follow(""), media = follow("media");
    struct event_record event = {.mount = "docs", .kind = "state", .text = "mounted: x"};
    server_publish(b.server, &event);
    strcpy(event.mount, "media");
    server_publish(b.server, &event);
    static const char *const expected[] = {"docs", "media"};
    for (int i = 0; i < 3; i++) {
        struct control_response response = client_response(&b, i < 2 ? all : media);
        struct event_view *row = response.sections[0].rows;
        cr_expect(response.notification);
        cr_expect_str_eq(row->mount, i < 2 ? expected[i] : "media");
        control_response_finish(&response);
    }
    cr_expect_not(client_is_closed(&b, all, 2500), "a quiet follower is not late");
    close(all);
    bench_turn_ms(&b, 20);
    cr_expect_eq(server_stats(b.server).clients, 1);
    close(media);
}

Test(server, an_answer_of_megabytes_arrives_whole) {
    static char data[8 << 20];
    const char *reason = "";
    size_t have = 0, len = 0;
    int fd = client_connect(&b, 0), rc = 0;
    b.status_rows = 10000;
    client_request(fd, 1, "status", "");
    for (int i = 0; i < 2000 && rc == 0; i++) {
        ssize_t n = recv(fd, data + have, sizeof data - have, 0);
        have += n > 0 ? (size_t)n : 0;
        rc = prescan(data, have, &prescan_reply, &len, &reason);
        bench_turn_ms(&b, n > 0 ? 0 : 1);
    }
    cr_expect_eq(rc, 1, "%s", reason);
    cr_expect_gt(len, 1000000);
    cr_expect_eq(len, have);
    close(fd);
}

Test(server, calls_that_wait_are_gone_when_it_is_destroyed) {
    struct bench other;
    bench_open(&other);
    int fd = client_connect(&other, 0);
    client_request(fd, 1, "mount", "media");
    bench_turn_ms(&other, 20);
    cr_assert_not_null(other.waiting);
    bench_close(&other);
    cr_expect_eq(other.gone, 1);
    close(fd);
}

static struct server *create(const char *path, struct err *err) {
    const struct server_setup setup = {
        .loop = &b.loop, .log = &b.log, .path = path, .admin_group = "", .listen_fd = -1};
    return server_create(&setup, err);
}

Test(server, a_living_socket_and_what_is_no_socket_are_left_alone) {
    struct err err = {0};
    struct stat st;
    char path[160], link[160];
    cr_expect_null(create(b.path, &err));
    cr_expect_eq(err.code, EADDRINUSE);
    cr_expect_not_null(strstr(err.text, "another smbmounter daemon is running"), "%s", err.text);
    snprintf(path, sizeof path, "%s/file", b.folder);
    snprintf(link, sizeof link, "%s/link", b.folder);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    cr_assert_eq(symlink(b.path, link), 0);
    cr_expect_null(create(path, &err));
    cr_expect_eq(err.code, EEXIST, "%s", err.text);
    cr_expect_null(create(link, &err));
    cr_expect_eq(err.code, EEXIST, "%s", err.text);
    cr_expect_eq(stat(b.path, &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0666);
    unlink(path);
    unlink(link);
}

Test(server, a_stale_socket_is_replaced_and_a_successor_is_not_removed) {
    struct err err = {0};
    char path[160];
    snprintf(path, sizeof path, "%s.stale", b.path);
    struct server *first = create(path, &err);
    cr_assert_not_null(first, "%s", err.text);
    unlink(path);
    struct server *second = create(path, &err);
    cr_assert_not_null(second, "%s", err.text);
    server_destroy(first);
    cr_expect_eq(access(path, F_OK), 0, "that is the second one's");
    /* A daemon that was killed leaves its file behind. */
    char kept[200];
    snprintf(kept, sizeof kept, "%s.kept", path);
    cr_assert_eq(rename(path, kept), 0);
    server_destroy(second);
    struct server *third = create(kept, &err);
    cr_assert_not_null(third, "%s", err.text);
    server_destroy(third);
    cr_expect_eq(access(kept, F_OK), -1);
}

Test(server, a_folder_that_everybody_can_write_in_is_refused) {
    struct err err = {0};
    char folder[160], path[200];
    snprintf(folder, sizeof folder, "%s/open", b.folder);
    snprintf(path, sizeof path, "%s/socket", folder);
    mkdir(folder, 0777);
    chmod(folder, 0777);
    cr_expect_null(create(path, &err));
    cr_expect_eq(err.code, EACCES, "%s", err.text);
    chmod(folder, 01777);
    struct server *server = create(path, &err);
    cr_expect_not_null(server, "%s", err.text);
    server_destroy(server);
    rmdir(folder);
}
