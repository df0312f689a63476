/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Opening a mountpoint: no symlink, and words for the person who has to mend it. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/os.h"
#include "os/os_linux.h"
#include "sandbox.h"

static void lay_out(void) {
    sandbox_enter();
    sandbox_mkdir(SANDBOX "/real");
    sandbox_mkdir(SANDBOX "/real/m");
    cr_assert_eq(symlink("real", SANDBOX "/link"), 0);
    cr_assert_eq(symlink("m", SANDBOX "/real/last"), 0);
    close(open(SANDBOX "/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
}

static const struct {
    const char *path, *says;
    int code;
} cases[] = {
    {SANDBOX "/link/m", "symlink is in the way (" SANDBOX "/link)", ELOOP},
    {SANDBOX "/real/last", "symlink is in the way (" SANDBOX "/real/last)", ELOOP},
    {SANDBOX "/real/gone/m", SANDBOX "/real/gone does not exist", ENOENT},
    {SANDBOX "/file", SANDBOX "/file is not a folder", ENOTDIR},
    {SANDBOX "/file/m", "/file is not a folder", ENOTDIR},
    {"/proc/self/cwd", "symlink is in the way", ELOOP},
    {"mnt", "absolute", EINVAL},
    {"", "absolute", EINVAL},
};

Test(os_path, refuses_with_the_offending_part) {
    lay_out();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err err = {0};
        int fd = -1;
        int rc = os_open_mountpoint(cases[i].path, &fd, &err);
        cr_assert_eq(rc, -cases[i].code, "%s: %d", cases[i].path, rc);
        cr_assert_not_null(strstr(err.text, cases[i].says), "%s", err.text);
    }
}

Test(os_path, walk_without_openat2_agrees) {
    size_t len;
    int fd = -1;
    lay_out();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_assert_eq(linux_walk_path(cases[i].path, &fd, &len), -cases[i].code, "%s",
                     cases[i].path);
    struct stat a, b;
    cr_assert_eq(linux_walk_path(SANDBOX "//real/m/", &fd, &len), 0);
    cr_assert_eq(fstat(fd, &a), 0);
    cr_assert_eq(stat(SANDBOX "/real/m", &b), 0);
    cr_assert_eq(a.st_ino, b.st_ino);
    close(fd);
    cr_assert_eq(linux_walk_path("/", &fd, &len), 0);
    close(fd);
}

Test(os_path, overlong_path_is_refused) {
    static char path[8192];
    struct err err;
    int fd = -1;
    memset(path, 'a', sizeof path - 1);
    path[0] = '/';
    cr_assert_eq(os_open_mountpoint(path, &fd, &err), -ENAMETOOLONG);
}

Test(os_path, fd_is_an_o_path_that_exec_closes) {
    int fd = -1;
    lay_out();
    cr_assert_eq(os_open_mountpoint(SANDBOX "/real/m", &fd, NULL), 0);
    cr_assert_neq(fcntl(fd, F_GETFL) & O_PATH, 0);
    cr_assert_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
    close(fd);
}

Test(os_path, emptiness_is_of_the_pinned_folder) {
    int fd = -1;
    bool empty = false;
    lay_out();
    cr_assert_eq(os_open_mountpoint(SANDBOX "/real/m", &fd, NULL), 0);
    cr_assert_eq(os_dir_is_empty(fd, &empty), 0);
    cr_assert(empty);
    sandbox_tmpfs("over", SANDBOX "/real/m");
    sandbox_mkdir(SANDBOX "/real/m/in-the-upper-one");
    cr_assert_eq(os_dir_is_empty(fd, &empty), 0);
    cr_assert(empty, "the fd still names the folder beneath");
    cr_assert_eq(umount2(SANDBOX "/real/m", 0), 0);
    close(open(SANDBOX "/real/m/.hidden", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    cr_assert_eq(os_dir_is_empty(fd, &empty), 0);
    cr_assert_not(empty);
    close(fd);
}

Test(os_path, mount_id_is_that_of_the_table) {
    uint64_t id = 0, device = 0, above = 0, above_device = 0;
    char line[64];
    lay_out();
    sandbox_tmpfs("over", SANDBOX "/real/m");
    cr_assert_eq(os_mount_id_at(SANDBOX "/real/m", &id, &device), 0);
    snprintf(line, sizeof line, " %u:%u / " SANDBOX "/real/m ", (unsigned)(device >> 32),
             (unsigned)device);
    cr_assert_eq(sandbox_count_mounts(line), 1, "%s", line);
    cr_assert_eq(os_mount_id_at(SANDBOX, &above, &above_device), 0);
    cr_assert_neq(above, id);
    cr_assert_eq(os_mount_id_at(SANDBOX "/link/m", &id, &device), -ELOOP);
    cr_assert_eq(os_mount_id_at(SANDBOX "/none", &id, &device), -ENOENT);
}
