/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What a root process may trust (security notes, row 21): each way to tamper is refused. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/secure.h"

#define TOP "/mnt"
#define DIR TOP "/etc"
#define FILE_PATH DIR "/file"
#define STRANGER 1234

static void lay_out(void) {
    if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0)
        cr_skip_test("needs root and namespaces");
    umask(022);
    cr_assert_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    cr_assert_eq(mount("x", TOP, "tmpfs", 0, "mode=0755"), 0);
    cr_assert_eq(mkdir(DIR, 0755), 0);
    int fd = open(FILE_PATH, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    cr_assert_geq(fd, 0);
    close(fd);
}

TestSuite(secure, .init = lay_out);

static void refused(const char *path, enum secure_rule rule, int code, const char *says) {
    struct err err = {0};
    int fd = secure_open_file(path, rule, 0, &err);
    cr_assert_eq(fd, -code, "%s: %d %s", path, fd, err.text);
    cr_assert_not_null(strstr(err.text, says), "%s", err.text);
}

Test(secure, good_ones_are_opened) {
    struct err err = {0};
    int fd = secure_open_file(FILE_PATH, SECURE_SECRET, 0, &err);
    cr_assert_geq(fd, 0, "%s", err.text);
    cr_assert_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
    close(fd);
    fd = secure_open_dir(DIR, SECURE_TRUSTED, 0, &err);
    cr_assert_geq(fd, 0, "%s", err.text);
    close(fd);
    fd = secure_open_dir("//mnt/./etc/", SECURE_TRUSTED, 0, &err);
    cr_assert_geq(fd, 0, "%s", err.text);
    close(fd);
    fd = secure_open_dir("/", SECURE_TRUSTED, 0, &err);
    cr_assert_geq(fd, 0, "%s", err.text);
    close(fd);
}

Test(secure, owner_of_the_file) {
    cr_assert_eq(chown(FILE_PATH, STRANGER, 0), 0);
    refused(FILE_PATH, SECURE_TRUSTED, EPERM, "chown root " FILE_PATH);
    int fd = secure_open_file(FILE_PATH, SECURE_TRUSTED, STRANGER, NULL);
    cr_assert_geq(fd, 0);
    close(fd);
}

Test(secure, writable_by_group) {
    cr_assert_eq(chmod(FILE_PATH, 0660), 0);
    refused(FILE_PATH, SECURE_TRUSTED, EPERM, "chmod go-w " FILE_PATH);
}

Test(secure, writable_by_others) {
    cr_assert_eq(chmod(FILE_PATH, 0602), 0);
    refused(FILE_PATH, SECURE_TRUSTED, EPERM, "writable by group or others");
}

Test(secure, owner_of_a_folder_above) {
    cr_assert_eq(chown(DIR, STRANGER, 0), 0);
    refused(FILE_PATH, SECURE_TRUSTED, EPERM, "chown root " DIR);
}

Test(secure, writable_folder_above) {
    cr_assert_eq(chmod(DIR, 0775), 0);
    refused(FILE_PATH, SECURE_TRUSTED, EPERM, DIR ": mode 0775");
    cr_assert_eq(chmod(DIR, 0755), 0);
    cr_assert_eq(chmod(TOP, 0757), 0);
    refused(FILE_PATH, SECURE_TRUSTED, EPERM, TOP ": mode 0757");
}

Test(secure, sticky_is_no_excuse) {
    cr_assert_eq(chmod(DIR, 01777), 0);
    refused(FILE_PATH, SECURE_TRUSTED, EPERM, "1777");
}

Test(secure, symlinks_anywhere) {
    cr_assert_eq(symlink("file", DIR "/link"), 0);
    refused(DIR "/link", SECURE_TRUSTED, ELOOP, "is a symlink");
    cr_assert_eq(symlink("etc", TOP "/link"), 0);
    refused(TOP "/link/file", SECURE_TRUSTED, ENOTDIR, TOP "/link: not a folder, or a symlink");
    struct err err = {0};
    cr_assert_eq(secure_open_dir(TOP "/link", SECURE_TRUSTED, 0, &err), -ENOTDIR);
    cr_assert_not_null(strstr(err.text, "symlink"), "%s", err.text);
}

static void leads_to(const char *path, const char *want) {
    char real[PATH_MAX];
    struct err err = {0};
    cr_assert_eq(secure_resolve(path, 0, real, &err), 0, "%s: %s", path, err.text);
    cr_assert_str_eq(real, want);
}

static void leads_nowhere(const char *path, int code, const char *says) {
    char real[PATH_MAX];
    struct err err = {0};
    cr_assert_eq(secure_resolve(path, 0, real, &err), -code, "%s: %s", path, err.text);
    cr_assert_not_null(strstr(err.text, says), "%s", err.text);
}

Test(secure, roots_own_symlinks_can_be_followed) {
    cr_assert_eq(symlink("etc", TOP "/link"), 0);
    cr_assert_eq(symlink("../link/./file", DIR "/again"), 0);
    cr_assert_eq(symlink(DIR "/again", TOP "/far"), 0);
    leads_to(FILE_PATH, FILE_PATH);
    leads_to("//mnt/./etc//../link/file/", FILE_PATH);
    leads_to(TOP "/far", FILE_PATH);
    leads_to("/../..", "/");
    leads_to(TOP "/link", DIR);
}

Test(secure, a_users_symlink_is_not_followed) {
    cr_assert_eq(symlink("file", DIR "/link"), 0);
    cr_assert_eq(lchown(DIR "/link", STRANGER, STRANGER), 0);
    leads_nowhere(DIR "/link", ELOOP, DIR "/link is a symlink that others than root could have");
    cr_assert_eq(lchown(DIR "/link", 0, 0), 0);
    leads_to(DIR "/link", FILE_PATH);
    cr_assert_eq(chmod(DIR, 01777), 0);
    leads_nowhere(DIR "/link", ELOOP, "realpath");
    cr_assert_eq(chmod(DIR, 0755), 0);
    cr_assert_eq(chown(TOP, STRANGER, 0), 0);
    leads_nowhere(DIR "/link", ELOOP, "realpath");
}

Test(secure, symlinks_that_lead_astray) {
    static char big[PATH_MAX + 10];
    memset(big, 'a', sizeof big - 1);
    big[0] = '/';
    cr_assert_eq(symlink("round", DIR "/round"), 0);
    leads_nowhere(DIR "/round", ELOOP, "too many symlinks");
    cr_assert_eq(symlink("nowhere", DIR "/link"), 0);
    leads_nowhere(DIR "/link", ENOENT, DIR "/nowhere");
    leads_nowhere(FILE_PATH "/x", ENOTDIR, FILE_PATH "/x");
    leads_nowhere("etc/file", EINVAL, "absolute");
    leads_nowhere(big, ENAMETOOLONG, "longer");
    big[PATH_MAX - 1] = '\0';
    leads_nowhere(big, ENAMETOOLONG, "a name is too long");
}

Test(secure, fifo_does_not_hang, .timeout = 10) {
    cr_assert_eq(mkfifo(DIR "/fifo", 0600), 0);
    refused(DIR "/fifo", SECURE_TRUSTED, EINVAL, "not a regular file");
}

Test(secure, devices_sockets_and_folders_are_no_files) {
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = DIR "/socket"};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    refused(DIR "/socket", SECURE_TRUSTED, ENXIO, DIR "/socket");
    refused(DIR, SECURE_TRUSTED, EINVAL, "not a regular file");
    refused("/", SECURE_TRUSTED, EISDIR, "not a regular file");
    refused("/dev/null", SECURE_TRUSTED, EINVAL, "not a regular file");
    cr_assert_eq(secure_open_dir(FILE_PATH, SECURE_TRUSTED, 0, NULL), -ENOTDIR);
    close(fd);
}

Test(secure, hard_link_to_a_strangers_file) {
    int fd = open(TOP "/theirs", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    cr_assert_eq(fchown(fd, STRANGER, STRANGER), 0);
    close(fd);
    cr_assert_eq(link(TOP "/theirs", DIR "/link"), 0);
    refused(DIR "/link", SECURE_TRUSTED, EPERM, "owned by uid 1234");
}

/* Version 2; entries u::rw- u:1234:rw- g::--- m::rw- o::--- show as group bits of the mode. */
Test(secure, acl_that_lets_a_stranger_write) {
    static const unsigned char acl[] = {2,   0,   0,   0,   1,   0,    6,  0,   255, 255, 255,
                                        255, 2,   0,   6,   0,   0xd2, 4,  0,   0,   4,   0,
                                        0,   0,   255, 255, 255, 255,  16, 0,   6,   0,   255,
                                        255, 255, 255, 32,  0,   0,    0,  255, 255, 255, 255};
    if (setxattr(FILE_PATH, "system.posix_acl_access", acl, sizeof acl, 0) != 0)
        cr_skip_test("no ACLs on this tmpfs");
    refused(FILE_PATH, SECURE_TRUSTED, EPERM, "writable by group or others");
}

Test(secure, secrets_are_readable_by_the_owner_only) {
    static const mode_t bad[] = {0640, 0604, 0610, 0601, 0644};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_assert_eq(chmod(FILE_PATH, bad[i]), 0);
        refused(FILE_PATH, SECURE_SECRET, EPERM, "chmod 600 " FILE_PATH);
        int fd = secure_open_file(FILE_PATH, SECURE_TRUSTED, 0, NULL);
        cr_assert_geq(fd, 0);
        close(fd);
    }
}

Test(secure, odd_paths) {
    static char big[PATH_MAX + 10];
    memset(big, 'a', sizeof big - 1);
    big[0] = '/';
    refused("etc/file", SECURE_TRUSTED, EINVAL, "absolute");
    refused("", SECURE_TRUSTED, EINVAL, "absolute");
    refused(DIR "/../etc/file", SECURE_TRUSTED, EINVAL, "'..'");
    refused(DIR "/none", SECURE_TRUSTED, ENOENT, DIR "/none: No such file");
    refused(big, SECURE_TRUSTED, ENAMETOOLONG, "longer");
}

/* The verdict is on what was opened: a swap afterwards changes nothing. */
Test(secure, descriptor_survives_a_swap) {
    struct stat before, after;
    cr_assert_eq(stat(FILE_PATH, &before), 0);
    int fd = secure_open_file(FILE_PATH, SECURE_TRUSTED, 0, NULL);
    cr_assert_eq(rename(FILE_PATH, DIR "/old"), 0);
    cr_assert_eq(symlink("/etc/passwd", FILE_PATH), 0);
    cr_assert_eq(fstat(fd, &after), 0);
    cr_assert_eq(before.st_ino, after.st_ino);
    close(fd);
}

/* Where a log or a runtime folder goes: the folder must be there, the name need not. */
Test(secure, the_folder_above_and_the_name_in_it) {
    static const struct {
        const char *path;
        int rc;
    } bad[] = {{"log", -EINVAL},       {"", -EINVAL},
               {"/", -EINVAL},         {"/run/", -EINVAL},
               {"/run/.", -EINVAL},    {"/run/..", -EINVAL},
               {"/none/log", -ENOENT}, {"/proc/version/log", -ENOTDIR}};
    static char longest[PATH_MAX + 1], name_too_long[NAME_MAX + 16];
    const char *name;
    struct err err;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int fd = secure_open_above(bad[i].path, SECURE_TRUSTED, getuid(), &name, &err);
        cr_assert_eq(fd, bad[i].rc, "%s: %s", bad[i].path, err.text);
    }
    memset(longest, 'a', sizeof longest - 1);
    longest[0] = '/';
    cr_assert_eq(secure_open_above(longest, SECURE_TRUSTED, getuid(), &name, &err), -ENAMETOOLONG);
    memset(name_too_long, 'a', sizeof name_too_long - 1);
    name_too_long[0] = '/', name_too_long[sizeof name_too_long - 3] = '/';
    cr_assert_eq(secure_open_above(name_too_long, SECURE_TRUSTED, getuid(), &name, &err),
                 -ENAMETOOLONG);
    char real[PATH_MAX];
    cr_assert_eq(secure_resolve("relative", 0, real, &err), -EINVAL);
    int fd = secure_open_above("/nobody-has-made-this", SECURE_TRUSTED, getuid(), &name, &err);
    cr_assert_geq(fd, 0, "%s", err.text);
    cr_assert_str_eq(name, "nobody-has-made-this");
    close(fd);
}
