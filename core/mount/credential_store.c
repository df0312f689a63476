/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/secure.h"
#include "base/str.h"
#include "base/wire.h"
#include "mount/credential_parts.h"
#include "mount/keychain.h"
#include "os/os.h"

#define READ_MS 5000
#define TEMPORARY ".new-"
#define TEMPORARY_DIGITS 16

struct place {
    char folder[CONFIG_PATH_MAX];
    const char *name; /* the last part of the path */
};

static int split(const char *path, struct place *place, struct err *err) {
    if (path[0] != '/' || !str_copy(place->folder, sizeof place->folder, path))
        return err_set(err, EINVAL, "credential file: must be an absolute path");
    char *slash = strrchr(place->folder, '/');
    place->name = strrchr(path, '/') + 1;
    *slash = '\0';
    if (place->name[0] == '\0' || strcmp(place->name, ".") == 0 || strcmp(place->name, "..") == 0)
        return err_set(err, EINVAL, "%s: is not the path of a file", path);
    if (place->folder[0] == '\0')
        (void)str_copy(place->folder, sizeof place->folder, "/");
    return 0;
}

/* The folder by descriptor; its last part is made when only that is missing. */
static int open_folder(const char *folder, struct err *err) {
    int fd = secure_open_dir(folder, SECURE_TRUSTED, 0, err);
    const char *slash = strrchr(folder, '/');
    if (fd != -ENOENT || slash == folder)
        return fd;
    char above[CONFIG_PATH_MAX];
    (void)str_copy(above, sizeof above, folder);
    above[slash - folder] = '\0';
    CLEANUP_CLOSE int dir = secure_open_dir(above, SECURE_TRUSTED, 0, err);
    if (dir < 0)
        return dir;
    if (mkdirat(dir, slash + 1, 0700) != 0 && errno != EEXIST)
        return err_sys(err, errno, "%s: cannot be created", folder);
    return secure_open_dir(folder, SECURE_TRUSTED, 0, err);
}

static int check(const struct config_mount *mount, const char *username,
                 const struct secret *password, struct err *err) {
    if (mount->credential != CONFIG_CREDENTIAL_FILE &&
        mount->credential != CONFIG_CREDENTIAL_KEYCHAIN)
        return err_set(err, EINVAL,
                       "mount '%s': its credential is neither a file nor the keychain; store the "
                       "password there",
                       mount->name);
    if (strchr(username, ',') != NULL || !str_is_clean(username, strlen(username)))
        return err_set(err, EINVAL, "a username has no comma and no control characters");
    size_t len = password->len;
    if (len >= SECRET_MAX || (len > 0 && (memchr(password->bytes, '\n', len) != NULL ||
                                          memchr(password->bytes, '\0', len) != NULL ||
                                          password->bytes[len - 1] == '\r')))
        return err_set(err, EINVAL,
                       "a password has less than %d bytes, no newline or NUL, and no carriage "
                       "return at its end",
                       SECRET_MAX);
    return 0;
}

static int write_line(int fd, const char *key, const char *value) {
    char line[CONFIG_USER_MAX + 16];
    if (value[0] == '\0')
        return 0;
    snprintf(line, sizeof line, "%s=%s\n", key, value);
    return wire_write(fd, line, strlen(line));
}

static int write_content(int fd, const struct credentials *names, const struct secret *password) {
    int rc = write_line(fd, "username", names->username);
    if (rc == 0)
        rc = write_line(fd, "domain", names->domain);
    if (rc == 0)
        rc = wire_write(fd, "password=", strlen("password="));
    if (rc == 0 && password->len > 0)
        rc = wire_write(fd, password->bytes, password->len);
    if (rc == 0)
        rc = wire_write(fd, "\n", 1);
    if (rc == 0 && (fchmod(fd, 0600) != 0 || fchown(fd, 0, 0) != 0 || fsync(fd) != 0))
        rc = -errno;
    return rc;
}

static bool is_temporary(const char *name) {
    size_t len = strlen(TEMPORARY);
    return strncmp(name, TEMPORARY, len) == 0 && strlen(name) == len + TEMPORARY_DIGITS &&
           strspn(name + len, "0123456789abcdef") == TEMPORARY_DIGITS;
}

/* A regular file of root's, which no setup at work holds. */
static bool is_stale(int dir, const char *name) {
    struct stat st;
    CLEANUP_CLOSE int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == 0 &&
           flock(fd, LOCK_EX | LOCK_NB) == 0;
}

/* What a setup left that was killed while it wrote: passwords, for which nobody looks. */
static void clear_stale(int dir) {
    int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = copy >= 0 ? fdopendir(copy) : NULL;
    if (entries == NULL) {
        if (copy >= 0)
            close(copy);
        return;
    }
    for (const struct dirent *e; (e = readdir(entries)) != NULL;)
        if (is_temporary(e->d_name) && is_stale(dir, e->d_name))
            (void)unlinkat(dir, e->d_name, 0);
    closedir(entries);
}

static int replace(int dir, const char *name, const struct credentials *names,
                   const struct secret *password) {
    char temporary[sizeof TEMPORARY + TEMPORARY_DIGITS];
    uint64_t random;
    int rc = os_random(&random, sizeof random);
    if (rc != 0)
        return rc;
    snprintf(temporary, sizeof temporary, TEMPORARY "%016" PRIx64, random);
    CLEANUP_CLOSE int fd =
        openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    (void)flock(fd, LOCK_EX | LOCK_NB); /* or another setup takes it for stale */
    rc = write_content(fd, names, password);
    if (rc == 0 && renameat(dir, temporary, dir, name) != 0)
        rc = -errno;
    if (rc != 0)
        (void)unlinkat(dir, temporary, 0);
    else if (fsync(dir) != 0)
        rc = -errno;
    return rc;
}

/* The names of the file that is replaced. One that root alone could not have written, or that
 * cannot be understood, has none. */
static void read_names(const char *path, struct credentials *names) {
    struct secret raw;
    CLEANUP_CLOSE int fd = secure_open_file(path, SECURE_TRUSTED, 0, NULL);
    if (fd < 0 || credential_slurp(fd, clock_boot_ms() + READ_MS, path, &raw, NULL) != 0)
        return;
    if (credential_parse(&raw, path, names, NULL) != 0)
        names->username[0] = names->domain[0] = '\0';
    secret_wipe(&raw);
    secret_wipe(&names->password);
}

int credentials_store(const struct config_mount *mount, const char *username,
                      const struct secret *password, struct err *err) {
    struct place place = {0};
    struct credentials names = {0};
    int rc = check(mount, username, password, err);
    if (rc == 0 && mount->credential == CONFIG_CREDENTIAL_KEYCHAIN)
        return keychain_store(mount, username, password, err);
    if (rc == 0)
        rc = split(mount->credential_path, &place, err);
    if (rc != 0)
        return rc;
    CLEANUP_CLOSE int dir = open_folder(place.folder, err);
    if (dir < 0)
        return dir;
    clear_stale(dir);
    read_names(mount->credential_path, &names);
    if (mount->domain[0] != '\0')
        names.domain[0] = '\0';
    bool fits = username[0] == '\0' || str_copy(names.username, sizeof names.username, username);
    if (!fits)
        return err_set(err, EINVAL, "the username is too long");
    rc = replace(dir, place.name, &names, password);
    if (rc != 0)
        return err_sys(err, -rc, "%s: cannot be written", mount->credential_path);
    return 0;
}
