/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* macOS's names of SMB mounts. */
#include "mount/smbfs.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *text, *host, *share; /* host NULL: is no name of a mount */
} names[] = {
    {"//nas/media", "nas", "media"},
    {"//bob@nas/media", "nas", "media"},
    {"//WORK;bob@nas/media", "nas", "media"},
    {"//WORK;bob:@nas.local:4450/media", "nas.local", "media"},
    {"//a%40b@nas/media", "nas", "media"},
    {"//a@b@nas/media", "nas", "media"},
    {"//nas/My%20Films", "nas", "My Films"},
    {"//nas/a%2fb", "nas", "a/b"},
    {"//nas/a%2Fb", "nas", "a/b"},
    {"//nas/100%", "nas", "100%"},
    {"//nas/1%2", "nas", "1%2"},
    {"//nas/%zz", "nas", "%zz"},
    {"//nas/%4z", "nas", "%4z"},
    {"//nas/gr%c3%bcn", "nas", "gr\xc3\xbcn"},
    {"//[fe80::1]/media", "fe80::1", "media"},
    {"//bob@[fe80::1]:4450/media", "fe80::1", "media"},
    {"//fe80::1/media", "fe80::1", "media"},
    {"//[fe80::1/media", "[fe80::1", "media"},
    {"//nas", NULL, NULL},
    {"//", NULL, NULL},
    {"///media", NULL, NULL},
    {"//bob@/media", NULL, NULL},
    {"//nas/", NULL, NULL},
    {"/nas/media", NULL, NULL},
    {"nas/media", NULL, NULL},
    {"", NULL, NULL},
    {"//nas/a%00b", NULL, NULL},
    {"//nas/a%1fb", NULL, NULL},
    {"//nas/a%7fb", NULL, NULL},
    {"//n\naas/b", NULL, NULL},
};

Test(smbfs, names_are_taken_apart) {
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct smbfs_source source;
        bool ok = smbfs_source_parse(names[i].text, &source);
        cr_assert_eq(ok, names[i].host != NULL, "%s", names[i].text);
        if (!ok)
            continue;
        cr_assert_str_eq(source.host, names[i].host, "%s", names[i].text);
        cr_assert_str_eq(source.share, names[i].share, "%s", names[i].text);
    }
}

Test(smbfs, parts_that_are_too_long_are_refused) {
    char text[3 * SMBFS_PART_MAX];
    struct smbfs_source source;
    int len = snprintf(text, sizeof text, "//nas/");
    memset(text + len, 'x', SMBFS_PART_MAX);
    text[len + SMBFS_PART_MAX] = '\0';
    cr_assert_not(smbfs_source_parse(text, &source));
    text[len + SMBFS_PART_MAX - 1] = '\0';
    cr_assert(smbfs_source_parse(text, &source));
}

static const struct {
    const char *expected, *found;
    bool equal;
} pairs[] = {
    {"//nas/media", "//bob@NAS/media", true},     {"//nas./media", "//bob@nas/media", true},
    {"//nas/media", "//bob@nas./media", true},    {"//./media", "//./media", true},
    {"//nas/My Films", "//nas/My%20Films", true}, {"//fe80::1/media", "//[fe80::1]/media", true},
    {"//nas/media", "//nas/Media", false},        {"//nas/media", "//nas2/media", false},
    {"//nas/media", "//nax/media", false},        {"//nas/media", "/dev/disk1", false},
    {"nas/media", "//nas/media", false},          {"//nas", "//nas/media", false},
    {"///media", "//nas/media", false},
};

Test(smbfs, a_configured_source_is_found_by_what_it_means) {
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        cr_assert_eq(smbfs_source_equal(pairs[i].expected, pairs[i].found), pairs[i].equal,
                     "%s and %s", pairs[i].expected, pairs[i].found);
    char text[2 * SMBFS_PART_MAX] = "//";
    memset(text + 2, 'n', SMBFS_PART_MAX);
    memcpy(text + 2 + SMBFS_PART_MAX, "/media", 7);
    cr_assert_not(smbfs_source_equal(text, "//nas/media"));
}
