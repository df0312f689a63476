/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "mount/credential_parts.h"
#include "place.h"
#include "play.h"

static struct helper_request request;
static struct credentials got;
static struct err err;

static void set_up(void) {
    static char path[] = "/run/cred", name[] = "media", user[] = "config-user";
    place_set_up();
    play_request(&request, HELPER_MOUNT);
    request.mount.name = name;
    request.mount.username = user;
    request.mount.credential = CONFIG_CREDENTIAL_FILE;
    request.mount.credential_path = path;
}

static void tear_down(void) {
    credentials_wipe(&got);
}

TestSuite(credentials, .init = set_up, .fini = tear_down, .timeout = 60);

static int read_bytes(const char *bytes, size_t len) {
    credentials_wipe(&got);
    place_file("/run/cred", bytes, len, 0600);
    return credentials_read(&request.mount, 0, &got, &err);
}

static int read_text(const char *text) {
    return read_bytes(text, strlen(text));
}

Test(credentials, all_keys_and_their_other_names) {
    cr_assert_eq(read_text("# made by hand\n\nusername=bob\npassword=pw\ndomain=WORK\n"), 0);
    cr_assert_str_eq(got.username, "bob");
    cr_assert_str_eq(got.domain, "WORK");
    cr_assert_str_eq(got.password.bytes, "pw");
    cr_assert_eq(read_text("  user=bob\n\tpass=pw\ndom=WORK"), 0);
    cr_assert_str_eq(got.username, "bob");
    cr_assert_str_eq(got.domain, "WORK");
    cr_assert_str_eq(got.password.bytes, "pw");
}

Test(credentials, the_mount_names_the_user_when_the_file_does_not) {
    cr_assert_eq(read_text("password=pw"), 0);
    cr_assert_str_eq(got.username, "config-user");
}

Test(credentials, every_byte_of_a_password) {
    for (int byte = 1; byte < 256; byte++) {
        char text[] = "password=?b?\n", want[] = "?b?";
        text[9] = text[11] = want[0] = want[2] = (char)byte;
        if (byte == '\n' || byte == '\r')
            continue;
        cr_assert_eq(read_text(text), 0, "byte %d: %s", byte, err.text);
        cr_assert_str_eq(got.password.bytes, want, "byte %d", byte);
    }
    cr_assert_eq(read_text("password= a=b, \n"), 0);
    cr_assert_str_eq(got.password.bytes, " a=b, ");
    cr_assert_eq(read_text("password="), 0);
    cr_assert_eq(got.password.len, 0);
}

Test(credentials, what_is_refused_never_shows_a_secret) {
    static const struct {
        const char *text, *word;
    } cases[] = {
        {"username=bob\r\npassword=hunter2\r\n", "carriage return"},
        {"hunter2\n", "unknown key"},
        {"passwd=hunter2\n", "unknown key"},
        {"password =hunter2\n", "unknown key"},
        {"username=bob\n", "no password="},
        {"", "no password="},
        {"password=hunter2\npassword=hunter2\n", "twice"},
        {"password=hunter2\nusername=a,uid=0\n", "comma"},
        {"password=hunter2\nusername=a\x1b\n", "control"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_assert_eq(read_text(cases[i].text), -EINVAL, "'%s'", cases[i].text);
        cr_assert_not_null(strstr(err.text, cases[i].word), "%s", err.text);
        cr_assert_null(strstr(err.text, "hunter2"), "%s", err.text);
        cr_assert_null(got.password.bytes);
    }
    cr_assert_eq(read_bytes("password=a\0b", 12), -EINVAL);
}

Test(credentials, long_lines_and_files) {
    static char text[8192];
    memset(text, 'x', sizeof text);
    memcpy(text, "password=", 9);
    cr_assert_eq(read_bytes(text, 9 + SECRET_MAX - 1), 0);
    cr_assert_eq(got.password.len, SECRET_MAX - 1);
    cr_assert_eq(read_bytes(text, 9 + SECRET_MAX), -E2BIG);
    cr_assert_eq(read_bytes(text, CREDENTIAL_BYTES_MAX + 1), -E2BIG);
    cr_assert_eq(read_bytes(text, sizeof text), -E2BIG);
    memcpy(text, "username=", 9);
    cr_assert_eq(read_bytes(text, 9 + CONFIG_USER_MAX), -EINVAL);
}

Test(credentials, cut_at_every_byte) {
    static const char text[] = "username=bob\npassword=pw, x\ndomain=WORK\n";
    for (size_t len = 0; len < sizeof text; len++)
        if (read_bytes(text, len) == 0)
            cr_assert_eq(strncmp(got.password.bytes, "pw, x", got.password.len), 0);
}

Test(credentials, files_that_others_could_read_or_change) {
    static char link[] = "/run/link", fifo[] = "/run/fifo", below[] = "/run/open/cred";
    cr_assert_eq(read_text("password=pw"), 0);
    static const mode_t bad[] = {0640, 0604, 0660, 0666, 0620};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        credentials_wipe(&got);
        cr_assert_eq(chmod("/run/cred", bad[i]), 0);
        cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), -EPERM, "%o", bad[i]);
    }
    chmod("/run/cred", 0600);
    cr_assert_eq(chown("/run/cred", 1, 0), 0);
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), -EPERM);
    cr_assert_eq(symlink("/run/cred", link), 0);
    request.mount.credential_path = link;
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), -ELOOP);
    cr_assert_eq(mkfifo(fifo, 0600), 0);
    request.mount.credential_path = fifo;
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), -EINVAL);
    mkdir("/run/open", 0777);
    chmod("/run/open", 01777);
    place_file(below, "password=pw", 11, 0600);
    request.mount.credential_path = below;
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), -EPERM);
}

Test(credentials, a_missing_file_says_how_to_make_it) {
    static char none[] = "/run/none";
    request.mount.credential_path = none;
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), -ENOENT);
    cr_assert_not_null(strstr(err.text, "smbmounter setup media"));
}

Test(credentials, systemd) {
    static char name[] = "nas", outside[] = "../cred", link[] = "link";
    request.mount.credential = CONFIG_CREDENTIAL_SYSTEMD;
    request.mount.credential_path = name;
    unsetenv("CREDENTIALS_DIRECTORY");
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), -ENOENT);
    cr_assert_not_null(strstr(err.text, "LoadCredential=nas"));
    mkdir("/run/creds", 0700);
    setenv("CREDENTIALS_DIRECTORY", "/run/creds", 1);
    place_file("/run/creds/nas", "b are=, \n", 9, 0400);
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), 0, "%s", err.text);
    cr_assert_str_eq(got.password.bytes, "b are=, ");
    credentials_wipe(&got);
    place_file("/run/creds/nas", "username=x\npassword=pw\n", 23, 0400);
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), 0);
    cr_assert_str_eq(got.username, "x");
    cr_assert_str_eq(got.password.bytes, "pw");
    credentials_wipe(&got);
    place_file("/run/creds/nas", "one\ntwo\n", 8, 0400);
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), -EINVAL);
    place_file("/run/cred", "password=pw", 11, 0600);
    request.mount.credential_path = outside;
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), -EINVAL);
    cr_assert_eq(symlink("/run/cred", "/run/creds/link"), 0);
    request.mount.credential_path = link;
    cr_assert_lt(credentials_read(&request.mount, 0, &got, &err), 0);
}

static int run_script(const char *body, uint32_t limit_ms) {
    static char path[] = "/run/script", argument[] = "an arg";
    static char *items[] = {path, argument};
    struct config_words argv = {items, 2};
    credentials_wipe(&got);
    place_script(path, body);
    return credential_run(&argv, 0, limit_ms, &got, &err);
}

Test(credentials, a_command_prints_the_password) {
    cr_assert_eq(run_script("printf '%s' \"$1, = \"", 10000), 0, "%s", err.text);
    cr_assert_str_eq(got.password.bytes, "an arg, = ");
    cr_assert_eq(run_script("echo pw; echo noise >&2", 10000), 0);
    cr_assert_str_eq(got.password.bytes, "pw");
    cr_assert_eq(run_script("printf 'username=u\\npassword=p\\n'", 10000), 0);
    cr_assert_str_eq(got.username, "u");
}

Test(credentials, a_command_inherits_nothing) {
    setenv("SECRET_OF_THE_DAEMON", "x", 1);
    cr_assert_eq(run_script("env | grep -c -v -E '^(PATH|LANG|PWD|OLDPWD|SHLVL|_)='", 10000),
                 -ECHILD);
    cr_assert_eq(dup2(STDIN_FILENO, 50), 50);
    cr_assert_eq(run_script("[ ! -e /proc/$$/fd/50 ] && [ ! -e /proc/$$/fd/3 ] && echo pw", 10000),
                 0, "%s", err.text);
    cr_assert_eq(run_script("readlink /proc/$$/fd/0", 10000), 0);
    cr_assert_str_eq(got.password.bytes, "/dev/null");
}

Test(credentials, a_command_that_fails_hangs_or_floods) {
    cr_assert_eq(run_script("echo hunter2; exit 3", 10000), -ECHILD);
    cr_assert_not_null(strstr(err.text, "exit status 3"));
    cr_assert_null(strstr(err.text, "hunter2"));
    cr_assert_eq(run_script("kill -9 $$", 10000), -ECHILD);
    cr_assert_eq(run_script("true", 10000), -ENODATA);
    cr_assert_eq(run_script("head -c 5120 /dev/zero | tr '\\0' x", 10000), -E2BIG);
    cr_assert_eq(run_script("cat /dev/zero", 10000), -E2BIG);
    uint64_t start = clock_boot_ms();
    cr_assert_eq(run_script("echo $$ > /run/pid; sleep 100; echo pw", 300), -ETIMEDOUT);
    cr_assert_lt(clock_boot_ms() - start, 5000);
    cr_assert_eq(run_script("exec >&-; sleep 100", 300), -ETIMEDOUT);
    FILE *f = fopen("/run/pid", "r");
    int pid = 0;
    cr_assert_eq(fscanf(f, "%d", &pid), 1);
    fclose(f);
    cr_assert_eq(kill(pid, 0), -1, "the late command still runs");
}

Test(credentials, a_command_that_others_could_change_is_not_run) {
    static char path[] = "/run/script", relative[] = "script";
    static char *items[] = {path};
    struct config_words argv = {items, 1};
    place_script(path, "echo pw");
    chmod(path, 0775);
    cr_assert_eq(credential_run(&argv, 0, 1000, &got, &err), -EPERM);
    items[0] = relative;
    cr_assert_eq(credential_run(&argv, 0, 1000, &got, &err), -EINVAL);
}

/* Who owns the link would choose which of root's programs runs. */
Test(credentials, a_command_is_not_found_by_a_users_symlink) {
    static char theirs[] = "/run/home/link", open_to_all[] = "/run/open/link",
                roots[] = "/run/l/in";
    static char *items[] = {theirs};
    struct config_words argv = {items, 1};
    place_script("/run/script", "echo pw");
    cr_assert_eq(mkdir("/run/home", 0755), 0);
    cr_assert_eq(symlink("/run/script", theirs), 0);
    cr_assert_eq(chown("/run/home", 1234, 1234), 0);
    cr_assert_eq(credential_run(&argv, 0, 10000, &got, &err), -ELOOP, "%s", err.text);
    cr_assert_not_null(strstr(err.text, "/run/home/link is a symlink"), "%s", err.text);
    cr_assert_null(got.password.bytes);
    cr_assert_eq(mkdir("/run/open", 0777), 0);
    cr_assert_eq(chmod("/run/open", 01777), 0);
    cr_assert_eq(symlink("/run/script", open_to_all), 0);
    items[0] = open_to_all;
    cr_assert_eq(credential_run(&argv, 0, 10000, &got, &err), -ELOOP, "a sticky folder");
    cr_assert_eq(mkdir("/run/l", 0755), 0);
    cr_assert_eq(symlink("../script", roots), 0);
    items[0] = roots;
    cr_assert_eq(credential_run(&argv, 0, 10000, &got, &err), 0, "%s", err.text);
    cr_assert_str_eq(got.password.bytes, "pw");
    credentials_wipe(&got);
    cr_assert_eq(lchown(roots, 1234, 1234), 0);
    cr_assert_eq(credential_run(&argv, 0, 10000, &got, &err), -ELOOP, "a user's link of old");
}

Test(credentials, guest_has_none) {
    request.mount.credential = CONFIG_CREDENTIAL_GUEST;
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), 0);
    cr_assert_null(got.password.bytes);
}

Test(credentials, stored_is_read_back) {
    static char path[] = "/run/new/media";
    struct secret password;
    struct stat st;
    cr_assert_eq(secret_alloc(&password, &err), 0);
    password.len = (size_t)sprintf(password.bytes, " p,w=\"'\\ \xff ");
    request.mount.credential_path = path;
    for (int round = 0; round < 2; round++) {
        cr_assert_eq(credentials_store(&request.mount, "bob", &password, &err), 0, "%s", err.text);
        cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), 0, "%s", err.text);
        cr_assert_str_eq(got.username, "bob");
        cr_assert_str_eq(got.password.bytes, password.bytes);
        credentials_wipe(&got);
    }
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(st.st_mode & 07777, 0600);
    cr_assert_eq(stat("/run/new", &st), 0);
    cr_assert_eq(st.st_mode & 07777, 0700);
    password.bytes[2] = '\n';
    cr_assert_eq(credentials_store(&request.mount, "bob", &password, &err), -EINVAL);
    chmod("/run/new", 0777);
    password.bytes[2] = 'x';
    cr_assert_eq(credentials_store(&request.mount, "bob", &password, &err), -EPERM);
    secret_wipe(&password);
}

Test(credentials, a_new_password_keeps_the_domain_and_the_user) {
    static char path[] = "/run/kept", domain[] = "CONFIGURED";
    static const char old[] = "username=eve\ndomain=WORK\npassword=old\n";
    struct secret password;
    cr_assert_eq(secret_alloc(&password, &err), 0);
    password.len = (size_t)sprintf(password.bytes, "new");
    request.mount.credential_path = path;
    place_file(path, old, sizeof old - 1, 0600);
    cr_assert_eq(credentials_store(&request.mount, "", &password, &err), 0, "%s", err.text);
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), 0, "%s", err.text);
    cr_assert_str_eq(got.username, "eve");
    cr_assert_str_eq(got.domain, "WORK");
    cr_assert_str_eq(got.password.bytes, "new");
    credentials_wipe(&got);
    request.mount.domain = domain;
    cr_assert_eq(credentials_store(&request.mount, "bob", &password, &err), 0, "%s", err.text);
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), 0, "%s", err.text);
    cr_assert_str_eq(got.username, "bob");
    cr_assert_str_eq(got.domain, "CONFIGURED");
    credentials_wipe(&got);
    place_file(path, old, sizeof old - 1, 0666);
    request.mount.domain = request.mount.server;
    cr_assert_eq(credentials_store(&request.mount, "bob", &password, &err), 0, "%s", err.text);
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), 0, "%s", err.text);
    cr_assert_str_eq(got.domain, "", "others could have written it");
    credentials_wipe(&got);
    secret_wipe(&password);
}

Test(credentials, what_a_killed_setup_left_is_removed) {
    static char path[] = "/run/new/media";
    static const char stale[] = "/run/new/.new-0123456789abcdef", not_ours[] = "/run/new/.new-me",
                      theirs[] = "/run/new/.new-0123456789abcde0",
                      link[] = "/run/new/.new-0123456789abcde1";
    struct secret password;
    cr_assert_eq(secret_alloc(&password, &err), 0);
    password.len = (size_t)sprintf(password.bytes, "pw");
    request.mount.credential_path = path;
    cr_assert_eq(mkdir("/run/new", 0700), 0);
    place_file(stale, "password=old\n", 13, 0600);
    place_file(not_ours, "x", 1, 0600);
    place_file(theirs, "x", 1, 0600);
    cr_assert_eq(chown(theirs, 1234, 1234), 0);
    cr_assert_eq(symlink("media", link), 0);
    int folder = open("/run/new", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int other = open(stale, O_RDONLY | O_CLOEXEC);
    cr_assert_eq(flock(folder, LOCK_EX), 0, "which any user can do, and stop nobody");
    cr_assert_eq(flock(other, LOCK_EX), 0);
    cr_assert_eq(credentials_store(&request.mount, "bob", &password, &err), 0, "%s", err.text);
    cr_assert_eq(access(stale, F_OK), 0, "a setup is at work on it");
    close(other);
    close(folder);
    cr_assert_eq(credentials_store(&request.mount, "bob", &password, &err), 0, "%s", err.text);
    cr_assert_neq(access(stale, F_OK), 0);
    cr_assert_eq(access(not_ours, F_OK), 0);
    cr_assert_eq(access(theirs, F_OK), 0);
    cr_assert_eq(access(link, F_OK), 0);
    cr_assert_eq(credentials_read(&request.mount, 0, &got, &err), 0, "%s", err.text);
    cr_assert_str_eq(got.password.bytes, "pw");
    secret_wipe(&password);
}

Test(credentials, a_forked_child_sees_no_secret) {
    struct secret secret;
    cr_assert_eq(secret_alloc(&secret, &err), 0);
    strcpy(secret.bytes, "hunter2");
    pid_t pid = fork();
    if (pid == 0)
        _exit(secret.bytes[0] == '\0' ? 0 : 1);
    int status;
    waitpid(pid, &status, 0);
    cr_assert_eq(status, 0);
    cr_assert_str_eq(secret.bytes, "hunter2");
    secret_wipe(&secret);
    cr_assert_null(secret.bytes);
}
