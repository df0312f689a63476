/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "mount/login.h"

static const unsigned char key[SIPHASH_KEY] = "0123456789abcdef";

static uint32_t number_of(const unsigned char *with, const char *user, const char *domain,
                          const char *password) {
    static char bytes[SECRET_MAX];
    struct credentials c = {.password = {.bytes = bytes, .len = strlen(password)}};
    str_copy(bytes, sizeof bytes, password);
    str_copy(c.username, sizeof c.username, user);
    str_copy(c.domain, sizeof c.domain, domain);
    return login_number(with, &c);
}

Test(login, the_same_login_has_the_same_number) {
    uint32_t one = number_of(key, "floof", "", "secret");
    cr_assert_neq(one, 0);
    cr_assert_eq(one, number_of(key, "floof", "", "secret"));
    cr_assert_eq(one, number_of(key, "FLOOF", "", "secret"), "users have no case");
}

Test(login, another_user_domain_password_or_key_makes_another) {
    static const unsigned char other[SIPHASH_KEY] = "0123456789abcdeg";
    uint32_t one = number_of(key, "floof", "", "secret");
    cr_assert_neq(one, number_of(key, "floof", "", "Secret"));
    cr_assert_neq(one, number_of(key, "floof", "", "secret "));
    cr_assert_neq(one, number_of(key, "floo", "f", "secret"));
    cr_assert_neq(one, number_of(key, "floof", "home", "secret"));
    cr_assert_neq(one, number_of(key, "floo", "", "fsecret"));
    cr_assert_neq(one, number_of(other, "floof", "", "secret"));
    cr_assert_neq(number_of(key, "floof", "", ""), 0, "an empty password is one");
}

Test(login, without_a_password_or_a_key_there_is_no_number) {
    static const unsigned char none[SIPHASH_KEY];
    struct credentials guest = {.username = "floof"};
    cr_assert_eq(login_number(key, &guest), 0);
    cr_assert_eq(number_of(none, "floof", "", "secret"), 0);
}

Test(login, a_leave_arrives_whole_or_not_at_all) {
    unsigned char frame[LOGIN_LEAVE_FRAME_MAX];
    struct login_leave in = {.refused = true, .os_errno = EACCES}, out;
    memset(in.status, 'S', sizeof in.status - 1);
    memset(in.mount, 'm', sizeof in.mount - 1);
    size_t len = login_encode_leave(4, &in, frame, sizeof frame);
    cr_assert_gt(len, 0);
    for (size_t cut = 0; cut <= len - WIRE_HEAD; cut++) {
        struct wire_in payload = {.data = frame + WIRE_HEAD, .len = cut};
        cr_assert_eq(login_decode_leave(&payload, &out), cut == len - WIRE_HEAD ? 0 : -EPROTO);
    }
    cr_assert(out.refused && out.os_errno == EACCES);
    cr_assert_str_eq(out.status, in.status);
    cr_assert_str_eq(out.mount, in.mount);
}

Test(login, a_leave_with_more_than_its_places_hold_is_refused) {
    struct login_leave out;
    char word[LOGIN_STATUS_MAX + CONFIG_NAME_MAX + 1];
    memset(word, 'S', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    for (int which = 0; which < 2; which++) {
        unsigned char frame[4 * sizeof word];
        struct wire_out w;
        wire_begin(&w, frame, sizeof frame, 4);
        wire_put_u32(&w, 1);
        wire_put_u32(&w, EACCES);
        wire_put_str(&w, which == 0 ? word : "s");
        wire_put_str(&w, which == 1 ? word : "m");
        size_t len = wire_end(&w);
        cr_assert_gt(len, 0);
        struct wire_in payload = {.data = frame + WIRE_HEAD, .len = len - WIRE_HEAD};
        cr_assert_eq(login_decode_leave(&payload, &out), -EPROTO, "%d", which);
    }
}
