/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Who we are and who talks to us, as far as it takes a system that answers otherwise. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/os.h"

static struct {
    const char *exe;
    bool exists;
    const char *own, *first; /* mount tables, ours and process 1's; NULL: closed to us */
    uid_t peer;
    socklen_t peer_len, groups_len;
    int groups_calls; /* that succeed; the first says how many groups there are */
} answers;

ssize_t __wrap_readlink(const char *path, char *to, size_t size);
int __wrap_access(const char *path, int mode);
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_getsockopt(int fd, int level, int name, void *to, socklen_t *len);

ssize_t __wrap_readlink(const char *path, char *to, size_t size) {
    cr_assert_str_eq(path, "/proc/self/exe");
    size_t len = strlen(answers.exe) < size ? strlen(answers.exe) : size;
    memcpy(to, answers.exe, len);
    return (ssize_t)len;
}

int __wrap_access(const char *path, int mode) {
    cr_assert(mode == F_OK && strcmp(path, answers.exe) == 0);
    return answers.exists ? 0 : -1;
}

int __wrap_open(const char *path, int flags, ...) {
    if (strstr(path, "/mountinfo") == NULL) { /* the counters of a coverage build */
        va_list args;
        va_start(args, flags);
        mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
        va_end(args);
        return __real_open(path, flags, mode);
    }
    const char *text = strcmp(path, "/proc/1/mountinfo") == 0 ? answers.first : answers.own;
    errno = EACCES;
    if (text == NULL)
        return -1;
    int fd = memfd_create("mountinfo", MFD_CLOEXEC);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

int __wrap_getsockopt(int fd, int level, int name, void *to, socklen_t *len) {
    cr_assert_eq(level, SOL_SOCKET);
    (void)fd;
    if (name == SO_PEERCRED) {
        struct ucred who = {.pid = 7, .uid = answers.peer, .gid = 7};
        memcpy(to, &who, sizeof who);
        *len = answers.peer_len;
        return 0;
    }
    bool fits = *len >= answers.groups_len;
    *len = answers.groups_len;
    errno = fits ? ENOBUFS : ERANGE;
    if (!fits || answers.groups_calls-- <= 0)
        return -1;
    for (socklen_t i = 0; i < *len / sizeof(gid_t); i++)
        ((gid_t *)to)[i] = 1000 + i;
    return 0;
}

/* After an upgrade the new program stands where the old one was; the next helper is the new one. */
Test(os_self, a_program_that_was_replaced_is_found_at_its_place) {
    static const struct {
        const char *exe;
        bool exists;
        const char *want;
    } cases[] = {
        {"/sbin/smbmounter", true, "/sbin/smbmounter"},
        {"/sbin/smbmounter (deleted)", false, "/sbin/smbmounter"},
        {"/sbin/odd (deleted)", true, "/sbin/odd (deleted)"}, /* its name */
        {"/x (deleted)", false, "/x"},
        {"/", false, "/"},
        {" (deleted)", false, " (deleted)"},
    };
    char path[64];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        answers.exe = cases[i].exe;
        answers.exists = cases[i].exists;
        cr_assert_eq(os_self_path(path, sizeof path), 0);
        cr_assert_str_eq(path, cases[i].want);
    }
}

#define ROOT(id, tags) id " 1 8:1 / / rw" tags " - ext4 /dev/a rw\n"
#define REST "99 1 0:5 / /p rw master:1 - proc p rw\n98 1 0:5 / /proc rw master:1 - proc p rw\n"

Test(os_self, a_namespace_of_our_own_is_told_from_the_hosts) {
    static const struct {
        const char *what, *own, *first;
        bool host;
        const char *words;
    } cases[] = {
        {"the same", REST ROOT("20", ""), REST ROOT("20", ""), true, NULL},
        {"slave", ROOT("30", " master:1") REST, ROOT("20", "") REST, false, "30, a slave"},
        {"private", ROOT("30", "") REST, ROOT("20", ""), false, "30, process 1 has 20"},
        {"what is on top counts", ROOT("30", "") ROOT("20", ""), ROOT("20", ""), true, NULL},
        {"process 1 is closed", ROOT("20", ""), NULL, true, NULL},
        {"closed, and a slave", ROOT("30", " master:1"), NULL, false, "a slave"},
        {"process 1 has no root", ROOT("20", " shared:1"), REST, true, NULL},
        {"we cannot tell", NULL, ROOT("20", ""), true, NULL},
        {"nor without a root", REST, ROOT("20", ""), true, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err why = {0};
        answers.own = cases[i].own;
        answers.first = cases[i].first;
        cr_assert_eq(os_namespace_is_host(&why), cases[i].host, "%s", cases[i].what);
        cr_assert_eq(why.code, cases[i].host ? 0 : EXDEV, "%s", cases[i].what);
        if (cases[i].words != NULL)
            cr_assert_not_null(strstr(why.text, cases[i].words), "%s", why.text);
    }
}

/* In doubt a group is not his. */
Test(os_self, groups_that_cannot_be_told_grant_nothing) {
    struct os_peer peer;
    static const struct {
        socklen_t groups;
        int calls;
        size_t want;
    } cases[] = {{3, 1, 3}, {3, 0, 0}, {300, 1, 256}, {300, 0, 0}, {0, 1, 0}};
    answers.peer_len = sizeof(struct ucred);
    answers.peer = 1000;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        answers.groups_len = cases[i].groups * sizeof(gid_t);
        answers.groups_calls = cases[i].calls;
        cr_assert_eq(os_peer(0, &peer), 0);
        cr_assert_eq(peer.uid, 1000);
        cr_assert_eq(peer.groups_len, cases[i].want, "%zu", i);
        cr_assert(peer.groups_len == 0 || peer.groups[0] == 1000);
    }
}

Test(os_self, nobody_is_no_peer) {
    struct os_peer peer;
    answers.peer_len = sizeof(struct ucred);
    answers.peer = (uid_t)-1;
    cr_assert_eq(os_peer(0, &peer), -ENOTCONN);
    answers.peer = 0;
    answers.peer_len = sizeof(struct ucred) - 1;
    cr_assert_eq(os_peer(0, &peer), -ENOTCONN);
    cr_assert_eq(peer.uid, (uid_t)-1, "half of an answer is not root");
    cr_assert_not(os_is_member(0, 0), "the kernel tells all groups");
    cr_assert_eq(os_activated_socket("control"), -ENOENT);
}
