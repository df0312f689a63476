/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mount/identity.h"

static enum mount_presence presence(const char *table_text, const char *fstype,
                                    const char *source) {
    struct mount_table t;
    const struct mount_entry *entry;
    struct mount_expect expect = {.mountpoint = "/mnt/media", .fstype = fstype, .source = source};
    cr_assert_eq(mount_table_parse(&t, strdup(table_text), strlen(table_text), NULL), 0);
    enum mount_presence p = mount_identify(&t, &expect, &entry);
    cr_assert_eq(entry == NULL, p == MOUNT_ABSENT);
    mount_table_finish(&t);
    return p;
}

#define ON_MEDIA(fstype, source) "5 1 0:9 / /mnt/media rw - " fstype " " source " rw\n"

Test(identity, sources_are_equal_or_not) {
    static const struct {
        const char *fstype, *a, *b;
        bool equal;
    } cases[] = {
        {"cifs", "//nas/media", "//nas/media", true},
        {"cifs", "//NAS.local/media", "//nas.LOCAL/media", true},
        {"smb3", "//NAS/media", "//nas/media", true},
        {"cifs", "//nas/media", "//nas/media2", false},
        {"cifs", "//nas/media2", "//nas/media", false},
        {"cifs", "//nas/media", "//nas/Media", false},
        {"cifs", "//nas/media", "//nas2/media", false},
        {"cifs", "//nas2/media", "//nas/media", false},
        {"cifs", "//nas/media", "//nas/media/", false},
        {"cifs", "//nas/media", "//evil//nas/media", false},
        {"cifs", "//nas/media", "nas/media", false},
        {"cifs", "//nas", "//NAS", true},
        {"cifs", "///media", "///MEDIA", false},
        {"cifs", "/nas/media", "/NAS/media", false},
        {"cifs", "//nas/media", "/nas//media", false},
        {"cifs", "", "", true},
        {"cifs", "//nas/a b", "//nas/a b", true},
        {"fuse.sshfs", "//NAS/a", "//nas/a", false},
        {"fuse.sshfs", "u@h:", "u@h:", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_assert_eq(mount_source_equal(cases[i].fstype, cases[i].a, cases[i].b), cases[i].equal,
                     "%s %s", cases[i].a, cases[i].b);
}

Test(identity, ours_foreign_absent) {
    cr_assert_eq(presence(ON_MEDIA("cifs", "//nas/media"), "cifs", "//NAS/media"), MOUNT_OURS);
    cr_assert_eq(presence(ON_MEDIA("smb3", "//nas/media"), "cifs", "//nas/media"), MOUNT_OURS);
    cr_assert_eq(presence(ON_MEDIA("cifs", "//nas/m\\145dia"), "cifs", "//nas/media"), MOUNT_OURS);
    cr_assert_eq(presence(ON_MEDIA("cifs", "//nas/media2"), "cifs", "//nas/media"), MOUNT_FOREIGN);
    cr_assert_eq(presence(ON_MEDIA("tmpfs", "//nas/media"), "cifs", "//nas/media"), MOUNT_FOREIGN);
    cr_assert_eq(presence(ON_MEDIA("cifs2", "//nas/media"), "cifs", "//nas/media"), MOUNT_FOREIGN);
    cr_assert_eq(presence(ON_MEDIA("autofs", "systemd-1"), "cifs", "//nas/media"), MOUNT_FOREIGN);
    cr_assert_eq(presence("5 1 0:9 / /mnt rw - cifs //nas/media rw\n", "cifs", "//nas/media"),
                 MOUNT_ABSENT);
    cr_assert_eq(
        presence("5 1 0:9 / /mnt/media2 rw - cifs //nas/media rw\n", "cifs", "//nas/media"),
        MOUNT_ABSENT);
}

Test(identity, any_source_when_none_is_expected) {
    cr_assert_eq(presence(ON_MEDIA("fuse.x", "whatever"), "fuse.x", ""), MOUNT_OURS);
    cr_assert_eq(presence(ON_MEDIA("fuse.xy", "whatever"), "fuse.x", ""), MOUNT_FOREIGN);
}

Test(identity, foreign_over_ours_is_foreign_and_ours_over_foreign_is_ours) {
    cr_assert_eq(presence(ON_MEDIA("cifs", "//nas/media") "6 5 0:8 / /mnt/media rw - tmpfs x rw\n",
                          "cifs", "//nas/media"),
                 MOUNT_FOREIGN);
    cr_assert_eq(presence("4 1 0:8 / /mnt/media rw - tmpfs x rw\n"
                          "5 4 0:9 / /mnt/media rw - cifs //nas/media rw\n",
                          "cifs", "//nas/media"),
                 MOUNT_OURS);
}

Test(identity, a_folder_of_our_share_bound_there_is_foreign) {
    cr_assert_eq(
        presence("5 1 0:9 /sub /mnt/media rw - cifs //nas/media rw\n", "cifs", "//nas/media"),
        MOUNT_FOREIGN);
    cr_assert_eq(presence("5 1 0:9 /films /mnt/media rw - cifs //nas/media/films rw\n", "cifs",
                          "//nas/media/films"),
                 MOUNT_OURS);
}

/* "media/films" has the root "/films"; a root that only looks like it, or is longer, has not. */
Test(identity, the_root_is_the_end_of_the_source) {
    cr_assert_eq(presence("5 1 0:9 /ilms /mnt/media rw - cifs //nas/media/films rw\n", "cifs",
                          "//nas/media/films"),
                 MOUNT_FOREIGN);
    cr_assert_eq(presence("5 1 0:9 /a/rather/long/folder /mnt/media rw - cifs //nas/m rw\n", "cifs",
                          "//nas/m"),
                 MOUNT_FOREIGN);
    cr_assert_eq(presence("5 1 0:9 /sub /mnt/media rw - fuse.x whatever rw\n", "fuse.x", ""),
                 MOUNT_OURS, "what other file systems do with theirs is not known");
}

/* macOS: a mount of the same share by somebody else has his rights, not ours. */
Test(identity, whose_it_is_where_the_table_says_so) {
    static const struct {
        const char *options;
        bool known;
        uint32_t uid;
        enum mount_presence presence;
    } cases[] = {
        {"owner=501,x", true, 501, MOUNT_OURS}, {"owner=502", true, 501, MOUNT_FOREIGN},
        {"rw", true, 501, MOUNT_FOREIGN},       {"rw,owner=501", true, 501, MOUNT_FOREIGN},
        {"owner=502", false, 0, MOUNT_OURS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char line[128];
        struct mount_table t;
        const struct mount_entry *entry;
        struct mount_expect expect = {
            .mountpoint = "/mnt/media", .fstype = "smbfs", .source = "//nas/media"};
        expect.owner = (struct mount_owner){.known = cases[i].known, .uid = cases[i].uid};
        snprintf(line, sizeof line, "5 1 0:9 / /mnt/media rw - smbfs //u@nas/media %s\n",
                 cases[i].options);
        cr_assert_eq(mount_table_parse(&t, strdup(line), strlen(line), NULL), 0);
        cr_assert_eq(mount_identify(&t, &expect, &entry), cases[i].presence, "%s",
                     cases[i].options);
        mount_table_finish(&t);
    }
}
