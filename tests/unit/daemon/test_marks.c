/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/marks.h"
#include "daemon/supervisor.h"
#include "fail.h"

static char folder[] = "/mnt/run", name[] = "media";
static struct daemon owner;
static struct supervisor media;

static void begin(void) {
    if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0)
        cr_skip_test("needs root and namespaces");
    umask(022);
    cr_assert_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    cr_assert_eq(mount("x", "/mnt", "tmpfs", 0, "mode=0755"), 0);
    cr_assert_eq(mkdir(folder, 0700), 0);
    log_init(&owner.log);
    owner.log.level = LOG_ERROR;
    owner.config.runtime_directory = folder;
    media = (struct supervisor){.daemon = &owner, .conf.name = name};
}

static enum machine_reason after(enum machine_reason reason) {
    media.machine.reason = reason;
    marks_note(&media);
    return marks_down(&media);
}

static void keep(void *context, enum log_level level, const char *line) {
    (void)level;
    snprintf(context, 512, "%s", line);
}

TestSuite(marks, .init = begin);

Test(marks, remember_who_took_it_down) {
    cr_assert_eq(marks_down(&media), MACHINE_FOR_NONE);
    cr_assert_eq(after(MACHINE_FOR_BY_HAND), MACHINE_FOR_BY_HAND);
    cr_assert_eq(after(MACHINE_FOR_IDLE), MACHINE_FOR_IDLE);
    marks_clear(&media);
    cr_assert_eq(marks_down(&media), MACHINE_FOR_NONE);
}

Test(marks, other_reasons_leave_none) {
    cr_assert_eq(after(MACHINE_FOR_STOPPING), MACHINE_FOR_NONE);
    cr_assert_eq(after(MACHINE_FOR_REMOVED), MACHINE_FOR_NONE);
}

Test(marks, do_not_follow_links) {
    char path[128], victim[128];
    snprintf(victim, sizeof victim, "%s/victim", folder);
    snprintf(path, sizeof path, "%s/media.down", folder);
    cr_assert_eq(symlink(victim, path), 0);
    cr_assert_eq(after(MACHINE_FOR_BY_HAND), MACHINE_FOR_NONE);
    cr_assert_neq(access(victim, F_OK), 0);
}

Test(marks, refuse_a_folder_that_others_can_write) {
    struct err err = {0};
    int lock = marks_prepare(folder, &err);
    cr_assert_geq(lock, 0);
    cr_assert_lt(marks_prepare(folder, &err), 0, "two daemons");
    cr_assert(strstr(err.text, "another smbmounter daemon") != NULL);
    close(lock);
    cr_assert_eq(chmod(folder, 0777), 0);
    cr_assert_lt(marks_prepare(folder, &err), 0);
    cr_assert(strstr(err.text, folder) != NULL);
}

Test(marks, refuse_a_link_to_a_folder) {
    char path[128];
    struct err err = {0};
    snprintf(path, sizeof path, "%s/link", folder);
    cr_assert_eq(symlink("/mnt", path), 0);
    cr_assert_lt(marks_prepare(path, &err), 0);
}

static void refused(const char *says) {
    struct err err = {0};
    cr_assert_lt(marks_prepare("/mnt/above/run/", &err), 0);
    cr_assert_not_null(strstr(err.text, says), "%s", err.text);
}

Test(marks, refuse_a_folder_below_one_that_others_can_write) {
    struct err err = {0};
    cr_assert_eq(mkdir("/mnt/above", 0755), 0);
    int lock = marks_prepare("/mnt/above/run/", &err);
    cr_assert_geq(lock, 0, "%s", err.text);
    cr_assert_eq(fcntl(lock, F_GETFD), FD_CLOEXEC);
    close(lock);
    cr_assert_eq(chmod("/mnt/above", 01777), 0);
    refused("runtime_directory: /mnt/above: mode 1777 is writable by group or others");
    cr_assert_eq(chmod("/mnt/above", 0775), 0);
    refused("chmod go-w /mnt/above");
    cr_assert_eq(chmod("/mnt/above", 0755), 0);
    cr_assert_eq(chown("/mnt/above", 1234, 0), 0);
    refused("chown root /mnt/above");
}

Test(marks, do_not_go_by_a_users_link) {
    struct err err = {0};
    cr_assert_eq(symlink("/mnt", "/mnt/above"), 0);
    int lock = marks_prepare("/mnt/above/run", &err);
    cr_assert_geq(lock, 0, "root's: %s", err.text);
    close(lock);
    cr_assert_eq(lchown("/mnt/above", 1234, 0), 0);
    refused("/mnt/above is a symlink");
}

static int prepare(void *context) {
    struct err err = {0};
    int lock = marks_prepare(context, &err);
    (void)fail_end(); /* closing is not what is tried */
    cr_assert(lock >= 0 || err.text[0] != '\0');
    if (lock >= 0)
        close(lock);
    return lock < 0 ? lock : 0;
}

Test(marks, a_folder_that_cannot_be_prepared_is_named_why) {
    char path[] = "/mnt/new/", longer[CONFIG_PATH_MAX + 2], out[64];
    struct err err = {0};
    cr_assert_geq(fail_each("preparing", FAIL_PERHAPS, prepare, path), 6);
    memset(longer, 'a', sizeof longer);
    longer[0] = '/';
    longer[sizeof longer - 1] = '\0';
    cr_assert_eq(marks_prepare(longer, &err), -ENAMETOOLONG);
    snprintf(out, sizeof out, "%s/.daemon.lock", folder);
    cr_assert_eq(symlink("/mnt/victim", out), 0);
    cr_assert_eq(marks_prepare(folder, &err), -ELOOP);
    cr_assert_not_null(strstr(err.text, "cannot open /mnt/run/.daemon.lock"), "%s", err.text);
    cr_assert_neq(access("/mnt/victim", F_OK), 0);
    cr_assert_eq(unlink(out), 0);
    cr_assert_eq(chown(folder, 1234, 0), 0);
    cr_assert_eq(marks_prepare(folder, &err), -EPERM);
}

Test(marks, one_that_cannot_be_written_is_told_and_none) {
    static char log_text[512];
    char longer[2 * CONFIG_PATH_MAX];
    for (long n = 0; n < 2; n++) {
        log_text[0] = '\0';
        owner.log =
            (struct log){.level = LOG_WARNING, .fd = -1, .write = keep, .context = log_text};
        fail_after(n);
        media.machine.reason = MACHINE_FOR_BY_HAND;
        marks_note(&media);
        cr_assert_not_null(fail_end());
        cr_assert_not_null(strstr(log_text, "cannot remember the unmount in /mnt/run/media.down"),
                           "%s", log_text);
    }
    cr_assert_eq(marks_down(&media), MACHINE_FOR_BY_HAND, "an empty one is one");
    memset(longer, 'a', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    owner.config.runtime_directory = longer;
    cr_assert_eq(after(MACHINE_FOR_BY_HAND), MACHINE_FOR_NONE, "a path that was cut is another");
    marks_clear(&media);
}
