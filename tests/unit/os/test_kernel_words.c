/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What the kernel says in words, one read each: made up here, with what comes between. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/os.h"
#include "os/os_cifs.h"
#include "os/os_linux.h"

static const char *const *words; /* NULL at the end; "!" is what is not there to be read */
static int code;                 /* errno for that */
static bool endless;

ssize_t __wrap_read(int fd, void *to, size_t size);
long __wrap_syscall(long number, ...);

ssize_t __wrap_read(int fd, void *to, size_t size) {
    (void)fd;
    if (*words == NULL) {
        errno = EAGAIN;
        return -1;
    }
    const char *text = *words;
    words += endless ? 0 : 1;
    errno = code;
    if (strcmp(text, "!") == 0)
        return -1;
    size_t len = strlen(text) < size ? strlen(text) : size;
    memcpy(to, text, len);
    return (ssize_t)len;
}

/* A context is made, and nothing else works. */
long __wrap_syscall(long number, ...) {
    errno = EINVAL;
    return number == SYS_fsopen ? open("/dev/null", O_RDONLY | O_CLOEXEC) : -1;
}

static const char *refused(const char *const *said, size_t size) {
    static char log[256];
    int fd;
    memset(log, '?', sizeof log);
    words = said;
    cr_assert_eq(os_mount_create("cifs", "//nas/a", NULL, 0, 0, &fd, log, size), -EINVAL);
    cr_assert_eq(fd, -1);
    return log;
}

Test(os_kernel_words, of_a_mount_become_one_line) {
    static const char *const two[] = {"e cifs: one\n", "w cifs: two\n\n", NULL};
    static const char *const hostile[] = {"e \033[2J\n", NULL}, *const empty[] = {"\n", NULL};
    static const char *const none[] = {NULL};
    cr_assert_str_eq(refused(two, 256), "e cifs: one; w cifs: two");
    cr_assert_str_eq(refused(two, 14), "e cifs: one", "no half of a separator");
    cr_assert_str_eq(refused(two, 16), "e cifs: one; w ");
    cr_assert_str_eq(refused(two, 4), "e c");
    cr_assert_str_eq(refused(hostile, 256), "e \\x1b[2J");
    cr_assert_str_eq(refused(empty, 256), "");
    cr_assert_str_eq(refused(none, 256), "");
}

Test(os_kernel_words, without_end_are_left) {
    static const char *const more[] = {"e x\n", NULL};
    endless = true;
    cr_assert_lt(strlen(refused(more, 256)), 256);
}

static bool status(const char *const *said, const char *want) {
    char found[64];
    words = said;
    bool ours = os_kernel_log_status(3, "nas", found, sizeof found);
    cr_assert_str_eq(found, want);
    return ours;
}

#define REFUSED "7,1,1,-;CIFS: Status code returned 0xc000006d STATUS_LOGON_FAILURE\n"
#define OWNER(name) "3,2,1,-;CIFS: VFS: \\x5c\\x5c" name " Send error in SessSetup = -13\n"

Test(os_kernel_words, of_the_log_that_was_overwritten_or_interrupted_go_on) {
    static const char *const said[] = {"!", REFUSED, "!", OWNER("nas"), NULL};
    static const int codes[] = {EPIPE, EINTR};
    for (size_t i = 0; i < 2; i++) {
        code = codes[i];
        cr_assert(status(said, "STATUS_LOGON_FAILURE"));
    }
    code = EIO;
    cr_assert(status(said, ""), "nothing was heard");
}

Test(os_kernel_words, of_the_log_that_are_something_else) {
    static const char *const longer[] = {REFUSED, OWNER("nas.local"), NULL};
    static const char *const shorter[] = {REFUSED, OWNER("na"), NULL};
    static const char *const about[] = {
        REFUSED, "3,2,1,-;CIFS: VFS: \\x5c\\x5cnas has not responded in 15 seconds\n", NULL};
    static const char *const no_text[] = {"7,1,1,-", "7,1,1,-;", "", NULL};
    static const char *const odd[] = {
        "7,1,1,-;CIFS: STATUS_\n",
        "7,1,1,-;CIFS: STATUS_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        NULL};
    cr_assert_not(status(longer, ""), "another server");
    cr_assert_not(status(shorter, ""), "another server");
    cr_assert(status(about, "STATUS_LOGON_FAILURE"), "it says nothing of a login");
    cr_assert(status(no_text, ""));
    cr_assert(status(odd, ""));
}
