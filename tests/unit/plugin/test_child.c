/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A plugin host process as the daemon sees it, with one that does odd things (odd_host.c). */
#include "plugin/child.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fail.h"
#include "rig.h"

/* In what order it was told of an end, and what it heard before. */
static struct {
    unsigned frames, lost, reaped;
    size_t longest, last_len;
    uint64_t sum;
    bool refuse, close_at_frame;
    bool is_lost, is_reaped, heard, closed;
} told;
static uv_loop_t loop;
static struct child child;

static void on_closed(struct child *of) {
    cr_assert_eq(of, &child);
    told.closed = true;
}

static bool on_frame(void *context, uint32_t type, struct wire_in *payload) {
    cr_assert_eq(context, &told);
    cr_assert_eq(type, 7);
    cr_assert_eq(told.lost + told.reaped, 0, "nothing is heard after its end");
    told.frames++;
    told.last_len = payload->len;
    if (payload->len > told.longest)
        told.longest = payload->len;
    if (payload->len == sizeof told.sum)
        told.sum = wire_get_u64(payload);
    told.heard = true;
    if (told.close_at_frame)
        child_close(&child, on_closed);
    return !told.refuse;
}

static void on_lost(void *context) {
    cr_assert_eq(context, &told);
    cr_assert_eq(told.reaped, 0, "reaped comes last");
    told.lost++;
    told.is_lost = true;
}

static void on_reaped(void *context) {
    cr_assert_eq(context, &told);
    told.reaped++;
    told.is_reaped = true;
}

static struct err err;

static int start_at(const char *host, const char *what, const char *argument) {
    static const struct child_events events = {on_frame, on_lost, on_reaped};
    return child_start(&child, &loop, host, what, argument, 0, -1, &events, &told, &err);
}

static void start(const char *what, const char *argument) {
    cr_assert_eq(start_at(ODD_HOST, what, argument), 0, "%s", err.text);
}

static bool wait_for(const bool *flag) {
    return rig_run(&loop, flag, 20000);
}

static void set_up(void) {
    signal(SIGPIPE, SIG_IGN);
    cr_assert_eq(uv_loop_init(&loop), 0);
}

/* Closing releases everything, whatever happened before. */
static void tear_down(void) {
    child_close(&child, on_closed);
    child_close(&child, on_closed);
    cr_assert(wait_for(&told.closed));
    uv_run(&loop, UV_RUN_DEFAULT);
    cr_assert_eq(uv_loop_close(&loop), 0, "nothing is left in the loop");
}

TestSuite(child, .init = set_up, .fini = tear_down, .timeout = 100);

static void ended_as(const char *words) {
    char text[CHILD_END_MAX];
    child_end(&child, text);
    cr_assert_str_eq(text, words);
}

Test(child, what_it_said_is_heard_before_its_end) {
    start("fflfh", "");
    cr_assert(wait_for(&told.is_reaped));
    cr_assert_eq(told.frames, 4);
    cr_assert_eq(told.longest, WIRE_FRAME_MAX, "the longest frame finds room");
    cr_assert_eq(told.last_len, 3);
    cr_assert_eq(told.lost, 1);
    cr_assert_eq(told.reaped, 1);
    cr_assert_not(child.rubbish, "half a frame is not its fault: it may have been ended");
    ended_as("ended by itself (status 3)");
}

Test(child, what_is_no_frame_ends_it) {
    start("fgp", "");
    cr_assert(wait_for(&told.is_lost));
    cr_assert_eq(told.frames, 1);
    ended_as("wrote into its socket what is no frame");
    child_kill(&child);
    cr_assert(wait_for(&told.is_reaped));
    ended_as("wrote into its socket what is no frame");
    cr_assert_eq(told.lost, 1);
}

Test(child, a_frame_that_nobody_wants_ends_it) {
    told.refuse = true;
    start("fffp", "");
    cr_assert(wait_for(&told.is_lost));
    cr_assert_eq(told.frames, 1, "the next ones are not heard");
    cr_assert(child.rubbish);
    child_kill(&child);
    cr_assert(wait_for(&told.is_reaped));
}

Test(child, one_that_hangs_up_is_lost_but_not_reaped) {
    start("fcp", "");
    cr_assert(wait_for(&told.is_lost));
    cr_assert_eq(told.frames, 1);
    cr_assert_eq(told.reaped, 0);
    ended_as("closed its end of the socket");
    child_kill(&child);
    cr_assert(wait_for(&told.is_reaped));
    ended_as("was ended by SIGKILL");
    child_kill(&child); /* its number may be another process's by now */
    cr_assert_eq(told.lost, 1);
}

/* The socket never ends then: what is in it is read, and that is all. */
Test(child, one_that_leaves_its_socket_to_a_child_has_ended) {
    start("fkf", "");
    cr_assert(wait_for(&told.is_reaped));
    cr_assert_eq(told.frames, 2);
    cr_assert_eq(told.lost, 1);
    ended_as("ended by itself (status 3)");
    kill(-child.process.pid, SIGKILL); /* the child of its own, which this test made */
}

Test(child, rubbish_in_the_rest_is_blamed_on_it) {
    start("kfg", "");
    cr_assert(wait_for(&told.is_reaped));
    cr_assert_eq(told.frames, 1);
    cr_assert(child.rubbish);
    kill(-child.process.pid, SIGKILL);
}

Test(child, a_kill_takes_its_children_along_and_is_no_loss) {
    char byte;
    uv_os_fd_t fd;
    start("kfp", "");
    cr_assert(wait_for(&told.heard));
    child_kill(&child);
    cr_assert(wait_for(&told.is_reaped));
    cr_assert_eq(told.lost, 0);
    cr_assert_eq(uv_fileno((uv_handle_t *)&child.pipe, &fd), 0);
    cr_assert_eq(uv_stream_set_blocking((uv_stream_t *)&child.pipe, 1), 0);
    cr_assert_eq(read(fd, &byte, 1), 0, "nobody holds the other end");
}

Test(child, closed_by_its_owner_it_says_no_more) {
    told.close_at_frame = true;
    start("ffff", "");
    cr_assert(wait_for(&told.closed));
    cr_assert_eq(told.frames, 1);
    cr_assert_eq(told.lost + told.reaped, 0);
}

Test(child, an_end_by_a_signal_has_its_name) {
    static const struct {
        int signal;
        const char *words;
    } rows[] = {{SIGSEGV, "was ended by SIGSEGV"},
                {SIGSYS, "was ended by SIGSYS"},
                {SIGALRM, "was ended by SIGALRM"},
                {SIGUSR1, "was ended by signal 10"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char number[16];
        snprintf(number, sizeof number, "%d", rows[i].signal);
        memset(&told, 0, sizeof told);
        start("s", number);
        cr_assert(wait_for(&told.is_reaped));
        ended_as(rows[i].words);
        child_close(&child, on_closed);
        cr_assert(wait_for(&told.closed));
    }
}

/* More than a socket takes at once, in pieces: it arrives whole and in order. */
Test(child, a_long_letter_is_sent_in_pieces) {
    enum { PIECE = 1 << 20, PIECES = 3 };
    static unsigned char bytes[PIECES][PIECE];
    char number[16];
    uint64_t sum = 0;
    uv_buf_t bufs[PIECES];
    for (size_t i = 0; i < PIECES; i++) {
        for (size_t k = 0; k < PIECE; k++) {
            bytes[i][k] = (unsigned char)((i * 7 + k) * 2654435761u >> 24);
            sum = sum * 31 + bytes[i][k];
        }
        bufs[i] = uv_buf_init((char *)bytes[i], PIECE);
    }
    snprintf(number, sizeof number, "%d", PIECES * PIECE);
    start("rp", number);
    cr_assert_eq(child_send(&child, bufs, PIECES), 0);
    memset(bytes, 0, sizeof bytes); /* what waits was copied */
    cr_assert(wait_for(&told.heard));
    cr_assert_eq(told.sum, sum);
    child_kill(&child);
    cr_assert(wait_for(&told.is_reaped));
}

Test(child, a_letter_to_one_that_is_gone_is_told) {
    static char bytes[4];
    uv_buf_t buf = uv_buf_init(bytes, sizeof bytes);
    start("c", "");
    cr_assert(wait_for(&told.is_reaped));
    cr_assert_eq(child_send(&child, &buf, 1), -EPIPE);
}

Test(child, a_letter_that_finds_no_memory_is_told) {
    static char bytes[8 << 20];
    uv_buf_t buf = uv_buf_init(bytes, sizeof bytes);
    start("p", "");
    fail_after(0);
    cr_assert_eq(child_send(&child, &buf, 1), -ENOMEM);
    cr_assert_str_eq(fail_end(), "malloc");
    child_kill(&child);
    cr_assert(wait_for(&told.is_reaped));
}

Test(child, without_memory_to_hear_it_is_lost) {
    start("fp", "");
    fail_after(0);
    cr_assert(wait_for(&told.is_lost));
    cr_assert_str_eq(fail_end(), "realloc");
    cr_assert_eq(told.frames, 0);
    child_kill(&child);
    cr_assert(wait_for(&told.is_reaped));
}

Test(child, a_program_that_is_missing_is_named) {
    cr_assert_eq(start_at("/no/such/host", "p", ""), -ENOENT);
    cr_assert_str_eq(err.text, "/no/such/host cannot be started: no such file or directory");
    child_kill(&child); /* there is nobody */
    cr_assert_eq(told.lost + told.reaped, 0);
}

/* What libuv refuses, once. */
static int refusal;

int __real_uv_read_start(uv_stream_t *stream, uv_alloc_cb alloc, uv_read_cb read);
int __wrap_uv_read_start(uv_stream_t *stream, uv_alloc_cb alloc, uv_read_cb read);
int __wrap_uv_read_start(uv_stream_t *stream, uv_alloc_cb alloc, uv_read_cb read) {
    return refusal != 0 ? refusal : __real_uv_read_start(stream, alloc, read);
}

int __real_uv_write(uv_write_t *write, uv_stream_t *to, const uv_buf_t *bufs, unsigned len,
                    uv_write_cb done);
int __wrap_uv_write(uv_write_t *write, uv_stream_t *to, const uv_buf_t *bufs, unsigned len,
                    uv_write_cb done);
int __wrap_uv_write(uv_write_t *write, uv_stream_t *to, const uv_buf_t *bufs, unsigned len,
                    uv_write_cb done) {
    return refusal != 0 ? refusal : __real_uv_write(write, to, bufs, len, done);
}

Test(child, one_that_cannot_be_heard_is_ended) {
    refusal = UV_ENOTCONN;
    cr_assert_eq(start_at(ODD_HOST, "fp", ""), -ENOTCONN);
    cr_assert_not_null(strstr(err.text, "cannot be heard"), "%s", err.text);
    cr_assert(wait_for(&told.is_reaped), "it does not stay behind");
    cr_assert_eq(told.frames + told.lost, 0);
}

Test(child, a_letter_that_cannot_wait_is_told) {
    static char bytes[8 << 20];
    uv_buf_t buf = uv_buf_init(bytes, sizeof bytes);
    start("p", "");
    refusal = UV_EPIPE;
    cr_assert_eq(child_send(&child, &buf, 1), UV_EPIPE);
    child_kill(&child);
    cr_assert(wait_for(&told.is_reaped));
}
