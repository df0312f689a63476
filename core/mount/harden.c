/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "mount/harden.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/os.h"

/* <linux/mount.h>, which cannot be included beside <sys/mount.h> everywhere. */
#define ATTR_NOSUID 0x2u
#define ATTR_NODEV 0x4u
struct attributes {
    uint64_t set, clear, propagation, userns_fd;
};

/* O_PATH asks nothing of the file system, so a FUSE server that is slow to start cannot hang us. */
static int set_attributes(const char *path, uint64_t id) {
    uint64_t found;
    struct attributes attributes = {.set = ATTR_NOSUID | ATTR_NODEV};
    CLEANUP_CLOSE int fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int rc = os_mount_id_of(fd, &found);
    if (rc != 0 || found != id)
        return rc != 0 ? rc : -ESTALE;
    if (syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &attributes, sizeof attributes) != 0)
        return -errno;
    return 0;
}

void harden_mount(struct helper *helper, const struct helper_look *look, char *note,
                  size_t note_size) {
    if (look->nosuid && look->nodev)
        return;
    int rc = set_attributes(helper->mountpoint, look->id);
    if (rc != 0)
        snprintf(note, note_size,
                 "; nosuid,nodev could not be set (%s): let mount_command set them", strerror(-rc));
}
