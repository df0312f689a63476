/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What is refused when a password is stored or read, and that no refusal leaves or shows one. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "mount/credential_parts.h"
#include "place.h"
#include "play.h"

static struct helper_request request;
static struct secret password;
static struct credentials got;
static struct err err;

static void set_up(void) {
    static char path[] = "/run/store/media", name[] = "media";
    place_set_up();
    mkdir("/run/store", 0700);
    play_request(&request, HELPER_MOUNT);
    request.mount.name = name;
    request.mount.credential = CONFIG_CREDENTIAL_FILE;
    request.mount.credential_path = path;
    cr_assert_eq(secret_alloc(&password, &err), 0);
    password.len = (size_t)sprintf(password.bytes, "hunter2");
}

static void tear_down(void) {
    credentials_wipe(&got);
    secret_wipe(&password);
}

TestSuite(store, .init = set_up, .fini = tear_down, .timeout = 60);

static void refused(const char *user, int code, const char *words) {
    cr_assert_eq(credentials_store(&request.mount, user, &password, &err), -code, "%s", err.text);
    cr_assert_not_null(strstr(err.text, words), "%s", err.text);
    cr_assert_null(strstr(err.text, "hunter2"), "%s", err.text);
    DIR *dir = opendir("/run/store");
    unsigned entries = 0;
    while (readdir(dir) != NULL)
        entries++;
    closedir(dir);
    cr_assert_eq(entries, 2, "it left a file");
}

static void put_password(const char *bytes, size_t len) {
    memcpy(password.bytes, bytes, len);
    password.len = len;
}

Test(store, where_it_does_not_belong) {
    static const struct {
        const char *path, *words;
        int code;
    } cases[] = {
        {"store/media", "absolute path", EINVAL},
        {"", "absolute path", EINVAL},
        {"/run/store/", "not the path of a file", EINVAL},
        {"/run/store/.", "not the path of a file", EINVAL},
        {"/run/store/..", "not the path of a file", EINVAL},
        {"/run/none/deep/media", "/run/none", ENOENT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[64];
        snprintf(path, sizeof path, "%s", cases[i].path);
        request.mount.credential_path = path;
        refused("bob", cases[i].code, cases[i].words);
    }
    static char longest[CONFIG_PATH_MAX + 1];
    memset(longest, 'a', sizeof longest - 1);
    longest[0] = '/';
    request.mount.credential_path = longest;
    refused("bob", EINVAL, "absolute path");
    cr_assert_neq(access("/run/none", F_OK), 0, "only the last folder is made");
}

/* Nobody but root may be able to put another file there. */
Test(store, in_a_folder_that_others_can_write) {
    cr_assert_eq(chmod("/run/store", 0770), 0);
    refused("bob", EPERM, "/run/store");
    cr_assert(chmod("/run/store", 0700) == 0 && chown("/run/store", 2, 2) == 0);
    refused("bob", EPERM, "/run/store");
}

Test(store, what_other_stores_hold) {
    request.mount.credential = CONFIG_CREDENTIAL_SYSTEMD;
    refused("bob", EINVAL, "mount 'media': its credential is neither");
    request.mount.credential = CONFIG_CREDENTIAL_GUEST;
    refused("bob", EINVAL, "mount 'media': its credential is neither");
    request.mount.credential = CONFIG_CREDENTIAL_KEYCHAIN;
    refused("bob", ENOTSUP, "macOS");
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), -ENOTSUP);
    request.mount.credential = (enum config_credential)99;
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), -EINVAL);
    cr_assert_null(got.password.bytes);
}

Test(store, users_that_would_be_something_else_in_the_options) {
    char user[CONFIG_USER_MAX + 1];
    refused("bob,uid=0", EINVAL, "comma");
    refused("bob\npassword=x", EINVAL, "control");
    refused("bob\x1b", EINVAL, "control");
    memset(user, 'u', sizeof user);
    user[CONFIG_USER_MAX] = '\0';
    refused(user, EINVAL, "too long");
}

/* Each of them would be read back as another password, or as more lines. */
Test(store, passwords_that_a_line_cannot_hold) {
    static char longest[SECRET_MAX];
    memset(longest, 'x', sizeof longest);
    put_password(longest, SECRET_MAX);
    refused("bob", EINVAL, "a password has");
    put_password("a\nb", 3);
    refused("bob", EINVAL, "newline");
    put_password("a\0b", 3);
    refused("bob", EINVAL, "NUL");
    put_password("ab\r", 3);
    refused("bob", EINVAL, "carriage return");
}

Test(store, an_empty_password_is_one) {
    put_password("", 0);
    cr_assert_eq(credentials_store(&request.mount, "bob", &password, &err), 0, "%s", err.text);
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), 0, "%s", err.text);
    cr_assert_not_null(got.password.bytes);
    cr_assert_eq(got.password.len, 0);
    cr_assert_str_eq(got.username, "bob");
}

/* A file beside the root folder is as good as any; and what was there and made no sense goes. */
Test(store, right_below_the_root) {
    static char path[] = "/smbmounter-test-credential";
    request.mount.credential_path = path;
    int rc = credentials_store(&request.mount, "bob", &password, &err);
    place_file(path, "nonsense\n", 9, 0600);
    int again = credentials_store(&request.mount, "eve", &password, &err);
    int read = credentials_read(&request.mount, 0, &got, &err);
    unlink(path);
    cr_assert(rc == 0 && again == 0 && read == 0, "%d %d %d %s", rc, again, read, err.text);
    cr_assert_str_eq(got.username, "eve");
}

Test(store, names_that_do_not_fit_the_mount_are_refused) {
    static char user[CONFIG_USER_MAX + 1], empty[] = "";
    memset(user, 'u', sizeof user - 1);
    place_file(request.mount.credential_path, "password=hunter2\n", 17, 0600);
    request.mount.username = user;
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), -EINVAL);
    request.mount.username = empty;
    request.mount.domain = user;
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), -EINVAL);
    cr_assert_not_null(strstr(err.text, "mount 'media'"), "%s", err.text);
    cr_assert_null(got.password.bytes);
}

Test(store, systemd_gives_one_that_is_closed_to_others) {
    static char name[] = "pw", none[] = "", hidden[] = ".pw", folder[] = "sub";
    mkdir("/run/given", 0700);
    mkdir("/run/given/sub", 0700);
    request.mount.credential = CONFIG_CREDENTIAL_SYSTEMD;
    request.mount.credential_path = name;
    setenv("CREDENTIALS_DIRECTORY", "run/given", 1);
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), -ENOENT, "not absolute");
    setenv("CREDENTIALS_DIRECTORY", "/run/nowhere", 1);
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), -ENOENT);
    setenv("CREDENTIALS_DIRECTORY", "/run/given", 1);
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), -ENOENT);
    cr_assert_not_null(strstr(err.text, "LoadCredential="), "%s", err.text);
    place_file("/run/given/pw", "hunter2", 7, 0404);
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), -EPERM);
    cr_assert_not_null(strstr(err.text, "closed to others"), "%s", err.text);
    request.mount.credential_path = folder;
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), -EPERM);
    request.mount.credential_path = none;
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), -EINVAL);
    request.mount.credential_path = hidden;
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), -EINVAL);
}

static int parse_any(const char *text, size_t len) {
    struct secret raw = {.bytes = (char *)(uintptr_t)text, .len = len};
    credentials_wipe(&got);
    return credential_parse_any(&raw, "vault", &got, &err);
}

Test(store, what_a_vault_gives) {
    cr_assert_eq(parse_any("hunter2\n", 8), 0);
    cr_assert_str_eq(got.password.bytes, "hunter2");
    cr_assert_eq(parse_any("password=x\n", 11), 0);
    cr_assert_str_eq(got.password.bytes, "x");
    cr_assert_eq(parse_any("", 0), 0);
    cr_assert_eq(got.password.len, 0);
    cr_assert_eq(parse_any("\n", 1), 0);
    cr_assert_eq(got.password.len, 0);
    cr_assert_eq(parse_any("hunter2\r\n", 9), -EINVAL);
    cr_assert_not_null(strstr(err.text, "Windows"), "%s", err.text);
    cr_assert_null(strstr(err.text, "hunter2"));
    cr_assert_eq(parse_any("\r", 1), -EINVAL);
    cr_assert_eq(parse_any("hunter2\n\n", 9), -EINVAL);
    cr_assert_null(strstr(err.text, "hunter2"));
}

/* The writer is slow, but gets there in time; one that is too slow is told so. */
Test(store, a_slow_writer) {
    struct secret raw;
    int ends[2];
    cr_assert_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    cr_assert_eq(write(ends[1], "hun", 3), 3);
    cr_assert_eq(credential_slurp(ends[0], clock_boot_ms() + 50, "vault", &raw, &err), -ETIMEDOUT);
    cr_assert_null(raw.bytes);
    cr_assert_not_null(strstr(err.text, "vault: gave no password in time"), "%s", err.text);
    cr_assert_eq(write(ends[1], "ter2", 4), 4);
    close(ends[1]);
    cr_assert_eq(credential_slurp(ends[0], clock_boot_ms() + 5000, "vault", &raw, &err), 0);
    cr_assert_eq(raw.len, 4);
    secret_wipe(&raw);
    close(ends[0]);
    int folder = open("/run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_eq(credential_slurp(folder, clock_boot_ms() + 5000, "vault", &raw, &err), -EISDIR);
    close(folder);
}
