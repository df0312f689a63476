/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Which folders a mount may go to, and to whom they are given. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "mount/mountpoint.h"
#include "mount/table.h"
#include "os/os.h"
#include "place.h"
#include "stage.h"

/* Lines that the helper finds in the mount table, beside what is really mounted. */
static char more[512];
int __real_os_mount_table_text(char **text, size_t *len, struct err *err);
int __wrap_os_mount_table_text(char **text, size_t *len, struct err *err);

int __wrap_os_mount_table_text(char **text, size_t *len, struct err *err) {
    int rc = __real_os_mount_table_text(text, len, err);
    if (rc != 0 || more[0] == '\0')
        return rc;
    *text = realloc(*text, *len + sizeof more);
    if (*text == NULL)
        abort();
    memcpy(*text + *len, more, strlen(more) + 1);
    *len += strlen(more);
    return 0;
}

TestSuite(mountpoint, .init = stage_set_up, .timeout = 60);

static uid_t owner_of(const char *path) {
    struct stat st;
    cr_assert_eq(stat(path, &st), 0);
    return st.st_uid;
}

Test(mountpoint, refuses_a_folder_that_is_not_empty_or_not_ours) {
    mkdir(AT, 0755);
    place_file(AT "/letter", "x", 1, 0600);
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_CONFIG);
    cr_assert_not_null(strstr(done.result.text, "1 entries, e.g. 'letter'"), "%s",
                       done.result.text);
    chmod(AT, 0750);
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_CONFIG);
    cr_assert_null(strstr(done.result.text, "letter"), "%s", done.result.text);
    unlink(AT "/letter");
    cr_assert_eq(chown(AT, 2, 2), 0);
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_CONFIG);
    cr_assert_not_null(strstr(done.result.text, "uid 2"), "%s", done.result.text);
    rmdir(AT);
    rmdir("/run/m");
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_ABSENT, "the folder above may come late");
    cr_assert_not_null(strstr(done.result.text, "/run/m "), "%s", done.result.text);
    cr_assert_eq(stage_depth(), 0);
}

Test(mountpoint, follows_symlinks_of_the_configured_path_once) {
    static char link[] = "/run/link/.//../m/media";
    cr_assert_eq(symlink("m", "/run/link"), 0);
    request.mount.mountpoint = link;
    stage_mount_ours();
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_OK);
    cr_assert_not(done.ready);
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_OK);
    cr_assert_eq(symlink("loop", "/run/loop"), 0);
    static char loop[] = "/run/loop/media";
    request.mount.mountpoint = loop;
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_CONFIG);
}

/* A command takes the path as it stands at that moment. */
Test(mountpoint, a_command_is_not_led_elsewhere) {
    static char down[] = "/run/down";
    static char *command[] = {down};
    place_script(down, "touch /run/went; exec umount \"$SMBMOUNTER_MOUNTPOINT\"");
    request.mount.unmount_command = (struct config_words){command, 1};
    stage_mount_ours();
    cr_assert_eq(chown("/run/m", 2, 2), 0);
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_OK, "%s", done.result.text);
    cr_assert_neq(access("/run/went", F_OK), 0, "unmounted without the command");
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_CONFIG);
    cr_assert_not_null(strstr(done.result.text, "/run/m,"), "%s", done.result.text);
    cr_assert_eq(stage_depth(), 0);
    cr_assert(chown("/run/m", 0, 0) == 0 && chmod("/run/m", 0775) == 0);
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_CONFIG, "writable by a group");
    cr_assert_eq(chmod("/run/m", 01777), 0);
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_OK, "sticky, and the folder in it is root's");
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_OK);
    cr_assert_eq(access("/run/went", F_OK), 0);
}

/* What a local user can do to a configured path in a folder of his own. */
Test(mountpoint, a_users_symlink_leads_root_nowhere) {
    static char user[] = "daemon", at[] = "/run/home/nas", below[] = "/run/home/nas/sub";
    mkdir("/run/home", 0755);
    mkdir("/run/victim", 0755);
    mkdir("/run/victim/sub", 0755);
    cr_assert_eq(symlink("/run/victim", at), 0);
    cr_assert_eq(chown("/run/home", 1, 1), 0);
    request.mount.local_user = user;
    for (int round = 0; round < 4; round++) {
        request.mount.mountpoint = round % 2 == 0 ? at : below;
        /* First a link of root's in his folder, then his own. */
        if (round == 2)
            cr_assert_eq(lchown(at, 1, 1), 0);
        cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_CONFIG);
        cr_assert_eq(done.result.os_errno, ELOOP);
        cr_assert_not_null(strstr(done.result.text, "give the real path"), "%s", done.result.text);
    }
    cr_assert_eq(chown("/run/home", 0, 0), 0);
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_CONFIG, "his link in a folder of root's");
    cr_assert_eq(lchown(at, 0, 0), 0);
    cr_assert_eq(chmod("/run/home", 0775), 0);
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_CONFIG, "a folder that a group can write");
    cr_assert_eq(owner_of("/run/victim"), 0);
    cr_assert_eq(owner_of("/run/victim/sub"), 0);
}

Test(mountpoint, a_folder_behind_a_symlink_is_not_given_away) {
    static char user[] = "daemon", at[] = "/run/link/media";
    cr_assert_eq(symlink("m", "/run/link"), 0);
    mkdir(AT, 0755);
    request.mount.local_user = user;
    request.mount.mountpoint = at;
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_CONFIG);
    cr_assert_not_null(strstr(done.result.text, "chown daemon " AT), "%s", done.result.text);
    cr_assert_eq(owner_of(AT), 0);
    rmdir(AT);
    stage_mount_ours(); /* what is made now may be given */
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_OK);
    cr_assert_eq(owner_of(AT), 1);
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_OK, "%s", done.result.text);
}

Test(mountpoint, gives_an_empty_folder_of_roots_to_local_user) {
    static char user[] = "daemon", at[] = "//run//m/media/";
    mkdir(AT, 0755);
    request.mount.local_user = user;
    request.mount.mountpoint = at;
    stage_mount_ours();
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_OK);
    cr_assert_eq(owner_of(AT), 1);
}

Test(mountpoint, gives_the_mountpoint_to_local_user) {
    static char user[] = "daemon";
    request.mount.local_user = user;
    stage_mount_ours();
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_OK);
    cr_assert_eq(owner_of(AT), 1);
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_OK, "%s", done.result.text);
}

Test(mountpoint, an_account_that_may_come_is_waited_for) {
    static char user[] = "no-such-user";
    request.mount.local_user = user;
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_ABSENT, "%s", done.result.text);
}

/* Between READY and the daemon's leave there may be minutes. */
static enum helper_class comes_before_the_leave(const char *file) {
    unsigned char frame[4096];
    struct wire_in payload;
    const struct login_leave leave = {.refused = false};
    uint32_t type;
    int fd;
    pid_t helper = play_start(&request, &fd);
    cr_assert_eq(wire_read(fd, frame, sizeof frame, &type, &payload), 0);
    cr_assert_eq(type, HELPER_READY);
    place_file(file, "x", 1, 0644);
    cr_assert_eq(play_leave(fd, &leave), 0);
    cr_assert_eq(wire_read(fd, frame, sizeof frame, &type, &payload), 0);
    cr_assert_eq(type, HELPER_RESULT);
    cr_assert_eq(helper_decode_result(&payload, &done.result), 0);
    waitpid(helper, NULL, 0);
    close(fd);
    return done.result.class;
}

Test(mountpoint, what_comes_into_it_before_the_leave_is_not_hidden) {
    mkdir(AT, 0755);
    cr_assert_eq(comes_before_the_leave(AT "/letter"), HELPER_CONFIG, "%s", done.result.text);
    cr_assert_not_null(strstr(done.result.text, "'letter'"), "%s", done.result.text);
    cr_assert_eq(stage_depth(), 0);
    unlink(AT "/letter");
    cr_assert_eq(comes_before_the_leave("/run/m/beside"), HELPER_OK, "%s", done.result.text);
}

static int prepare(char *configured, const char *resolved, char note[256]) {
    static struct err err;
    uid_t owner;
    note[0] = '\0';
    request.mount.mountpoint = configured;
    int fd = mountpoint_prepare(&request.mount, resolved, &owner, note, 256, &err);
    if (fd >= 0)
        close(fd);
    else
        str_copy(note, 256, err.text);
    return fd < 0 ? fd : 0;
}

Test(mountpoint, is_made_only_where_root_alone_can) {
    static char at[] = AT;
    char note[256];
    static const struct {
        uid_t uid;
        mode_t mode;
        int rc;
    } cases[] = {
        {2, 0755, -EPERM}, {0, 0775, -EPERM}, {0, 0757, -EPERM}, {0, 01777, -EPERM}, {0, 0755, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_assert(chown("/run/m", cases[i].uid, 0) == 0 && chmod("/run/m", cases[i].mode) == 0);
        cr_assert_eq(prepare(at, AT, note), cases[i].rc, "%s", note);
        cr_assert_eq(access(AT, F_OK) == 0, cases[i].rc == 0);
        cr_assert_not_null(strstr(note, cases[i].rc == 0 ? "created" : "mkdir " AT), "%s", note);
    }
}

Test(mountpoint, right_below_the_root_is_made) {
    static char at[] = "/smbmounter-test-mountpoint";
    char note[256];
    rmdir(at);
    int rc = prepare(at, at, note), made = rmdir(at);
    cr_assert_eq(rc, 0, "%s", note);
    cr_assert_eq(made, 0);
}

Test(mountpoint, a_full_folder_is_counted_up_to_an_end) {
    static char at[] = AT;
    char note[256], path[64];
    mkdir(AT, 0755);
    for (int i = 0; i < 1001; i++) {
        snprintf(path, sizeof path, AT "/%d", i);
        cr_assert_eq(mkdir(path, 0755), 0);
    }
    cr_assert_eq(prepare(at, AT, note), -ENOTEMPTY);
    cr_assert_not_null(strstr(note, "1000 or more entries, e.g. '"), "%s", note);
    static const mode_t closed[] = {0754, 0751, 0750};
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++) {
        cr_assert_eq(chmod(AT, closed[i]), 0);
        cr_assert_eq(prepare(at, AT, note), -ENOTEMPTY);
        cr_assert_null(strstr(note, "e.g."), "%o: %s", (unsigned)closed[i], note);
    }
}

/* What was there already is given to the user only if the path is written as it is. */
Test(mountpoint, only_the_real_path_gives_a_folder_away) {
    static char user[] = "daemon";
    static const struct {
        const char *configured;
        bool given;
    } cases[] = {{AT, true},
                 {"/run//m/media//", true},
                 {"/run/m/medi", false},
                 {"/run/m/media2", false},
                 {"/run/./m/media", false},
                 {"/run/m/../m/media", false},
                 {"/", false}};
    request.mount.local_user = user;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char configured[64], note[256];
        str_copy(configured, sizeof configured, cases[i].configured);
        mkdir(AT, 0755);
        cr_assert_eq(chown(AT, 0, 0), 0);
        cr_assert_eq(prepare(configured, AT, note), cases[i].given ? 0 : -EPERM, "%s: %s",
                     configured, note);
        cr_assert_eq(owner_of(AT), cases[i].given ? 1 : 0);
    }
}

/* What is really a tmpfs is said to be a mount like this. */
static void pretend(const char *path, const char *fstype, const char *options) {
    struct mount_table t;
    more[0] = '\0';
    cr_assert_eq(mount_table_read(&t, NULL), 0);
    snprintf(more, sizeof more, "9990 %llu 0:999 / %s rw - %s there %s\n",
             (unsigned long long)mount_table_holding(&t, path)->id, path, fstype, options);
    mount_table_finish(&t);
}

Test(mountpoint, a_command_goes_nowhere_on_the_word_of_a_server) {
    static const struct {
        const char *fstype, *options;
        enum helper_class class;
    } cases[] = {
        {"fuse.sshfs", "rw,user_id=1000,group_id=0", HELPER_CONFIG},
        {"fuse", "rw", HELPER_CONFIG},
        {"fuse", "rw,user_id=01", HELPER_CONFIG},
        {"nfs4", "rw,vers=4.2", HELPER_CONFIG},
        {"cifs", "rw,uid=0", HELPER_CONFIG},
        {"fuse.sshfs", "rw,user_id=0,group_id=0", HELPER_CONFIG},
        {"fuse.mergerfs", "rw,user_id=0,group_id=0", HELPER_OK},
        {"ext4", "rw", HELPER_OK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pretend("/run/m", cases[i].fstype, cases[i].options);
        cr_assert_eq(stage_do(HELPER_MOUNT), cases[i].class, "%zu: %s", i, done.result.text);
        if (cases[i].class == HELPER_CONFIG)
            cr_assert_not_null(strstr(done.result.text, "mount on /run/m says"), "%s",
                               done.result.text);
        more[0] = '\0';
        if (cases[i].class == HELPER_OK)
            cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_OK);
        cr_assert_eq(stage_depth(), 0);
    }
}

Test(mountpoint, a_link_on_the_word_of_a_server_is_not_followed) {
    static char at[] = "/run/there/link";
    mkdir("/run/there", 0755);
    cr_assert_eq(symlink(AT, at), 0);
    request.mount.mountpoint = at;
    pretend("/run/there", "nfs", "rw");
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_CONFIG, "%s", done.result.text);
    cr_assert_eq(done.result.os_errno, ELOOP);
    cr_assert_eq(stage_depth(), 0);
    pretend("/run/there", "xfs", "rw");
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_OK, "%s", done.result.text);
}
