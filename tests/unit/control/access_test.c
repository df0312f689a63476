/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Who may do what: every command for every kind of peer. */
#include <criterion/criterion.h>
#include <string.h>

#include "control/access.h"

#define ADMINS 27

static const struct os_peer nobody = {.uid = 65534, .gid = 65534};
static const struct os_peer primary = {.uid = 1000, .gid = ADMINS};
static const struct os_peer root = {.uid = 0, .gid = 0};

static struct os_peer member(size_t groups) {
    struct os_peer peer = {.uid = 1000, .gid = 1000, .groups_len = groups};
    for (size_t i = 0; i < groups; i++)
        peer.groups[i] = (gid_t)(2000 + i);
    peer.groups[groups - 1] = ADMINS;
    return peer;
}

Test(access, what_changes_something_is_denied_to_nobody) {
    static const enum command changing[] = {COMMAND_MOUNT, COMMAND_UNMOUNT, COMMAND_RELOAD,
                                            COMMAND_PROBE};
    struct os_peer admin = member(17);
    for (size_t i = 0; i < sizeof changing / sizeof changing[0]; i++) {
        cr_expect_not(access_allowed(changing[i], &nobody, ADMINS));
        cr_expect_not(access_allowed(changing[i], &nobody, ACCESS_NO_GROUP));
        cr_expect(access_allowed(changing[i], &admin, ADMINS));
        cr_expect_not(access_allowed(changing[i], &admin, ACCESS_NO_GROUP));
        cr_expect(access_allowed(changing[i], &primary, ADMINS));
        cr_expect(access_allowed(changing[i], &root, ADMINS));
        cr_expect(access_allowed(changing[i], &root, ACCESS_NO_GROUP));
    }
}

Test(access, every_row_says_who_may) {
    struct os_peer admin = member(1);
    for (unsigned i = 0; i < COMMAND_COUNT; i++) {
        const struct command_row *row = &command_table[i];
        bool anyone = row->access == COMMAND_ANYONE, remote = row->where == COMMAND_REMOTE;
        bool admins = row->access == COMMAND_ADMIN;
        cr_assert(anyone || admins || row->access == COMMAND_ROOT, "%s", row->name);
        cr_expect_eq(access_allowed((enum command)i, &nobody, ADMINS), remote && anyone, "%s",
                     row->name);
        cr_expect_eq(access_allowed((enum command)i, &admin, ADMINS), remote && (anyone || admins),
                     "%s", row->name);
        cr_expect_eq(access_allowed((enum command)i, &root, ADMINS), remote, "%s", row->name);
    }
    cr_expect_not(access_allowed(COMMAND_COUNT, &root, ADMINS), "unknown is denied");
}

Test(access, each_right_covers_what_it_says) {
    struct os_peer admin = member(3);
    cr_expect(access_permits(COMMAND_ANYONE, &nobody, ADMINS));
    cr_expect_not(access_permits(COMMAND_ADMIN, &nobody, ADMINS));
    cr_expect(access_permits(COMMAND_ADMIN, &admin, ADMINS));
    cr_expect_not(access_permits(COMMAND_ROOT, &admin, ADMINS));
    cr_expect(access_permits(COMMAND_ROOT, &root, ADMINS));
    cr_expect_not(access_permits((enum command_access)77, &root, ADMINS));
}

Test(access, a_group_of_no_number_is_nobodys) {
    struct os_peer strange = {.uid = 1000, .gid = (gid_t)-1};
    cr_expect_not(access_is_admin(&strange, ACCESS_NO_GROUP));
}

Test(access, places_are_kept_for_root_and_admins) {
    struct access_load quiet = {0}, crowd = {.total = 56, .ordinary = 56};
    struct access_load full = {.total = 64}, greedy = {.total = 8, .ordinary = 8, .of_user = 8};
    cr_expect_null(access_refusal(&quiet, 1000, false));
    cr_expect_not_null(access_refusal(&crowd, 1000, false));
    cr_expect_null(access_refusal(&crowd, 1000, true));
    cr_expect_null(access_refusal(&crowd, 0, true));
    cr_expect_not_null(access_refusal(&full, 0, true));
    cr_expect_not_null(access_refusal(&greedy, 1000, false));
    cr_expect_not_null(access_refusal(&greedy, 1000, true));
    cr_expect_null(access_refusal(&greedy, 0, true));
    greedy.of_user = 7;
    cr_expect_null(access_refusal(&greedy, 1000, false));
}

Test(access, no_mix_of_users_takes_the_last_places) {
    /* 100 ordinary users who take all that they are given. */
    struct access_load load = {0};
    for (uid_t uid = 1000; uid < 1100; uid++)
        for (load.of_user = 0; access_refusal(&load, uid, false) == NULL; load.of_user++)
            load.total++, load.ordinary++;
    cr_expect_eq(load.total, ACCESS_CLIENTS_MAX - ACCESS_RESERVED);
    load.of_user = 0;
    cr_expect_null(access_refusal(&load, 0, true));
}

Test(access, commands_are_found_by_exact_name) {
    for (unsigned i = 0; i < COMMAND_COUNT; i++) {
        const char *name = command_table[i].name;
        cr_expect_eq(command_find(name, strlen(name)), i);
        cr_expect_eq(command_find(name, strlen(name) - 1), COMMAND_COUNT, "%s", name);
    }
    cr_expect_eq(command_find("", 0), COMMAND_COUNT);
    for (unsigned e = 0; e < CONTROL_ERROR_COUNT; e++) {
        const char *name = control_error_name((enum control_error)e);
        cr_expect_eq(control_error_parse(name, strlen(name)), e);
        cr_expect_eq(control_error_status((enum control_error)e), (int)e);
    }
}
