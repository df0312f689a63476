/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/marks.h"
#include "daemon/supervisor.h"

static char folder[] = "/tmp/smbmounter-marks-XXXXXX", name[] = "media";
static struct daemon owner;
static struct supervisor mount;

static void begin(void) {
    cr_assert_not_null(mkdtemp(folder));
    log_init(&owner.log);
    owner.log.level = LOG_ERROR;
    owner.config.runtime_directory = folder;
    mount = (struct supervisor){.daemon = &owner, .conf.name = name};
}

static void end(void) {
    marks_clear(&mount);
    rmdir(folder);
}

static enum machine_reason after(enum machine_reason reason) {
    mount.machine.reason = reason;
    marks_note(&mount);
    return marks_down(&mount);
}

TestSuite(marks, .init = begin, .fini = end);

Test(marks, remember_who_took_it_down) {
    cr_assert_eq(marks_down(&mount), MACHINE_FOR_NONE);
    cr_assert_eq(after(MACHINE_FOR_BY_HAND), MACHINE_FOR_BY_HAND);
    cr_assert_eq(after(MACHINE_FOR_IDLE), MACHINE_FOR_IDLE);
    marks_clear(&mount);
    cr_assert_eq(marks_down(&mount), MACHINE_FOR_NONE);
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
    cr_assert_eq(symlink("/tmp", path), 0);
    cr_assert_lt(marks_prepare(path, &err), 0);
    unlink(path);
}
