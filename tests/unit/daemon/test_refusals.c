/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <errno.h>

#include "base/str.h"
#include "daemon/refusals.h"

static void note(struct refusals *r, uint32_t login, const char *mount, bool sure, uint64_t at_ms) {
    struct refusal refusal = {.login = login, .os_errno = EACCES, .at_ms = at_ms, .sure = sure};
    str_copy(refusal.mount, sizeof refusal.mount, mount);
    refusals_note(r, &refusal);
}

static void note_asked(struct refusals *r, uint32_t login, const char *mount, uint64_t at_ms) {
    note(r, login, mount, true, at_ms);
    r->items[r->len - 1].asked = true;
}

static bool may(const struct refusals *r, uint32_t login, const char *mount, uint64_t asked_ms) {
    return refusals_against(r, login, mount, asked_ms) == NULL;
}

Test(refusals, one_stops_every_mount_with_the_same_login) {
    struct refusals r = {.len = 0};
    cr_assert(may(&r, 1, "a", 0));
    note(&r, 1, "a", true, 1000);
    cr_assert_not(may(&r, 1, "a", 0));
    cr_assert_not(may(&r, 1, "b", 0));
    cr_assert_str_eq(refusals_against(&r, 1, "b", 0)->mount, "a");
    cr_assert(may(&r, 2, "b", 0), "another password is tried");
}

Test(refusals, what_has_no_number_is_never_stopped) {
    struct refusals r = {.len = 0};
    note(&r, 0, "a", true, 1000);
    cr_assert_eq(r.len, 0);
    cr_assert(may(&r, 0, "b", 0));
    cr_assert_not(refusals_clear(&r, 0));
}

Test(refusals, a_person_gets_one_real_try) {
    struct refusals r = {.len = 0};
    note(&r, 1, "a", true, 500);
    cr_assert(may(&r, 1, "b", 501), "what came by itself, at the start, is no command");
    note_asked(&r, 1, "a", 1000);
    cr_assert(may(&r, 1, "a", 1001), "the same mount at once");
    cr_assert_not(may(&r, 1, "b", 1001), "all of them, one after the other, are one try");
    cr_assert_not(may(&r, 1, "b", 1000 + REFUSALS_SAME_MS));
    cr_assert(may(&r, 1, "b", 1001 + REFUSALS_SAME_MS));
    note(&r, 1, "b", true, 20000);
    cr_assert_not(may(&r, 1, "a", 19999), "asked before that was known");
    cr_assert_not(may(&r, 1, "b", 19999));
}

Test(refusals, a_perhaps_counts_when_two_mounts_say_so) {
    struct refusals r = {.len = 0};
    note(&r, 1, "a", false, 1000);
    cr_assert(may(&r, 1, "b", 0));
    note(&r, 1, "a", false, 2000);
    cr_assert(may(&r, 1, "b", 0), "the same share twice may be the share");
    note(&r, 1, "b", false, 3000);
    cr_assert_not(may(&r, 1, "c", 0));
    note(&r, 1, "b", false, 4000);
    cr_assert_not(may(&r, 1, "c", 0), "what is known stays known");
}

Test(refusals, a_login_that_works_is_forgotten) {
    struct refusals r = {.len = 0};
    note(&r, 1, "a", true, 1000);
    note(&r, 2, "b", true, 1000);
    note(&r, 3, "c", true, 1000);
    cr_assert(refusals_clear(&r, 2));
    cr_assert_not(refusals_clear(&r, 2));
    cr_assert(may(&r, 2, "a", 0));
    cr_assert_not(may(&r, 1, "z", 0));
    cr_assert_not(may(&r, 3, "z", 0));
}

Test(refusals, of_too_many_the_oldest_is_forgotten) {
    struct refusals r = {.len = 0};
    for (uint32_t i = 1; i <= REFUSALS_MAX; i++)
        note(&r, i, "a", true, i);
    note(&r, 1, "a", true, 100); /* anew */
    note(&r, 1000, "a", true, 101);
    cr_assert_eq(r.len, REFUSALS_MAX);
    cr_assert(may(&r, 2, "a", 0));
    for (uint32_t i = 3; i <= REFUSALS_MAX; i++)
        cr_assert_not(may(&r, i, "a", 0));
    cr_assert_not(may(&r, 1, "a", 0));
}
