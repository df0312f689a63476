/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/paths.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "os/os.h"

#ifndef SMBMOUNTER_HOST_PATH
#define SMBMOUNTER_HOST_PATH "/usr/local/libexec/smbmounter/smbmounter-plugin-host"
#endif

int paths_programs(char *self, size_t self_size, char *host, size_t host_size, struct err *err) {
    if (os_self_path(self, self_size) != 0)
        return err_set(err, ENOENT, "cannot find my own program file");
    const char *slash = strrchr(self, '/');
    int len = slash != NULL ? (int)(slash - self) : 0;
    int n = snprintf(host, host_size, "%.*s/smbmounter-plugin-host", len, self);
    if (n > 0 && (size_t)n < host_size && access(host, X_OK) == 0)
        return 0;
    n = snprintf(host, host_size, "%.*s/../libexec/smbmounter/smbmounter-plugin-host", len, self);
    if (n > 0 && (size_t)n < host_size && access(host, X_OK) == 0)
        return 0;
    if (str_copy(host, host_size, SMBMOUNTER_HOST_PATH) && access(host, X_OK) == 0)
        return 0;
    return err_set(err, ENOENT, "the plugin host %s is missing; reinstall smbmounter", host);
}
