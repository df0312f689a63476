/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The memory shared with a plugin host: who may begin what, and what it may hold. */
#include "plugin/slate.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static struct err err;
static int fd;
static struct slate *slate;

static void make(void) {
    slate = slate_create(&fd, &err);
    cr_assert_not_null(slate, "%s", err.text);
}

static void leave(void) {
    slate_leave(slate);
    close(fd);
}

TestSuite(slate, .init = make, .fini = leave);

Test(slate, jobs_begin_one_by_one_until_recalled) {
    slate_begin(slate, 7);
    cr_assert_not(slate_claim(slate, 6), "a batch that is over");
    cr_assert(slate_claim(slate, 7));
    cr_assert(slate_claim(slate, 7));
    cr_assert_eq(slate_begun(slate), 2);
    cr_assert_eq(slate_recall(slate), 2);
    cr_assert_not(slate_claim(slate, 7));
    cr_assert_eq(slate_begun(slate), 2);
    slate_begin(slate, 8);
    cr_assert(slate_claim(slate, 8));
}

Test(slate, both_sides_see_the_answers) {
    char got[16];
    struct slate *host = slate_join(fd, &err);
    cr_assert_not_null(host);
    slate_begin(slate, 1);
    slate_mark(host);
    cr_assert_neq(atomic_load(&slate->since_ms), 0);
    cr_assert(slate_put(host, "first", 5));
    cr_assert_eq(atomic_load(&slate->since_ms), 0, "the next call has all its time");
    cr_assert(slate_put(host, "second", 6));
    cr_assert_eq(slate_take(slate, 0, got, sizeof got), 11);
    cr_assert_arr_eq(got, "firstsecond", 11);
    cr_assert_eq(slate_take(slate, 5, got, 3), 3, "no more than there is room for");
    cr_assert_arr_eq(got, "sec", 3);
    cr_assert_eq(slate_take(slate, 11, got, sizeof got), 0);
    slate_leave(host);
    slate_leave(NULL);
}

Test(slate, what_a_host_wrote_over_it_is_not_believed) {
    char got[16];
    slate_begin(slate, 1);
    cr_assert_not(slate_put(slate, got, SLATE_ANSWERS + 1u));
    atomic_store(&slate->filled, SLATE_ANSWERS - 2u);
    cr_assert_not(slate_put(slate, "abc", 3));
    atomic_store(&slate->filled, SLATE_ANSWERS + 1u);
    cr_assert_not(slate_put(slate, "", 0));
    cr_assert_eq(slate_take(slate, 0, got, sizeof got), 0);
}

/* Its number may be someone else's file by the time that it would be closed again. */
Test(slate, without_address_space_nothing_is_left_to_close, .init = NULL, .fini = NULL) {
    struct rlimit before, none;
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

Test(slate, what_is_no_memory_cannot_be_joined, .init = NULL, .fini = NULL) {
    cr_assert_null(slate_join(-1, &err));
    cr_assert_eq(err.code, EBADF);
}
