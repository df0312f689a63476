/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mount/keychain.h"
#include "shim.h"

static char name[] = "media", server[] = "nas.local", user[] = "floof", empty[] = "";
static struct config_mount mount = {.name = name,
                                    .server = server,
                                    .username = user,
                                    .domain = empty,
                                    .credential = CONFIG_CREDENTIAL_KEYCHAIN};

static void begin(void) {
    mac_reset();
    if (geteuid() != 0)
        cr_skip_test("needs root");
}

TestSuite(keychain, .init = begin);

static void end(void) {
    cr_expect_eq(shim_live, 0, "%d objects are left", shim_live);
    cr_expect_eq(shim_over_released, 0);
    cr_expect_not(mac->leaked, "a password was given back unwiped");
}

static int read_it(char *password, size_t size, struct err *err) {
    struct credentials credentials = {0};
    int rc = keychain_read(&mount, &credentials, err);
    snprintf(password, size, "%s", rc == 0 ? credentials.password.bytes : "");
    credentials_wipe(&credentials);
    return rc;
}

static int store(const char *username, const char *password, struct err *err) {
    struct secret secret;
    cr_assert_eq(secret_alloc(&secret, NULL), 0);
    secret.len = strlen(password);
    memcpy(secret.bytes, password, secret.len);
    int rc = keychain_store(&mount, username, &secret, err);
    secret_wipe(&secret);
    return rc;
}

Test(keychain, stored_and_read) {
    char password[64];
    cr_assert_eq(store("", "s3cret", NULL), 0);
    cr_assert_eq(read_it(password, sizeof password, NULL), 0);
    cr_assert_str_eq(password, "s3cret");
    cr_assert_str_eq(mac->items[0].label, "smbmounter (media)");
    cr_assert_str_eq(mac->items[0].server, "nas.local");
    cr_assert_str_eq(mac->items[0].account, "floof");
    cr_assert_eq(mac->access_lists, 1);
    cr_assert_not(mac->asked_on_screen);
    end();
}

Test(keychain, replaced_in_place) {
    char password[64];
    cr_assert_eq(store("floof", "old", NULL), 0);
    cr_assert_eq(store("floof", "new", NULL), 0);
    cr_assert_eq(read_it(password, sizeof password, NULL), 0);
    cr_assert_str_eq(password, "new");
    cr_assert_eq(mac->access_lists, 1, "a new access list would ask on the screen");
    cr_assert_not(mac->items[1].there);
    end();
}

Test(keychain, an_item_of_another_build_is_made_anew) {
    char password[64];
    mac->items[0] = (struct mac_item){.there = true,
                                      .foreign = true,
                                      .server = "nas.local",
                                      .account = "floof",
                                      .password = "old"};
    struct err err = {0};
    cr_assert_eq(read_it(password, sizeof password, &err), -EACCES);
    cr_assert_not_null(strstr(err.text, "setup media"), "%s", err.text);
    cr_assert_eq(store("", "new", NULL), 0);
    cr_assert_eq(read_it(password, sizeof password, NULL), 0);
    cr_assert_str_eq(password, "new");
    end();
}

Test(keychain, every_error) {
    static const int statuses[] = {-25291, -25293, -25294, -25300, -25308, -25315, -128, -61, -1};
    char password[64];
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        struct err err = {0};
        mac->keychain_status = statuses[i];
        cr_expect_lt(read_it(password, sizeof password, &err), 0);
        cr_expect_neq(err.text[0], '\0');
        if (statuses[i] != -25300)
            cr_expect_lt(store("", "x", &err), 0);
        end();
    }
}

Test(keychain, needs_a_name) {
    struct err err = {0};
    char password[64];
    cr_assert_eq(store("other", "x", &err), -EINVAL);
    cr_assert_not_null(strstr(err.text, "username: other"), "%s", err.text);
    mount.username = empty;
    cr_assert_eq(read_it(password, sizeof password, &err), -EINVAL);
    end();
}

Test(keychain, a_nul_byte_is_no_password) {
    char password[64];
    cr_assert_eq(store("", "x", NULL), 0);
    mac->items[0].password[0] = '\0';
    cr_assert_eq(read_it(password, sizeof password, NULL), 0, "an empty one is one");
    end();
}
