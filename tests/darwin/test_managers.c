/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The way off autofs, as setup --check tells it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/managers.h"

static char root[] = "/tmp/smbmounter-managers-XXXXXX";
static char told[4096];

static void put(const char *name, const char *text) {
    char path[128];
    snprintf(path, sizeof path, "%s/etc/%s", root, name);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

static void take_away(const char *name) {
    char path[128];
    snprintf(path, sizeof path, "%s/etc/%s", root, name);
    (void)unlink(path);
}

static void begin(void) {
    char path[128];
    cr_assert_not_null(mkdtemp(root));
    snprintf(path, sizeof path, "%s/etc", root);
    cr_assert_eq(mkdir(path, 0755), 0);
}

static void end(void) {
    char path[128];
    take_away("auto_master");
    take_away("auto_smb");
    take_away("fstab");
    snprintf(path, sizeof path, "%s/etc", root);
    (void)rmdir(path);
    (void)rmdir(root);
}

TestSuite(managers, .init = begin, .fini = end);

static void on_found(void *context, const char *where, const char *mend) {
    size_t used = strlen(told);
    (void)context;
    snprintf(told + used, sizeof told - used, "%s: %s\n", where, mend);
}

Test(managers, autofs_is_named_with_what_to_run) {
    put("auto_master", "#\n+auto_master\n/-\tauto_smb\t-nosuid\n");
    put("auto_smb",
        "# shares\n/System/Volumes/Data/mnt/media -fstype=smbfs,soft ://u:x@nas/media\n");
    managers_find(root, "/mnt/media", on_found, NULL);
    cr_assert_not_null(strstr(told, "/etc/auto_smb:2: "), "%s", told);
    cr_assert_not_null(strstr(told, "sudo automount -vc"), "%s", told);
    cr_assert_null(strstr(told, "systemctl"), "%s", told);
    cr_assert_null(strstr(told, "u:x"), "no password of the map is shown: %s", told);
}

Test(managers, an_indirect_map_by_its_folder) {
    put("auto_master", "/mnt\tauto_smb\n");
    managers_find(root, "/mnt/media", on_found, NULL);
    cr_assert_not_null(strstr(told, "/etc/auto_master:1: "), "%s", told);
}

Test(managers, fstab) {
    put("fstab", "//nas/media /mnt/media smbfs rw 0 0\n");
    managers_find(root, "/mnt/media", on_found, NULL);
    cr_assert_not_null(strstr(told, "vifs"), "%s", told);
}

Test(managers, others_are_left_out) {
    put("auto_smb", "/mnt/films -fstype=smbfs ://nas/films\n");
    managers_find(root, "/mnt/media", on_found, NULL);
    cr_assert_str_eq(told, "");
}
