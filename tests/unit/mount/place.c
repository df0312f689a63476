/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "place.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

void place_set_up(void) {
    if (geteuid() != 0)
        cr_skip_test("needs root");
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        cr_skip_test("needs a mount namespace of its own");
    umask(022);
    cr_assert_eq(mount("tmpfs", "/run", "tmpfs", 0, "mode=0755"), 0);
}

const char *place_file(const char *path, const char *bytes, size_t len, mode_t mode) {
    (void)unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    cr_assert(fd >= 0);
    cr_assert_eq(write(fd, bytes, len), (ssize_t)len);
    cr_assert_eq(fchmod(fd, mode), 0);
    close(fd);
    return path;
}

const char *place_script(const char *path, const char *body) {
    char text[2048];
    int len = snprintf(text, sizeof text, "#!/bin/sh\n%s\n", body);
    return place_file(path, text, (size_t)len, 0755);
}
