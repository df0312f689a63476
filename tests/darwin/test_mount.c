/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The mount helper on the made-up Mac: its worker, its lock, and what the table shows after it. */
#include <criterion/criterion.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "mount/helper_parts.h"
#include "mount/lock.h"
#include "shim.h"

#define NOBODY "nobody"

static char root[] = "/run/smbmounter-darwin-XXXXXX";
static char mountpoint[128], runtime[128];
static char name[] = "media", server[] = "nas.local", share[] = "my share", user[] = "floof",
            source[] = "//nas.local/my share", fstype[] = "smbfs", empty[] = "", nobody[] = NOBODY;
static struct helper helper;
static int daemon_end;

static void begin(void) {
    int ends[2];
    mac_reset();
    if (geteuid() != 0)
        cr_skip_test("needs root");
    cr_assert_not_null(mkdtemp(root));
    snprintf(mountpoint, sizeof mountpoint, "%s/media", root);
    snprintf(runtime, sizeof runtime, "%s/run", root);
    cr_assert_eq(chmod(root, 0755), 0);
    cr_assert_eq(mkdir(mountpoint, 0755), 0);
    cr_assert_eq(mkdir(runtime, 0700), 0);
    mac->items[0] = (struct mac_item){
        .there = true, .server = "nas.local", .account = "floof", .password = "s3cret"};
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    helper = (struct helper){
        .fd = ends[0], .lock = -1, .folder = -1, .until_ms = clock_boot_ms() + 60000};
    daemon_end = ends[1];
    helper.request = (struct helper_request){.op = HELPER_MOUNT,
                                             .timeout_ms = 60000,
                                             .linger_ms = 100,
                                             .mount = {.name = name,
                                                       .server = server,
                                                       .share = share,
                                                       .mountpoint = mountpoint,
                                                       .username = user,
                                                       .domain = empty,
                                                       .local_user = empty,
                                                       .fstype = fstype,
                                                       .source = source,
                                                       .credential_path = empty,
                                                       .mounter = CONFIG_NETFS,
                                                       .credential = CONFIG_CREDENTIAL_KEYCHAIN,
                                                       .port = 445}};
    snprintf(helper.request.runtime_directory, sizeof helper.request.runtime_directory, "%s",
             runtime);
}

static void end(void) {
    char lock[160];
    snprintf(lock, sizeof lock, "%s/media.lock", runtime);
    (void)unlink(lock);
    (void)rmdir(runtime);
    (void)rmdir(mountpoint);
    (void)rmdir(root);
}

TestSuite(netfs, .init = begin, .fini = end, .timeout = 60);

/* The daemon's leave is in the socket before it is asked for. */
static void give_leave(bool refused) {
    unsigned char frame[LOGIN_LEAVE_FRAME_MAX];
    struct login_leave leave = {.refused = refused, .os_errno = 80};
    snprintf(leave.mount, sizeof leave.mount, "films");
    size_t len = login_encode_leave(HELPER_GO, &leave, frame, sizeof frame);
    cr_assert_eq(wire_write(daemon_end, frame, len), 0);
}

static enum helper_class mount_it(void) {
    give_leave(false);
    helper.lock = lock_take(runtime, name, NULL);
    cr_assert_geq(helper.lock, 0);
    helper_mount(&helper);
    helper_release_lock(&helper);
    return helper.result.class;
}

Test(netfs, mounted_where_asked) {
    cr_assert_eq(mount_it(), HELPER_OK, "%s", helper.result.text);
    cr_expect_eq(helper.result.mount_id, mac->mounts[1].id);
    cr_expect_str_eq(mac->last.url, "smb://floof@nas.local/my%20share");
    cr_expect_str_eq(mac->last.password, "s3cret");
    cr_expect_str_eq(mac->mounts[1].mountpoint, mountpoint);
    cr_expect_eq(mac->last.flags, 0x18);
    cr_expect_eq(mac->sessions, 1);
    cr_expect_neq(helper.result.session[0], '\0');
    cr_expect_null(strstr(helper.result.text, "s3cret"));
}

Test(netfs, an_adopted_mount_must_be_of_the_right_owner) {
    mac_mount("smbfs", "//floof@NAS.local/my%20share", mountpoint, 501);
    cr_assert_eq(mount_it(), HELPER_FOREIGN, "another user's mount: %s", helper.result.text);
    mac->mounts[1].owner = 0;
    helper.mountpoint[0] = '\0';
    cr_assert_eq(mount_it(), HELPER_OK, "%s", helper.result.text);
    cr_assert_eq(mac->calls, 0, "it was there already");
}

Test(netfs, becomes_the_user_for_good) {
    const struct passwd *who = getpwnam(NOBODY);
    struct stat st;
    cr_assert_not_null(who);
    helper.request.mount.local_user = nobody;
    cr_assert_eq(mount_it(), HELPER_OK, "%s", helper.result.text);
    cr_expect_eq(mac->session_uid, who->pw_uid);
    cr_expect_eq(mac->last.uid, who->pw_uid);
    cr_expect_eq(mac->last.euid, who->pw_uid);
    cr_expect_eq(mac->last.gid, who->pw_gid);
    cr_expect_not(mac->last.can_return, "there must be no way back to root");
    for (int i = 0; i < mac->last.groups_len; i++)
        cr_expect_neq(mac->last.groups[i], 0, "root's group is kept");
    cr_expect_eq(stat(mountpoint, &st), 0);
    cr_expect_eq(st.st_uid, who->pw_uid, "macOS lets only the owner of the folder mount");
    cr_expect_eq(geteuid(), 0, "the helper itself stays root");
}

Test(netfs, another_place_is_undone) {
    char other[160];
    snprintf(other, sizeof other, "%s-1", mountpoint);
    mac->other_place = other;
    cr_assert_eq(mount_it(), HELPER_CONFIG);
    cr_expect_not_null(strstr(helper.result.text, "that was undone"), "%s", helper.result.text);
    cr_expect_eq(mac->mounts_len, 1, "nothing is left at %s", other);
}

Test(netfs, codes_become_classes) {
    static const struct {
        int code;
        enum helper_class class;
        int calls;
    } cases[] = {{80, HELPER_AUTH, 1},     {60, HELPER_TRANSIENT, 1}, {1, HELPER_CONFIG, 1},
                 {2, HELPER_ABSENT, 1},    {-5999, HELPER_AUTH, 1},   {-6600, HELPER_AUTH, 3},
                 {-6602, HELPER_CONFIG, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        mac->codes[0] = cases[i].code;
        mac->codes_len = 1;
        mac->calls = 0;
        helper.mountpoint[0] = '\0';
        cr_expect_eq(mount_it(), cases[i].class, "%s", helper.result.text);
        cr_expect_eq(helper.result.os_errno, cases[i].code);
        cr_expect_eq(mac->calls, cases[i].calls, "%d", cases[i].code);
    }
}

Test(netfs, what_may_pass_is_tried_again) {
    mac->codes[0] = -6600;
    mac->codes[1] = 0;
    mac->codes_len = 2;
    cr_assert_eq(mount_it(), HELPER_OK, "%s", helper.result.text);
    cr_assert_eq(mac->calls, 2);
}

Test(netfs, a_login_that_was_refused_is_not_tried) {
    give_leave(true);
    helper.lock = lock_take(runtime, name, NULL);
    helper_mount(&helper);
    cr_assert_eq(helper.result.class, HELPER_AUTH);
    cr_assert_eq(helper.result.refusal, LOGIN_REFUSED_BEFORE);
    cr_assert_eq(mac->calls, 0);
    cr_assert_not_null(strstr(helper.result.text, "'films'"), "%s", helper.result.text);
}

Test(netfs, the_keychain_refuses) {
    mac->keychain_status = -25308;
    cr_assert_eq(mount_it(), HELPER_AUTH, "%s", helper.result.text);
    mac->keychain_status = -25300;
    helper.mountpoint[0] = '\0';
    cr_assert_eq(mount_it(), HELPER_CONFIG, "%s", helper.result.text);
    cr_assert_eq(mac->calls, 0);
}

Test(netfs, a_call_that_comes_late_keeps_the_lock_and_is_seen) {
    struct helper_look look;
    struct err err = {0};
    mac->takes_ms = 1500;
    helper.until_ms = clock_boot_ms() + 500;
    cr_assert_eq(mount_it(), HELPER_TRANSIENT);
    cr_expect_eq(helper.result.os_errno, ETIMEDOUT, "%s", helper.result.text);
    cr_expect_eq(mac->mounts_len, 1);
    cr_expect_eq(lock_take(runtime, name, &err), -EWOULDBLOCK, "nobody mounts beside it");
    cr_expect_gt(wait(NULL), 0); /* the worker */
    int lock = lock_take(runtime, name, NULL);
    cr_expect_geq(lock, 0);
    close(lock);
    cr_expect_eq(helper_look_at(&helper, &look), 0);
    cr_expect_eq(look.presence, MOUNT_OURS, "what came late is taken over");
}

static enum helper_class unmount_it(enum helper_op op) {
    helper.request.op = op;
    helper.request.mount_id = mac->mounts[1].id;
    helper.request.device = mac->mounts[1].device;
    helper.lock = lock_take(runtime, name, NULL);
    cr_assert_geq(helper.lock, 0);
    helper_unmount(&helper);
    return helper.result.class;
}

static void mounted(void) {
    mac_mount("smbfs", "//floof@nas.local/my%20share", mountpoint, 0);
}

Test(netfs, unmounted_by_force_at_once) {
    mounted();
    cr_assert_eq(unmount_it(HELPER_FORCE), HELPER_OK, "%s", helper.result.text);
    cr_assert_eq(mac->mounts_len, 1);
    cr_assert_eq(mac->unmounts, 1);
    cr_assert_eq(mac->unmounts_plain, 0, "a plain one may hang");
    cr_assert_not(mac->asked_for_holders, "so may that");
}

Test(netfs, unmounted_by_its_number_when_the_path_fails) {
    mounted();
    mac->unmount_code = EINVAL;
    cr_assert_eq(unmount_it(HELPER_FORCE), HELPER_OK, "%s", helper.result.text);
    cr_assert_eq(mac->unmounts_by_id, 1);
}

Test(netfs, another_unmount_at_work_is_not_joined) {
    mounted();
    mac->unmount_code = EBUSY;
    cr_assert_neq(unmount_it(HELPER_FORCE), HELPER_OK);
    cr_assert_eq(mac->unmounts_by_id, 0);
    cr_assert_eq(mac->unmounts, 1);
}

Test(netfs, a_foreign_mount_is_not_touched) {
    mac_mount("smbfs", "//floof@other.local/my%20share", mountpoint, 0);
    cr_assert_eq(unmount_it(HELPER_FORCE), HELPER_FOREIGN);
    cr_assert_eq(mac->unmounts, 0);
}

Test(netfs, another_fsid_is_not_touched) {
    mounted();
    helper.request.op = HELPER_FORCE;
    helper.request.mount_id = mac->mounts[1].id + 1;
    helper.lock = lock_take(runtime, name, NULL);
    helper_unmount(&helper);
    cr_assert_eq(helper.result.class, HELPER_FOREIGN);
    cr_assert_eq(mac->unmounts, 0);
}

/* SIGKILL does not end a real one that hangs, so there the lock stays for longer than here. */
Test(netfs, a_stuck_unmount_is_told_and_never_doubled) {
    mounted();
    mac->unmount_takes_ms = 30000;
    helper.until_ms = clock_boot_ms() + 400;
    cr_assert_eq(unmount_it(HELPER_FORCE), HELPER_TRANSIENT);
    cr_expect_not_null(strstr(helper.result.text, "still hangs"), "%s", helper.result.text);
    cr_expect_eq(mac->unmounts, 1);
    cr_expect_leq(mac->most_at_once, 1);
}
