/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The memory shared with a plugin host: who may begin what, and what it may hold. */
#include "plugin/slate.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

static struct slate *slate_of(void) {
    struct err err;
    int fd;
    struct slate *slate = slate_create(&fd, &err);
    cr_assert_not_null(slate);
    close(fd);
    return slate;
}

Test(slate, what_is_recalled_does_not_begin) {
    struct slate *slate = slate_of();
    slate_begin(slate, 7);
    cr_assert_not(slate_claim(slate, 6), "of an older batch");
    cr_assert(slate_claim(slate, 7));
    cr_assert(slate_claim(slate, 7));
    cr_assert_eq(slate_begun(slate), 2);
    cr_assert_eq(slate_recall(slate), 2);
    cr_assert_not(slate_claim(slate, 7));
    slate_begin(slate, 8);
    cr_assert_not(slate_claim(slate, 7));
    cr_assert(slate_claim(slate, 8));
    slate_leave(slate);
}

/* Heard between two calls, the time of the first would be taken from the second. */
Test(slate, an_answer_ends_the_time_of_its_call) {
    struct slate *slate = slate_of();
    slate_begin(slate, 1);
    slate_mark(slate);
    cr_assert_neq(atomic_load(&slate->since_ms), 0);
    cr_assert(slate_put(slate, "answer", 6));
    cr_assert_eq(atomic_load(&slate->since_ms), 0);
    slate_mark(slate);
    cr_assert_neq(atomic_load(&slate->since_ms), 0);
    slate_leave(slate);
}

Test(slate, is_bounded_whatever_it_says) {
    struct slate *slate = slate_of();
    unsigned char piece[1024] = {1};
    slate_begin(slate, 1);
    cr_assert(slate_put(slate, piece, 100));
    cr_assert_eq(slate_take(slate, 0, piece, sizeof piece), 100);
    cr_assert_eq(slate_take(slate, 100, piece, sizeof piece), 0);
    cr_assert_eq(slate_take(slate, 90, piece, 4), 4);
    atomic_store(&slate->filled, SLATE_ANSWERS + 1);
    cr_assert_eq(slate_take(slate, 0, piece, sizeof piece), 0);
    cr_assert_not(slate_put(slate, piece, 1));
    atomic_store(&slate->filled, SLATE_ANSWERS - 10);
    cr_assert_not(slate_put(slate, piece, 11));
    cr_assert(slate_put(slate, piece, 10));
    slate_leave(slate);
}

/* Its number may be someone else's file by the time that it would be closed again. */
Test(slate, without_address_space_nothing_is_left_to_close) {
    struct rlimit before, none;
    struct err err;
    cr_assert_eq(getrlimit(RLIMIT_AS, &before), 0);
    none = before;
    none.rlim_cur = 1;
    int next = dup(STDERR_FILENO), owned = -1;
    close(next);
    cr_assert_eq(setrlimit(RLIMIT_AS, &none), 0);
    const struct slate *none_made = slate_create(&owned, &err);
    cr_assert_eq(setrlimit(RLIMIT_AS, &before), 0);
    cr_assert_null(none_made);
    cr_assert_eq(err.code, ENOMEM, "%s", err.text);
    cr_assert_eq(owned, -1);
    cr_assert_eq(fcntl(next, F_GETFD), -1, "it was closed");
}

Test(slate, what_is_no_memory_cannot_be_joined) {
    struct err err;
    cr_assert_null(slate_join(-1, &err));
    cr_assert_eq(err.code, EBADF);
}
