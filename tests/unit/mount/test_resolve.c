/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The configured path, part by part: what it leads to, and what is refused. */
#include <criterion/criterion.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "mount/mountpoint.h"
#include "place.h"

static struct mount_table table;
static struct err err;
static char resolved[CONFIG_PATH_MAX];

static void set_up(void) {
    place_set_up();
    mkdir("/run/a", 0755);
    mkdir("/run/a/b", 0755);
    cr_assert_eq(mount_table_read(&table, &err), 0);
}

static void tear_down(void) {
    mount_table_finish(&table);
}

TestSuite(resolve, .init = set_up, .fini = tear_down, .timeout = 60);

static int resolve(const char *path) {
    err.text[0] = '\0';
    return mountpoint_resolve(&table, path, resolved, sizeof resolved, &err);
}

static void leads_to(const char *path, const char *where) {
    cr_assert_eq(resolve(path), 0, "%s: %s", path, err.text);
    cr_assert_str_eq(resolved, where);
}

Test(resolve, parts_that_say_nothing_and_parts_that_go_back) {
    leads_to("/run/a/b", "/run/a/b");
    leads_to("//run/./a//b/", "/run/a/b");
    leads_to("/run/a/../a/b/new", "/run/a/b/new");
    leads_to("/../../run/a", "/run/a");
    cr_assert_eq(resolve("/run/a/new/.."), -ENOENT, "only the last may be missing");
}

Test(resolve, links_that_are_roots) {
    cr_assert_eq(symlink("/run/a", "/run/absolute"), 0);
    cr_assert_eq(symlink("a/../a", "/run/relative"), 0);
    cr_assert_eq(symlink("absolute", "/run/twice"), 0);
    cr_assert_eq(symlink("/", "/run/top"), 0);
    leads_to("/run/absolute/b", "/run/a/b");
    leads_to("/run/relative/b", "/run/a/b");
    leads_to("/run/twice/b", "/run/a/b");
    leads_to("/run/top/run/a", "/run/a");
    leads_to("/run/absolute", "/run/a");
    cr_assert_eq(resolve("/run/top"), -EINVAL, "the root by a detour");
    cr_assert_eq(symlink("gone/b", "/run/dangling"), 0);
    cr_assert_eq(resolve("/run/dangling"), -ENOENT);
    cr_assert_not_null(strstr(err.text, "/run/gone does not exist"), "%s", err.text);
}

Test(resolve, links_without_end) {
    cr_assert_eq(symlink("loop", "/run/loop"), 0);
    cr_assert_eq(resolve("/run/loop/x"), -ELOOP);
    cr_assert_not_null(strstr(err.text, "too many symlinks"), "%s", err.text);
}

Test(resolve, what_is_no_mountpoint) {
    static const struct {
        const char *path, *words;
        int code;
    } cases[] = {
        {"", "must be an absolute path", EINVAL},
        {"run/a", "must be an absolute path", EINVAL},
        {"/", "is the root of the system", EINVAL},
        {"/.", "is the root of the system", EINVAL},
        {"/run/..", "is the root of the system", EINVAL},
        {"/run/none/x", "folder /run/none does not exist (mkdir -p /run/none/x)", ENOENT},
        {"/run/file/x", "/run/file/x", ENOTDIR},
    };
    place_file("/run/file", "x", 1, 0644);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_assert_eq(resolve(cases[i].path), -cases[i].code, "%s: %s", cases[i].path, err.text);
        cr_assert_not_null(strstr(err.text, cases[i].words), "%s", err.text);
    }
}

Test(resolve, what_is_too_long) {
    static char path[PATH_MAX + 16];
    char small[8];
    memset(path, 'n', sizeof path - 1);
    path[0] = '/';
    cr_assert_eq(resolve(path), -EINVAL, "longer than any path");
    path[NAME_MAX + 2] = '\0';
    cr_assert_eq(resolve(path), -ENAMETOOLONG);
    cr_assert_not_null(strstr(err.text, "a name is too long in"), "%s", err.text);
    cr_assert_eq(mountpoint_resolve(&table, "/run/a/b", small, sizeof small, &err), -ENAMETOOLONG);
    memset(path, 'n', CONFIG_PATH_MAX);
    path[0] = '/';
    path[CONFIG_PATH_MAX] = '\0';
    cr_assert_eq(mountpoint_check_path(path, &err), -ENAMETOOLONG);
}

/* Folder in folder, until the path is longer than a mountpoint may be; and by a link to there. */
Test(resolve, what_becomes_too_long_on_the_way) {
    char path[PATH_MAX] = "/run", name[201];
    memset(name, 'd', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    while (strlen(path) + 1 + strlen(name) < CONFIG_PATH_MAX) {
        size_t used = strlen(path);
        snprintf(path + used, sizeof path - used, "/%s", name);
        cr_assert_eq(mkdir(path, 0755), 0, "%s: %s", strerror(errno), path + used);
    }
    leads_to(path, path);
    size_t used = strlen(path);
    snprintf(path + used, sizeof path - used, "/%s", name);
    cr_assert_eq(resolve(path), -ENAMETOOLONG);
    cr_assert_eq(strncmp(err.text, "/run/ddd", 8), 0, "%s", err.text);
    static char target[PATH_MAX];
    memset(target, '/', PATH_MAX - 8);
    cr_assert_eq(symlink(target, "/run/far"), 0);
    cr_assert_eq(resolve("/run/far/and/more/of/it"), -ENAMETOOLONG);
    cr_assert_not_null(strstr(err.text, "symlinks are too long"), "%s", err.text);
}

/* It may be dead: nothing is asked of it. */
Test(resolve, a_mountpoint_on_the_way_is_passed_through) {
    cr_assert_eq(mount("nas", "/run/a", "tmpfs", 0, NULL), 0);
    cr_assert_eq(symlink("/etc", "/run/a/b"), 0);
    cr_assert_eq(mount("over", "/run/a", "tmpfs", 0, NULL), 0);
    mount_table_finish(&table);
    cr_assert_eq(mount_table_read(&table, &err), 0);
    leads_to("/run/a", "/run/a");
    leads_to("/run/a/b", "/run/a/b");
}

Test(resolve, folders_that_a_command_may_be_sent_through) {
    cr_assert_eq(mountpoint_check_path("/run/a/b", &err), 0, "%s", err.text);
    cr_assert_eq(chmod("/run/a", 0777), 0);
    cr_assert_eq(mountpoint_check_path("/run/a/b", &err), -EPERM);
    cr_assert_not_null(strstr(err.text, "the folder /run/a,"), "%s", err.text);
    cr_assert_eq(chmod("/run/a", 01777), 0);
    cr_assert_eq(mountpoint_check_path("/run/a/b", &err), 0, "%s", err.text);
    cr_assert_eq(mountpoint_check_path("/run/a/none", &err), -EPERM, "he could make it");
    cr_assert_eq(chown("/run/a/b", 2, 2), 0);
    cr_assert_eq(mountpoint_check_path("/run/a/b", &err), -EPERM, "he could rename it");
    cr_assert(chown("/run/a/b", 0, 0) == 0 && chown("/run/a", 2, 2) == 0);
    cr_assert_eq(mountpoint_check_path("/run/a/b", &err), -EPERM, "he could take the bit away");
    place_file("/run/file", "x", 1, 0644);
    cr_assert_eq(mountpoint_check_path("/run/file/x", &err), -EPERM, "no folder");
    cr_assert_eq(mountpoint_check_path("/run/none/x", &err), -EPERM, "nothing");
}
