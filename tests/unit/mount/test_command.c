/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Mounting by a command: how it can end, also on a kernel that has no pidfds. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mount/process.h"
#include "os/os.h"
#include "place.h"
#include "stage.h"

static bool no_pidfds, no_start;

int __real_os_pidfd(pid_t pid);
int __wrap_os_pidfd(pid_t pid);
pid_t __real_process_start(const struct process_spec *spec, struct err *err);
pid_t __wrap_process_start(const struct process_spec *spec, struct err *err);

int __wrap_os_pidfd(pid_t pid) {
    return no_pidfds ? -1 : __real_os_pidfd(pid);
}

pid_t __wrap_process_start(const struct process_spec *spec, struct err *err) {
    return no_start ? err_set(err, EAGAIN, "no process") : __real_process_start(spec, err);
}

TestSuite(command, .init = stage_set_up, .timeout = 60);

#define MOUNT "mount -t tmpfs nas \"$SMBMOUNTER_MOUNTPOINT\""

static void ends(const char *body, enum helper_class class, const char *words) {
    place_script("/run/up", body);
    cr_assert_eq(stage_do(HELPER_MOUNT), class, "%s", done.result.text);
    cr_assert_not_null(strstr(done.result.text, words), "%s", done.result.text);
    cr_assert_eq(stage_depth(), class == HELPER_OK);
}

Test(command, whether_a_person_must_act_shows_in_its_end) {
    ends("exit 1", HELPER_TRANSIENT, "/run/up: exit status 1");
    ends("exit 126", HELPER_CONFIG, "/run/up: exit status 126");
    ends("exit 127", HELPER_CONFIG, "could not be executed");
    ends("kill -SEGV $$", HELPER_TRANSIENT, "/run/up: killed by signal 11");
    ends("echo why >&2; exit 2", HELPER_TRANSIENT, "exit status 2: why");
    ends(MOUNT "; exit 0", HELPER_OK, "mounted");
}

Test(command, what_takes_too_long_is_told_with_what_it_said) {
    request.mount.command_timeout_ms = 500;
    ends("exec sleep 100", HELPER_TRANSIENT, "/run/up: nothing was mounted on " AT " in time");
    cr_assert_null(strstr(done.result.text, "in time:"), "%s", done.result.text);
    ends("echo patience >&2; exec sleep 100", HELPER_TRANSIENT, "in time: patience");
    cr_assert_eq(done.result.os_errno, ETIMEDOUT);
    ends("exit 0", HELPER_TRANSIENT, "in time");
}

/* No limit of its own, or a longer one: that of the whole. */
Test(command, the_whole_ends_in_time_whatever_its_own_limit) {
    static const uint32_t limits[] = {0, 600000};
    request.timeout_ms = 1500;
    for (size_t i = 0; i < 2; i++) {
        request.mount.command_timeout_ms = limits[i];
        ends("exec sleep 100", HELPER_TRANSIENT, "in time");
    }
}

Test(command, another_file_system_than_expected) {
    static char other[] = "proc", empty[] = "";
    request.mount.fstype = other;
    place_script("/run/up", MOUNT);
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_CONFIG);
    cr_assert_not_null(strstr(done.result.text, "mounted 'tmpfs nas' on " AT
                                                ", but fstype 'proc' and source nas is expected"),
                       "%s", done.result.text);
    cr_assert_eq(stage_depth(), 1, "it is not touched");
    cr_assert_eq(umount2(AT, 0), 0);
    request.mount.source = empty;
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_CONFIG);
    cr_assert_not_null(strstr(done.result.text, "but fstype 'proc' is expected"), "%s",
                       done.result.text);
}

Test(command, that_cannot_be_started_is_no_mount) {
    no_start = true;
    ends(MOUNT, HELPER_TRANSIENT, "/run/up: ");
}

/* Slower to notice, but the same. */
Test(command, without_pidfds) {
    static char down[] = "/run/down";
    static char *command[] = {down};
    no_pidfds = true;
    ends("exit 3", HELPER_TRANSIENT, "exit status 3");
    ends("sleep 0.1; " MOUNT, HELPER_OK, "mounted");
    request.mount.unmount_command = (struct config_words){command, 1};
    place_script(down, "sleep 0.1; exit 4");
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_TRANSIENT);
    cr_assert_not_null(strstr(done.result.text, "exit status 4"), "%s", done.result.text);
    place_script(down, "sleep 0.1; exec umount \"$SMBMOUNTER_MOUNTPOINT\"");
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_OK, "%s", done.result.text);
    cr_assert_eq(stage_depth(), 0);
}
