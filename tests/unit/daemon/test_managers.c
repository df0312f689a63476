/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/managers.h"

static char root[] = "/tmp/smbmounter-managers-XXXXXX";

struct found {
    unsigned count;
    char where[4][256], mend[4][256];
};

static void note(void *context, const char *where, const char *mend) {
    struct found *f = context;
    if (f->count < 4) {
        snprintf(f->where[f->count], sizeof f->where[0], "%s", where);
        snprintf(f->mend[f->count], sizeof f->mend[0], "%s", mend);
    }
    f->count++;
}

static struct found look(const char *mountpoint) {
    struct found f = {0};
    managers_find(root, mountpoint, note, &f);
    return f;
}

static void begin(void) {
    cr_assert_not_null(mkdtemp(root));
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *at) {
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static void end(void) {
    nftw(root, drop, 8, FTW_DEPTH | FTW_PHYS);
}

/* A file below the root, with the folders above it. */
static FILE *file(const char *path) {
    char name[PATH_MAX];
    snprintf(name, sizeof name, "%s%s", root, path);
    for (char *slash = strchr(name + sizeof root, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(name, 0700);
        *slash = '/';
    }
    FILE *f = fopen(name, "w");
    cr_assert_not_null(f);
    return f;
}

static void write_file(const char *path, const char *text) {
    FILE *f = file(path);
    fputs(text, f);
    fclose(f);
}

TestSuite(managers, .init = begin, .fini = end);

Test(managers, nothing_there_is_nothing_found) {
    cr_assert_eq(look("/mnt/media").count, 0);
}

Test(managers, finds_the_line_in_fstab) {
    write_file("/etc/fstab",
               "# //nas/media /mnt/media cifs\n\n  UUID=1 / ext4 defaults 0 1\n"
               "\t//nas/media\t/mnt/media/ cifs soft 0 0\n//nas/m /mnt/mediator cifs\n");
    struct found f = look("/mnt/media");
    cr_assert_eq(f.count, 1);
    cr_assert_str_eq(f.where[0], "/etc/fstab:4");
    cr_assert(strstr(f.mend[0], "daemon-reload") != NULL);
}

Test(managers, decodes_octal_escapes) {
    write_file("/etc/fstab", "a /mnt/my\\040share cifs\nb /mnt/my\\0\nc /mnt/x\\000more cifs\n"
                             "d /mnt/end\\040 cifs\ne \\\n");
    cr_assert_str_eq(look("/mnt/my share").where[0], "/etc/fstab:1");
    cr_assert_str_eq(look("/mnt/end ").where[0], "/etc/fstab:4");
    cr_assert_eq(look("/mnt/x").count, 0);
    cr_assert_eq(look("/mnt/my").count, 0);
}

Test(managers, a_long_line_is_one_line) {
    FILE *f = file("/etc/fstab");
    for (unsigned i = 0; i < 5000; i++)
        fputs(i == 0 ? "#" : "x /mnt/media ", f);
    fputs("\nx /mnt/media cifs\n", f);
    fclose(f);
    struct found found = look("/mnt/media");
    cr_assert_eq(found.count, 1, "%u", found.count);
    cr_assert_str_eq(found.where[0], "/etc/fstab:2");
}

Test(managers, finds_autofs_maps_by_path_and_by_parent) {
    write_file("/etc/auto.master", "#/mnt /etc/auto.old\n/mnt /etc/auto.misc --timeout=60\n");
    write_file("/etc/auto.direct", "/srv/share -fstype=cifs ://nas/share\n");
    cr_assert_str_eq(look("/mnt/media").where[0], "/etc/auto.master:2");
    cr_assert_str_eq(look("/srv/share").where[0], "/etc/auto.direct:1");
    cr_assert_eq(look("/srv/other").count, 0);
    write_file("/etc/auto.master", "/top /etc/auto.misc\n");
    cr_assert_eq(look("/top").count, 1, "a mountpoint in / is named once");
}

Test(managers, finds_units_and_names_them) {
    write_file("/etc/systemd/system/mnt-media.mount", "[Mount]\nWhat=x\n Where = /mnt/media \n");
    write_file("/run/systemd/system/mnt-a.automount", "[Automount]\nWhere=/mnt/my share\n");
    write_file("/etc/systemd/system/mnt-media.mount.bak", "Where=/mnt/media\n");
    write_file("/etc/systemd/system/other.mount", "#Where=/mnt/media\nWhereas=/mnt/media\n");
    struct found f = look("/mnt/media");
    cr_assert_eq(f.count, 1);
    cr_assert_str_eq(f.where[0], "/etc/systemd/system/mnt-media.mount");
    cr_assert_str_eq(f.mend[0], "systemctl disable --now mnt-media.mount");
    cr_assert_eq(look("/mnt/my share").count, 1);
}
