/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "base/secure.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/places.h"
#include "base/platform.h"
#include "base/str.h"

static bool group_may_write(const struct stat *st, enum secure_rule rule) {
    return S_ISDIR(st->st_mode) &&
           (rule == SECURE_LOG || (rule == SECURE_RUN && st->st_gid == PLACE_RUN_GROUP));
}

/* A sticky folder (mode 1777) is no excuse: what stands in it may belong to anyone. */
static int judge(const struct stat *st, enum secure_rule rule, bool last, uid_t trusted_uid,
                 const char *part, struct err *err) {
    if (st->st_uid != 0 && st->st_uid != trusted_uid)
        return err_set(err, EPERM, "%s: owned by uid %u, must be root (chown root %s)", part,
                       (unsigned)st->st_uid, part);
    mode_t strangers = group_may_write(st, rule) ? S_IWOTH : S_IWGRP | S_IWOTH;
    bool open_to_them = (st->st_mode & strangers) != 0;
    if (open_to_them && S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX) != 0)
        return err_set(err, EPERM,
                       "%s: mode %04o is writable by group or others; choose another folder", part,
                       (unsigned)(st->st_mode & 07777));
    if (open_to_them)
        return err_set(err, EPERM, "%s: mode %04o is writable by group or others (chmod go-w %s)",
                       part, (unsigned)(st->st_mode & 07777), part);
    if (last && rule == SECURE_SECRET && (st->st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return err_set(err, EPERM, "%s: mode %04o lets others read it (chmod 600 %s)", part,
                       (unsigned)(st->st_mode & 07777), part);
    return 0;
}

static int open_last(int dir, const char *name, const char *part, mode_t type, struct err *err) {
    int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    if (type == S_IFDIR)
        flags |= O_DIRECTORY;
    int fd = openat(dir, name, flags);
    if (fd < 0 && errno == ELOOP)
        return err_set(err, ELOOP, "%s: is a symlink, give the real path", part);
    if (fd < 0 && errno == ENOTDIR)
        return err_set(err, ENOTDIR, "%s: not a folder, or a symlink; give the real path", part);
    if (fd < 0)
        return err_sys(err, errno, "%s", part);
    return fd;
}

static int open_folder(int dir, const char *name, const char *part, struct err *err) {
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
        return err_set(err, errno, "%s: not a folder, or a symlink; give the real path", part);
    if (fd < 0)
        return err_sys(err, errno, "%s", part);
    return fd;
}

static int check_fd(int fd, mode_t type, enum secure_rule rule, bool last, uid_t trusted_uid,
                    const char *part, struct err *err) {
    struct stat st;
    if (fstat(fd, &st) != 0)
        return err_sys(err, errno, "%s", part);
    if ((st.st_mode & S_IFMT) != type)
        return err_set(err, EINVAL, "%s: not a %s", part,
                       type == S_IFDIR ? "folder" : "regular file");
    return judge(&st, rule, last, trusted_uid, part, err);
}

/* Descend one part; *dir is replaced. part is the path so far, for messages. */
static int descend(int *dir, const char *name, bool last, mode_t type, enum secure_rule rule,
                   uid_t trusted_uid, const char *part, struct err *err) {
    mode_t want = last ? type : S_IFDIR;
    CLEANUP_CLOSE int fd =
        last ? open_last(*dir, name, part, type, err) : open_folder(*dir, name, part, err);
    if (fd < 0)
        return fd;
    int rc = check_fd(fd, want, rule, last, trusted_uid, part, err);
    if (rc != 0)
        return rc;
    close(*dir);
    *dir = take_fd(&fd);
    return 0;
}

/* Links that macOS itself made, on a volume that nobody can write: these are followed. */
static const char *const system_links[] = {"/etc/", "/var/", "/tmp/"};

static bool real_path(const char *path, char *real, size_t size) {
    const char *before = "";
    for (size_t i = 0; PLATFORM_DARWIN && i < sizeof system_links / sizeof system_links[0]; i++)
        if (strncmp(path, system_links[i], strlen(system_links[i])) == 0)
            before = "/private";
    int len = snprintf(real, size, "%s%s", before, path);
    return len >= 0 && (size_t)len < size;
}

static int walk(const char *path, mode_t type, enum secure_rule rule, uid_t trusted_uid,
                struct err *err) {
    char copy[PATH_MAX], part[PATH_MAX], real[PATH_MAX];
    if (path[0] != '/')
        return err_set(err, EINVAL, "%s: must be an absolute path", path);
    if (!real_path(path, real, sizeof real) || !str_copy(copy, sizeof copy, real))
        return err_set(err, ENAMETOOLONG, "the path is longer than %d bytes", PATH_MAX - 1);
    CLEANUP_CLOSE int dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return err_sys(err, errno, "/");
    int rc = check_fd(dir, S_IFDIR, rule, false, trusted_uid, "/", err);
    if (rc != 0)
        return rc;
    char *save = NULL, *name = strtok_r(copy, "/", &save);
    if (name == NULL && type != S_IFDIR)
        return err_set(err, EISDIR, "%s: not a regular file", path);
    while (name != NULL) {
        char *next = strtok_r(NULL, "/", &save);
        if (strcmp(name, "..") == 0)
            return err_set(err, EINVAL, "%s: must not contain '..'", path);
        size_t used = (size_t)(name - copy) + strlen(name);
        memcpy(part, real, used);
        part[used] = '\0';
        rc = descend(&dir, name, next == NULL, type, rule, trusted_uid, part, err);
        if (rc != 0)
            return rc;
        name = next;
    }
    return take_fd(&dir);
}

int secure_open_file(const char *path, enum secure_rule rule, uid_t trusted_uid, struct err *err) {
    return walk(path, S_IFREG, rule, trusted_uid, err);
}

int secure_open_dir(const char *path, enum secure_rule rule, uid_t trusted_uid, struct err *err) {
    return walk(path, S_IFDIR, rule, trusted_uid, err);
}
