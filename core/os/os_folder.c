/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Looking into a folder by its descriptor. The same everywhere. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "os/os.h"

int os_dir_is_empty(int fd, bool *empty) {
    int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (own < 0)
        return -errno;
    DIR *dir = fdopendir(own);
    if (dir == NULL) {
        int rc = -errno;
        close(own);
        return rc;
    }
    struct dirent *entry;
    *empty = true;
    errno = 0;
    while (*empty && (entry = readdir(dir)) != NULL)
        *empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    int rc = *empty ? -errno : 0;
    closedir(dir);
    return rc;
}
