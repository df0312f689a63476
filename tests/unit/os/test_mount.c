/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Mounting onto a pinned folder. tmpfs stands for cifs: the calls are the same. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/os.h"
#include "os/os_cifs.h"
#include "sandbox.h"

#define POINT SANDBOX "/m"

static int pin(void) {
    int fd = -1;
    sandbox_enter();
    sandbox_mkdir(POINT);
    cr_assert_eq(os_open_mountpoint(POINT, &fd, NULL), 0);
    return fd;
}

static int mount_new(const char *fstype, const struct os_mount_option *options, size_t len,
                     unsigned long flags, int fd, char *log, size_t size) {
    CLEANUP_CLOSE int mount_fd = -1;
    int rc = os_mount_create(fstype, "ours", options, len, flags, &mount_fd, log, size);
    return rc == 0 ? os_mount_attach(mount_fd, fd) : rc;
}

Test(os_mount, new_has_nosuid_and_nodev_without_being_asked) {
    char log[256] = "x";
    struct os_mount_option options[] = {{"size", "1m"}, {"mode", "0750"}};
    int fd = pin();
    cr_assert_eq(mount_new("tmpfs", options, 2, 0, fd, log, sizeof log), 0, "%s", log);
    cr_assert_str_eq(log, "");
    cr_assert_eq(sandbox_count_mounts(" " POINT " rw,nosuid,nodev,relatime "), 1);
    cr_assert_eq(sandbox_count_mounts(" - tmpfs ours rw,size=1024k,mode=750"), 1);
    close(fd);
}

Test(os_mount, new_maps_the_flags) {
    char log[256];
    int fd = pin();
    unsigned long flags = MS_RDONLY | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME;
    cr_assert_eq(mount_new("tmpfs", NULL, 0, flags, fd, log, sizeof log), 0, "%s", log);
    cr_assert_eq(sandbox_count_mounts(" ro,nosuid,nodev,noexec,noatime,nodiratime "), 1);
    cr_assert_eq(sandbox_count_mounts(" - tmpfs ours ro"), 1, "the super block as well");
    close(fd);
}

Test(os_mount, hardens_that_mount_only_and_keeps_its_flags) {
    uint64_t id, device;
    sandbox_enter();
    sandbox_mkdir(POINT);
    cr_assert_eq(mount("ours", POINT, "tmpfs", MS_NOEXEC | MS_NOATIME, NULL), 0);
    cr_assert_eq(os_mount_id_at(POINT, &id, &device), 0);
    cr_assert_eq(os_harden_mount(POINT, id + 1), -ESTALE);
    cr_assert_eq(sandbox_count_mounts(" " POINT " rw,noexec,noatime "), 1);
    cr_assert_eq(os_harden_mount(POINT, id), 0);
    cr_assert_eq(sandbox_count_mounts(" " POINT " rw,nosuid,nodev,noexec,noatime "), 1);
}

Test(os_mount, what_is_created_is_nowhere_until_attached) {
    char log[256];
    int fd = pin(), mount_fd = -1;
    cr_assert_eq(os_mount_create("tmpfs", "ours", NULL, 0, 0, &mount_fd, log, sizeof log), 0);
    cr_assert_eq(sandbox_count_mounts(" " POINT " "), 0);
    close(mount_fd);
    cr_assert_eq(sandbox_count_mounts(" " POINT " "), 0);
    close(fd);
}

Test(os_mount, new_gives_the_kernels_words) {
    char log[256], tiny[8], none[1];
    struct os_mount_option bad = {"foo", "bar"}, value = {"size", "many"};
    int fd = pin();
    cr_assert_eq(mount_new("tmpfs", &bad, 1, 0, fd, log, sizeof log), -EINVAL);
    cr_assert_not_null(strstr(log, "Unknown parameter 'foo'"), "%s", log);
    cr_assert_null(strchr(log, '\n'));
    cr_assert_eq(mount_new("tmpfs", &value, 1, 0, fd, log, sizeof log), -EINVAL);
    cr_assert_not_null(strstr(log, "size"), "%s", log);
    cr_assert_eq(mount_new("tmpfs", &bad, 1, 0, fd, tiny, sizeof tiny), -EINVAL);
    cr_assert_lt(strlen(tiny), sizeof tiny);
    cr_assert_eq(mount_new("tmpfs", &bad, 1, 0, fd, none, 0), -EINVAL);
    cr_assert_eq(sandbox_count_mounts(" " POINT " "), 0);
    close(fd);
}

Test(os_mount, new_tells_a_missing_file_system) {
    char log[256];
    int fd = pin();
    cr_assert_eq(mount_new("nosuchfs", NULL, 0, 0, fd, log, sizeof log), -ENODEV);
    close(fd);
}

static int swap(void) {
    int fd = pin();
    sandbox_mkdir(SANDBOX "/etc");
    cr_assert_eq(rename(POINT, SANDBOX "/moved"), 0);
    cr_assert_eq(symlink(SANDBOX "/etc", POINT), 0);
    return fd;
}

Test(os_mount, new_lands_on_the_pinned_folder_after_a_swap) {
    char log[256];
    int fd = swap();
    cr_assert_eq(mount_new("tmpfs", NULL, 0, 0, fd, log, sizeof log), 0, "%s", log);
    cr_assert_eq(sandbox_count_mounts(" " SANDBOX "/moved "), 1);
    cr_assert_eq(sandbox_count_mounts(" " SANDBOX "/etc "), 0);
    close(fd);
}

Test(os_mount, old_lands_on_the_pinned_folder_after_a_swap) {
    int fd = swap();
    cr_assert_eq(os_mount_old("tmpfs", "ours", "size=1m", 0, fd), 0);
    cr_assert_eq(sandbox_count_mounts(" " SANDBOX "/moved rw,nosuid,nodev"), 1);
    cr_assert_eq(sandbox_count_mounts(" " SANDBOX "/etc "), 0);
    close(fd);
}

Test(os_mount, old_gives_the_errno) {
    int fd = pin();
    cr_assert_eq(os_mount_old("tmpfs", "ours", "foo=bar", 0, fd), -EINVAL);
    cr_assert_eq(os_mount_old("nosuchfs", "ours", "", 0, fd), -ENODEV);
    close(fd);
}
