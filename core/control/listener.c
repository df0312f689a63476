/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "control/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/places.h"
#include "base/str.h"

#define BACKLOG 128

static int make_nonblocking(int fd) {
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return -errno;
    return 0;
}

static int open_socket(struct err *err) {
    CLEANUP_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0)
        return err_sys(err, errno, "cannot make the control socket");
    int rc = make_nonblocking(fd);
    if (rc < 0)
        return err_sys(err, -rc, "cannot make the control socket");
    return take_fd(&fd);
}

/* Anybody who can write in the folder could put a socket of their own there, and its owner can
 * whatever its mode says. */
static int check_rights(const char *folder, const struct stat *st, struct err *err) {
    if (st->st_uid != 0 && st->st_uid != geteuid())
        return err_set(err, EACCES,
                       "control.socket: the folder %s belongs to another user (%lu); choose "
                       "another, or chown root %s",
                       folder, (unsigned long)st->st_uid, folder);
    if ((st->st_mode & S_ISVTX) != 0)
        return 0;
    if ((st->st_mode & S_IWOTH) != 0)
        return err_set(err, EACCES,
                       "control.socket: everybody can write in the folder %s; choose another, or "
                       "chmod o-w %s",
                       folder, folder);
    if ((st->st_mode & S_IWGRP) != 0 && st->st_gid != PLACE_RUN_GROUP)
        return err_set(err, EACCES,
                       "control.socket: a group (%lu) can write in the folder %s; choose another, "
                       "or chmod g-w %s",
                       (unsigned long)st->st_gid, folder, folder);
    return 0;
}

static int check_folder(const char *path, struct err *err) {
    char folder[sizeof((struct listener *)0)->path];
    struct stat st;
    str_copy(folder, sizeof folder, path);
    char *slash = strrchr(folder, '/');
    if (path[0] != '/' || slash == NULL)
        return err_set(err, EINVAL, "control.socket: %s must be an absolute path", path);
    slash[slash == folder ? 1 : 0] = '\0';
    if (stat(folder, &st) != 0)
        return err_sys(err, errno, "control.socket: cannot use the folder %s", folder);
    return check_rights(folder, &st, err);
}

/* 1: somebody listens there. 0: nobody. A full backlog (EAGAIN) is somebody, too. */
static int is_alive(const struct sockaddr_un *address, struct err *err) {
    CLEANUP_CLOSE int fd = open_socket(err);
    if (fd < 0)
        return fd;
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno == EAGAIN ||
        errno == EINPROGRESS)
        return 1;
    if (errno == ECONNREFUSED || errno == ENOENT)
        return 0;
    return err_sys(err, errno, "control.socket: cannot find out who uses %s", address->sun_path);
}

static int clear_path(const struct sockaddr_un *address, struct err *err) {
    const char *path = address->sun_path;
    struct stat st;
    if (lstat(path, &st) != 0)
        return errno == ENOENT ? 0 : err_sys(err, errno, "control.socket: cannot look at %s", path);
    if (!S_ISSOCK(st.st_mode))
        return err_set(err, EEXIST,
                       "control.socket: %s exists and is not a socket; it is left alone. Remove it "
                       "or set another path",
                       path);
    int alive = is_alive(address, err);
    if (alive < 0)
        return alive;
    if (alive > 0)
        return err_set(err, EADDRINUSE,
                       "another smbmounter daemon is running: it answers on %s; stop it first",
                       path);
    if (unlink(path) != 0 && errno != ENOENT)
        return err_sys(err, errno, "control.socket: cannot remove the stale socket %s", path);
    return 0;
}

/* Everybody may connect. It is made so: to change it afterwards, by its path, could change what
 * somebody has put there instead. */
static int bind_for_all(int fd, const struct sockaddr_un *address) {
    mode_t mask = umask(0111);
    int rc = bind(fd, (const struct sockaddr *)address, sizeof *address) == 0 ? 0 : -errno;
    umask(mask);
    return rc;
}

static int bind_and_listen(int fd, const struct sockaddr_un *address, struct listener *listener,
                           struct err *err) {
    const char *path = address->sun_path;
    struct stat st;
    int rc = bind_for_all(fd, address);
    if (rc < 0)
        return err_sys(err, -rc, "control.socket: cannot make %s", path);
    if (lstat(path, &st) != 0 || listen(fd, BACKLOG) != 0) {
        int code = errno;
        unlink(path);
        return err_sys(err, code, "control.socket: cannot listen on %s", path);
    }
    listener->device = st.st_dev;
    listener->inode = st.st_ino;
    return 0;
}

int listener_open(struct listener *listener, const char *path, struct err *err) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    *listener = (struct listener){.fd = -1};
    if (!str_copy(address.sun_path, sizeof address.sun_path, path))
        return err_set(err, ENAMETOOLONG, "control.socket: %s is longer than %zu bytes", path,
                       sizeof address.sun_path - 1);
    int rc = check_folder(path, err);
    if (rc == 0)
        rc = clear_path(&address, err);
    if (rc < 0)
        return rc;
    CLEANUP_CLOSE int fd = open_socket(err);
    if (fd < 0)
        return fd;
    rc = bind_and_listen(fd, &address, listener, err);
    if (rc < 0)
        return rc;
    str_copy(listener->path, sizeof listener->path, path);
    listener->fd = take_fd(&fd);
    return 0;
}

int listener_adopt(struct listener *listener, int fd, struct err *err) {
    int listening = 0;
    socklen_t len = sizeof listening;
    *listener = (struct listener){.fd = -1};
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) != 0 || listening == 0)
        return err_set(err, EINVAL, "the descriptor %d that was handed over is no listening socket",
                       fd);
    int rc = make_nonblocking(fd);
    if (rc < 0)
        return err_sys(err, -rc, "cannot use the socket that was handed over");
    listener->fd = fd;
    return 0;
}

void listener_close(struct listener *listener) {
    struct stat st;
    if (listener->fd >= 0)
        close(listener->fd);
    listener->fd = -1;
    if (listener->path[0] != '\0' && lstat(listener->path, &st) == 0 &&
        st.st_dev == listener->device && st.st_ino == listener->inode)
        unlink(listener->path);
    listener->path[0] = '\0';
}

int listener_accept(const struct listener *listener) {
    int fd;
    do
        fd = accept(listener->fd, NULL, NULL);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return -errno;
    int rc = make_nonblocking(fd);
    if (rc < 0) {
        close(fd);
        return rc;
    }
    return fd;
}
