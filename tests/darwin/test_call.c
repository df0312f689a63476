/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The one call of NetFS: what it is given, what comes back, and that nothing is left behind. */
#include <criterion/criterion.h>
#include <string.h>

#include "mount/netfs.h"
#include "shim.h"

TestSuite(call, .init = mac_reset);

static const struct netfs_request plain = {.url = "smb://floof@nas.local/my%20share",
                                           .mountpoint = "/Volumes/media",
                                           .user = "WORK\\floof",
                                           .password = "s3cret \xc3\xa9",
                                           .local_user = "",
                                           .flags = 0x18};
static char path[1024];

static void nothing_is_left(void) {
    cr_expect_eq(shim_live, 0, "%d objects are left", shim_live);
    cr_expect_eq(shim_over_released, 0);
}

Test(call, options) {
    cr_assert_eq(netfs_call(&plain, path, sizeof path), 0);
    const struct mac_call *last = &mac->last;
    cr_expect_str_eq(path, "/Volumes/media");
    cr_expect_str_eq(last->url, plain.url);
    cr_expect_str_eq(last->mountpoint, plain.mountpoint);
    cr_expect_str_eq(last->user, "WORK\\floof");
    cr_expect_str_eq(last->password, plain.password);
    cr_expect(last->no_ui && last->mount_no_ui, "nothing may wait for the screen");
    cr_expect(last->soft, "absent it would be soft too, but it is said");
    cr_expect(last->at_dir, "never /Volumes/media-1");
    cr_expect(last->loopback);
    cr_expect(last->new_session && last->mount_new_session);
    cr_expect(last->no_preferences);
    cr_expect_not(last->guest);
    cr_expect_eq(last->flags, 0x18);
    nothing_is_left();
}

Test(call, guest) {
    struct netfs_request request = plain;
    request.user = "";
    request.password = NULL;
    cr_assert_eq(netfs_call(&request, path, sizeof path), 0);
    cr_expect(mac->last.guest);
    cr_expect_str_eq(mac->last.user, "");
    cr_expect_str_eq(mac->last.password, "");
    nothing_is_left();
}

Test(call, every_code_passes_through) {
    static const int codes[] = {80, 60, 65, 2, 17, 1, -6600, -5045, -128};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        mac->codes[0] = codes[i];
        mac->codes_len = 1;
        cr_expect_eq(netfs_call(&plain, path, sizeof path), codes[i]);
        cr_expect_str_eq(path, "");
        nothing_is_left();
    }
}

Test(call, what_is_no_url_is_not_asked) {
    struct netfs_request request = plain;
    request.url = "smb://nas.local/my share";
    cr_expect_eq(netfs_call(&request, path, sizeof path), 22);
    request.url = "smb://nas.local/%zz";
    cr_expect_eq(netfs_call(&request, path, sizeof path), 22);
    request = plain;
    request.password = "\xff\xfe";
    cr_expect_eq(netfs_call(&request, path, sizeof path), 22);
    cr_expect_eq(mac->calls, 0);
    nothing_is_left();
}
