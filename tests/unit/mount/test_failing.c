/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Each call into the system of what a helper does fails once. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fail.h"
#include "mount/credential_parts.h"
#include "mount/lock.h"
#include "mount/mountpoint.h"
#include "mount/process.h"
#include "place.h"
#include "stage.h"

#define CREDENTIAL "/run/secret/media"
#define CALLS 150 /* more than any helper makes here */

static struct err err;
static long helper_fails = -1; /* the call of the helper that does */

int play_in_child(int (*helper)(void)) {
    if (helper_fails >= 0)
        fail_after(helper_fails);
    int status = helper();
    (void)fail_end(); /* the coverage build has more to write */
    return status;
}

TestSuite(failing, .init = stage_set_up, .timeout = 110);

static int store(const char *text) {
    struct secret password;
    if (secret_alloc(&password, &err) != 0)
        return -err.code;
    strcpy(password.bytes, text);
    password.len = strlen(text);
    int rc = credentials_store(&request.mount, "bob", &password, &err);
    secret_wipe(&password);
    return rc;
}

static unsigned count_files(const char *folder) {
    unsigned count = 0;
    DIR *dir = opendir(folder);
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count - 2;
}

static void use_file(void) {
    static char path[] = CREDENTIAL;
    request.mount.credential = CONFIG_CREDENTIAL_FILE;
    request.mount.credential_path = path;
    mkdir("/run/secret", 0700);
}

static void must_be(const char *one, const char *other) {
    struct credentials got;
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), 0, "%s", err.text);
    const char *is = got.password.bytes;
    cr_assert(strcmp(is, one) == 0 || strcmp(is, other) == 0, "%s", is);
    credentials_wipe(&got);
}

Test(failing, a_stored_password_is_the_old_one_or_the_new_one) {
    use_file();
    cr_assert_eq(store("old"), 0, "%s", err.text);
    for (long n = 0;; n++) {
        fail_after(n);
        int rc = store("new");
        const char *call = fail_end();
        must_be("new", rc == 0 ? "new" : "old");
        /* Only what cannot be removed stays, and it is root's alone. */
        bool left = call != NULL && strcmp(call, "unlinkat") == 0;
        cr_assert(left || count_files("/run/secret") == 1, "call %ld (%s)", n, call);
        if (call == NULL)
            break;
        cr_assert_eq(store("old"), 0);
    }
}

Test(failing, a_folder_for_passwords_is_made) {
    use_file();
    rmdir("/run/secret");
    for (long n = 0;; n++) {
        fail_after(n);
        int rc = store("new");
        const char *call = fail_end();
        cr_assert(rc < 0 || count_files("/run/secret") == 1);
        unlink(CREDENTIAL);
        rmdir("/run/secret");
        if (call == NULL) {
            cr_assert_eq(rc, 0, "%s", err.text);
            break;
        }
    }
}

static int read_secret(void *context) {
    struct credentials got;
    (void)context;
    int rc = credentials_read(&request.mount, 0, &got, &err);
    if (rc != 0) {
        cr_assert_null(got.password.bytes);
        cr_assert_null(strstr(err.text, "hunter2"), "%s", err.text);
    }
    credentials_wipe(&got);
    return rc;
}

Test(failing, reading_a_password) {
    static char vault[] = "/run/vault", name[] = "pw";
    static char *command[] = {vault};
    use_file();
    place_file(CREDENTIAL, "password=hunter2\n", 17, 0600);
    cr_assert_geq(fail_each("a file", FAIL_PERHAPS, read_secret, NULL), 5);
    place_script(vault, "echo hunter2");
    request.mount.credential = CONFIG_CREDENTIAL_COMMAND;
    request.mount.credential_command = (struct config_words){command, 1};
    cr_assert_geq(fail_each("a command", FAIL_PERHAPS, read_secret, NULL), 8);
    mkdir("/run/given", 0700);
    place_file("/run/given/pw", "hunter2", 7, 0400);
    request.mount.credential = CONFIG_CREDENTIAL_SYSTEMD;
    request.mount.credential_path = name;
    setenv("CREDENTIALS_DIRECTORY", "/run/given", 1);
    cr_assert_geq(fail_each("systemd", FAIL_PERHAPS, read_secret, NULL), 5);
}

static int take(void *context) {
    (void)context;
    int fd = lock_take("/run/lock", "media", &err);
    if (fd >= 0)
        close(fd);
    return fd < 0 ? fd : 0;
}

Test(failing, a_lock) {
    cr_assert_geq(fail_each("a lock", FAIL_PERHAPS, take, NULL), 4);
    fail_after_with(2, EWOULDBLOCK);
    cr_assert_eq(take(NULL), -EWOULDBLOCK);
    fail_end();
    cr_assert_not_null(strstr(err.text, "still at work (pid "), "%s", err.text);
    static const char *const bad[] = {"", ".", "-a", "a/b", "a b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_eq(lock_take("/run/lock", bad[i], &err), -EINVAL, "%s", bad[i]);
    char name[CONFIG_NAME_MAX + 1];
    memset(name, 'a', sizeof name);
    name[CONFIG_NAME_MAX] = '\0';
    cr_assert_eq(lock_take("/run/lock", name, &err), -EINVAL);
    cr_assert_eq(lock_take("/run/nowhere", "media", &err), -ENOENT);
}

static int prepare(void *context) {
    char note[256];
    uid_t owner;
    (void)context;
    int fd = mountpoint_prepare(&request.mount, AT, &owner, note, sizeof note, &err);
    if (fd >= 0)
        close(fd);
    return fd < 0 ? fd : 0;
}

Test(failing, a_mountpoint) {
    static char user[] = "nobody";
    mkdir(AT, 0755);
    request.mount.local_user = user;
    for (long n = 0;; n++) {
        cr_assert_eq(chown(AT, 0, 0), 0);
        fail_after(n);
        int rc = prepare(NULL);
        const char *call = fail_end();
        if (call == NULL) {
            cr_assert_eq(rc, 0, "%s", err.text);
            break;
        }
        cr_assert_lt(rc, 0, "call %ld (%s)", n, call);
    }
    for (long n = 0;; n++) { /* made by us */
        rmdir(AT);
        fail_after(n);
        int rc = prepare(NULL);
        const char *call = fail_end();
        if (call == NULL) {
            cr_assert_eq(rc, 0, "%s", err.text);
            break;
        }
    }
}

static void clear(void) {
    while (umount2(AT, MNT_DETACH) == 0)
        continue;
    rmdir(AT);
}

/* What it says and what the table shows must agree; a helper that could not say anything must have
 * left what the next one can go on with. */
static void each_call_of(enum helper_op op, bool mounted_before) {
    signal(SIGPIPE, SIG_IGN); /* as the daemon does */
    for (long n = 0; n < CALLS; n++) {
        clear();
        if (mounted_before)
            stage_mount_ours();
        request.mount_id = mounted_before ? done.result.mount_id : 0;
        request.device = mounted_before ? done.result.device : 0;
        request.op = op;
        helper_fails = n;
        int rc = play(&request, &done);
        helper_fails = -1;
        size_t depth = stage_depth();
        cr_assert_leq(depth, 1, "call %ld", n);
        cr_assert(WIFEXITED(done.status), "call %ld: status %x", n, (unsigned)done.status);
        if (rc == 0 && done.result.class == HELPER_OK)
            cr_assert_eq(depth, op == HELPER_MOUNT || op == HELPER_HOLDERS, "call %ld: %s", n,
                         done.result.text);
        if (rc == 0 && done.result.class != HELPER_OK)
            cr_assert_neq(done.result.text[0], '\0');
    }
    cr_assert_eq(done.result.class, HELPER_OK, "there are more than %d calls", CALLS);
    request.mount_id = request.device = 0;
    clear();
    stage_mount_ours();
    clear();
}

Test(failing, a_helper_that_mounts) {
    each_call_of(HELPER_MOUNT, false);
}

Test(failing, a_helper_that_unmounts) {
    each_call_of(HELPER_UNMOUNT, true);
}
