/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "mount/credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/secure.h"
#include "base/str.h"
#include "mount/credential_parts.h"
#include "mount/keychain.h"

#define READ_MS 5000 /* of a local file */

static int read_file(const struct config_mount *mount, uid_t trusted_uid,
                     struct credentials *credentials, struct err *err) {
    struct secret raw;
    CLEANUP_CLOSE int fd =
        secure_open_file(mount->credential_path, SECURE_SECRET, trusted_uid, err);
    if (fd == -ENOENT)
        return err_set(err, ENOENT,
                       "%s: does not exist. Store the password with: smbmounter setup %s",
                       mount->credential_path, mount->name);
    if (fd < 0)
        return fd;
    int rc = credential_slurp(fd, clock_boot_ms() + READ_MS, mount->credential_path, &raw, err);
    if (rc != 0)
        return rc;
    rc = credential_parse(&raw, mount->credential_path, credentials, err);
    secret_wipe(&raw);
    return rc;
}

/* systemd made the folder for this unit alone; what matters is that name stays inside it. */
static int open_systemd(const char *name, struct err *err) {
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    if (folder == NULL || folder[0] != '/')
        return err_set(err, ENOENT,
                       "credential '%s': systemd gave no credentials to this service; add "
                       "LoadCredential=%s:/PATH to the unit and restart it",
                       name, name);
    if (name[0] == '\0' || name[0] == '.' || strchr(name, '/') != NULL)
        return err_set(err, EINVAL, "credential '%s': not a name of a systemd credential", name);
    CLEANUP_CLOSE int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (dir < 0)
        return err_sys(err, errno, "%s", folder);
    CLEANUP_CLOSE int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return err_sys(err, errno, "%s/%s (LoadCredential= in the unit)", folder, name);
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (st.st_mode & S_IRWXO) != 0)
        return err_set(err, EPERM, "%s/%s: not a regular file closed to others", folder, name);
    return take_fd(&fd);
}

static int read_systemd(const struct config_mount *mount, struct credentials *credentials,
                        struct err *err) {
    struct secret raw;
    CLEANUP_CLOSE int fd = open_systemd(mount->credential_path, err);
    if (fd < 0)
        return fd;
    int rc = credential_slurp(fd, clock_boot_ms() + READ_MS, mount->credential_path, &raw, err);
    if (rc != 0)
        return rc;
    rc = credential_parse_any(&raw, mount->credential_path, credentials, err);
    secret_wipe(&raw);
    return rc;
}

static int read_store(const struct config_mount *mount, uid_t trusted_uid,
                      struct credentials *credentials, struct err *err) {
    switch (mount->credential) {
    case CONFIG_CREDENTIAL_GUEST:
        return 0;
    case CONFIG_CREDENTIAL_FILE:
        return read_file(mount, trusted_uid, credentials, err);
    case CONFIG_CREDENTIAL_SYSTEMD:
        return read_systemd(mount, credentials, err);
    case CONFIG_CREDENTIAL_COMMAND:
        return credential_run(&mount->credential_command, trusted_uid, CREDENTIAL_COMMAND_MS,
                              credentials, err);
    case CONFIG_CREDENTIAL_KEYCHAIN:
        return keychain_read(mount, credentials, err);
    }
    return err_set(err, EINVAL, "mount '%s': unknown kind of credential", mount->name);
}

int credentials_read(const struct config_mount *mount, uid_t trusted_uid,
                     struct credentials *credentials, struct err *err) {
    *credentials = (struct credentials){0};
    int rc = read_store(mount, trusted_uid, credentials, err);
    bool fits = rc != 0 || ((credentials->username[0] != '\0' ||
                             str_copy(credentials->username, CONFIG_USER_MAX, mount->username)) &&
                            (credentials->domain[0] != '\0' ||
                             str_copy(credentials->domain, CONFIG_USER_MAX, mount->domain)));
    if (!fits)
        rc = err_set(err, EINVAL, "mount '%s': username or domain is too long", mount->name);
    if (rc != 0)
        credentials_wipe(credentials);
    return rc;
}
