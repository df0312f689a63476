/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The NT status in the kernel log. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "os/os.h"
#include "os/os_cifs.h"

/* The log is one for all: these tests, which run side by side, write it in turn. */
static int open_log(void) {
    int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        cr_skip_test("needs a writable kernel log");
    cr_assert_eq(flock(fd, LOCK_EX), 0);
    return fd;
}

/* The newline makes the record final; without it the next one could still be joined to it. */
static void say(int fd, const char *text) {
    char line[128];
    int len = snprintf(line, sizeof line, "<7>%s\n", text);
    cr_assert_eq(write(fd, line, (size_t)len), len);
}

static void expect(int mark, const char *status) {
    char found[64] = "before";
    cr_assert(os_kernel_log_status(mark, "nas", found, sizeof found));
    cr_assert_str_eq(found, status);
}

Test(os_kmsg, newest_status_since_the_mark) {
    int out = open_log();
    say(out, "CIFS: Status code returned 0xc0000001 STATUS_BEFORE_THE_MARK");
    int mark = os_kernel_log_mark();
    cr_assert_geq(mark, 0);
    expect(mark, "");
    say(out, "other: CIFS: STATUS_FORGED");
    say(out, "CIFS: nothing to see, STATUS_");
    expect(mark, "");
    say(out, "CIFS: Status code returned 0xc0000234 STATUS_ACCOUNT_LOCKED_OUT");
    say(out, "CIFS: Status code returned 0xc000006d STATUS_LOGON_FAILURE, again");
    expect(mark, "STATUS_LOGON_FAILURE");
    expect(mark, "");
    say(out, "CIFS: Status code returned 0xc0000071 STATUS_PASSWORD_EXPIRED");
    char tiny[8];
    cr_assert(os_kernel_log_status(mark, "nas", tiny, sizeof tiny));
    cr_assert_str_eq(tiny, "STATUS_");
    close(mark);
    close(out);
}

/* An account that is locked at another server makes the kernel log in there once a second. */
Test(os_kmsg, what_other_servers_said_is_not_ours) {
    char found[64];
    int out = open_log(), mark = os_kernel_log_mark();
    cr_assert_geq(mark, 0);
    static const char other[] = "CIFS: Status code returned 0xc0000234 STATUS_ACCOUNT_LOCKED_OUT",
                      ours[] = "CIFS: Status code returned 0xc000006d STATUS_LOGON_FAILURE",
                      theirs[] = "CIFS: VFS: \\\\nas2 Send error in SessSetup = -13";
    say(out, other);
    say(out, theirs);
    cr_assert_not(os_kernel_log_status(mark, "nas", found, sizeof found));
    cr_assert_str_eq(found, "");
    say(out, ours);
    say(out, "CIFS: VFS: \\\\NAS Send error in SessSetup = -13");
    say(out, theirs);
    expect(mark, "STATUS_LOGON_FAILURE");
    say(out, ours);
    say(out, "CIFS: VFS: \\\\nas Send error in SessSetup = -13");
    say(out, other);
    say(out, theirs);
    say(out, other); /* whose it is was not said yet */
    expect(mark, "STATUS_LOGON_FAILURE");
    say(out, "CIFS: VFS: \\\\nas2 has not responded in 15 seconds. Reconnecting...");
    say(out, theirs);
    expect(mark, "");
    say(out, "CIFS: STATUS_THAT_IS_LONGER_THAN_ANY_NAME_OF_A_STATUS_CAN_BE_"
             "AND_SO_IT_IS_NONE_OF_THEM");
    expect(mark, "");
    close(mark);
    close(out);
}

Test(os_kmsg, a_log_without_end_is_left, .timeout = 60) {
    int endless = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    expect(endless, "");
    close(endless);
}

Test(os_kmsg, without_a_log_there_is_no_status) {
    expect(-1, "");
}
