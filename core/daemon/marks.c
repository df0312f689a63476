/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/marks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/secure.h"
#include "base/str.h"

#define LOCK_NAME ".daemon.lock"
#define LOCK_WAIT_MS 2000u
#define LOCK_LOOK_MS 10u

/* Helpers reach it by its path, so nobody else may put another one there. Its fd or -errno. */
static int prepare_folder(const char *directory, struct err *err) {
    char path[CONFIG_PATH_MAX];
    const char *name;
    struct stat st;
    if (!str_copy(path, sizeof path, directory))
        return err_set(err, ENAMETOOLONG, "runtime_directory: %s is too long", directory);
    for (size_t len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
        path[len - 1] = '\0';
    CLEANUP_CLOSE int above = secure_open_above(path, SECURE_RUN, geteuid(), &name, err);
    if (above < 0) {
        (void)err_wrap(err, "runtime_directory");
        return above;
    }
    if (mkdirat(above, name, 0700) != 0 && errno != EEXIST)
        return err_sys(err, errno, "cannot make the runtime folder %s", directory);
    CLEANUP_CLOSE int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno != ELOOP && errno != ENOTDIR)
        return err_sys(err, errno, "cannot open the runtime folder %s", directory);
    if (fd < 0 || fstat(fd, &st) != 0 || st.st_uid != geteuid() || (st.st_mode & 022) != 0)
        return err_set(err, EPERM,
                       "the runtime folder %s must be a folder of root that nobody else can write",
                       directory);
    return take_fd(&fd);
}

/* A child that a killed daemon had just made holds its lock until it executes its program. */
static int take_lock(int fd) {
    for (unsigned waited = 0;; waited += LOCK_LOOK_MS) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return 0;
        if (errno != EWOULDBLOCK || waited >= LOCK_WAIT_MS)
            return -errno;
        nanosleep(&(struct timespec){.tv_nsec = LOCK_LOOK_MS * 1000000L}, NULL);
    }
}

/* For those who send signals to the daemon (newsyslog); the lock holds without it. */
static void write_pid(int fd) {
    char pid[24];
    int len = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)len, 0) != len)
        return;
}

int marks_prepare(const char *directory, struct err *err) {
    char path[CONFIG_PATH_MAX + 16];
    CLEANUP_CLOSE int folder = prepare_folder(directory, err);
    if (folder < 0)
        return folder;
    /* The dot keeps it apart from NAME.lock of a mount. */
    snprintf(path, sizeof path, "%s/" LOCK_NAME, directory);
    CLEANUP_CLOSE int fd =
        openat(folder, LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_sys(err, errno, "cannot open %s", path);
    int rc = take_lock(fd);
    if (rc == -EWOULDBLOCK)
        return err_set(err, -rc, "another smbmounter daemon is running: it holds %s", path);
    if (rc != 0)
        return err_sys(err, -rc, "cannot lock %s", path);
    write_pid(fd);
    return take_fd(&fd);
}

static bool mark_path(const struct supervisor *s, char *path, size_t size) {
    int n = snprintf(path, size, "%s/%s.down", s->daemon->config.runtime_directory, s->conf.name);
    return n > 0 && (size_t)n < size;
}

void marks_note(const struct supervisor *s) {
    enum machine_reason reason = s->machine.reason;
    char path[CONFIG_PATH_MAX + 80];
    if ((reason != MACHINE_FOR_BY_HAND && reason != MACHINE_FOR_IDLE) ||
        !mark_path(s, path, sizeof path))
        return;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    const char *word = machine_reason_name(reason);
    if (fd < 0 || write(fd, word, strlen(word)) < 0)
        log_put(&s->daemon->log, LOG_WARNING, "mount '%s': cannot remember the unmount in %s: %s",
                s->conf.name, path, strerror(errno));
    if (fd >= 0)
        close(fd);
}

void marks_clear(const struct supervisor *s) {
    char path[CONFIG_PATH_MAX + 80];
    if (mark_path(s, path, sizeof path))
        unlink(path);
}

enum machine_reason marks_down(const struct supervisor *s) {
    char path[CONFIG_PATH_MAX + 80], word[16] = "";
    int fd = mark_path(s, path, sizeof path) ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (fd < 0)
        return MACHINE_FOR_NONE;
    ssize_t len = read(fd, word, sizeof word - 1);
    close(fd);
    bool idle = len > 0 && strcmp(word, machine_reason_name(MACHINE_FOR_IDLE)) == 0;
    return idle ? MACHINE_FOR_IDLE : MACHINE_FOR_BY_HAND;
}
