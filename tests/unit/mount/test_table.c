/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "mount/table.h"

#define GOOD                                                                                       \
    "36 35 98:0 /mnt1 /mnt2 rw,noatime shared:1 master:2 - ext3 /dev/root rw,errors=continue\n"

static size_t parse(struct mount_table *table, const char *text, size_t len) {
    size_t skipped;
    char *copy = malloc(len + 1);
    memcpy(copy, text, len);
    cr_assert_eq(mount_table_parse(table, copy, len, &skipped), 0);
    return skipped;
}

static size_t parse_text(struct mount_table *table, const char *text) {
    return parse(table, text, strlen(text));
}

Test(table, reads_every_field) {
    struct mount_table t;
    cr_assert_eq(parse_text(&t, GOOD), 0);
    const struct mount_entry *e = mount_table_top(&t, "/mnt2");
    cr_assert_not_null(e);
    cr_assert_eq(e->id, 36);
    cr_assert_eq(e->parent, 35);
    cr_assert_eq(e->device, (uint64_t)98 << 32);
    cr_assert_str_eq(e->root, "/mnt1");
    cr_assert_str_eq(e->options, "rw,noatime");
    cr_assert_str_eq(e->fstype, "ext3");
    cr_assert_str_eq(e->source, "/dev/root");
    cr_assert_str_eq(e->super_options, "rw,errors=continue");
    cr_assert_eq(mount_table_by_id(&t, 36), e);
    cr_assert_null(mount_table_by_id(&t, 35));
    cr_assert_null(mount_table_top(&t, "/mnt"));
    mount_table_finish(&t);
}

Test(table, decodes_escapes_and_keeps_what_is_none) {
    struct mount_table t;
    cr_assert_eq(parse_text(&t, "1 0 0:1 / /a\\040b\\012c\\134d\\011e\\9\\08\\ rw - cifs "
                                "//nas/my\\040share rw\n"),
                 0);
    const struct mount_entry *e = mount_table_top(&t, "/a b\nc\\d\te\\9\\08\\");
    cr_assert_not_null(e);
    cr_assert_str_eq(e->source, "//nas/my share");
    mount_table_finish(&t);
    cr_assert_eq(parse_text(&t, "1 0 0:1 / /\\018\\081\\0/0\\400 rw - cifs x rw\n"), 0);
    cr_assert_not_null(mount_table_top(&t, "/\\018\\081\\0/0\\400"));
    mount_table_finish(&t);
}

Test(table, an_empty_source_is_no_missing_field) {
    struct mount_table t;
    cr_assert_eq(parse_text(&t, "1 0 0:1 / /a rw - tmpfs  rw\n"), 0);
    cr_assert_str_eq(t.items[0].source, "");
    cr_assert_str_eq(t.items[0].super_options, "rw");
    mount_table_finish(&t);
}

Test(table, bad_lines_are_skipped_and_counted_and_the_rest_is_read) {
    static const char *const bad[] = {
        "",
        "x",
        "1",
        "1 0",
        "1 0 0:1",
        "1 0 0:1 / /a rw",
        "1 0 0:1 / /a rw - cifs",
        "1 0 0:1 / /a rw - cifs //a/b",
        "1 0 0:1 / /a rw shared:1 cifs //a/b rw",
        "-1 0 0:1 / /a rw - cifs //a/b rw",
        "1 0 0 / /a rw - cifs //a/b rw",
        "1 0 0: / /a rw - cifs //a/b rw",
        "1 0 4294967296:0 / /a rw - cifs //a/b rw",
        "99999999999999999999 0 0:1 / /a rw - cifs //a/b rw",
        "1 0 0:1 / a rw - cifs //a/b rw",
        "1 0 0:1 / /a\\000b rw - cifs //a/b rw",
        "1x 0 0:1 / /a rw - cifs //a/b rw",
        "1 0 0:1 / /a rw -  //a/b rw",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[512];
        struct mount_table t;
        snprintf(text, sizeof text, "%s\n" GOOD, bad[i]);
        cr_assert_eq(parse_text(&t, text), 1, "'%s'", bad[i]);
        cr_assert_eq(t.len, 1, "'%s'", bad[i]);
        cr_assert_not_null(mount_table_top(&t, "/mnt2"));
        mount_table_finish(&t);
    }
}

Test(table, a_nul_in_a_line_hides_nothing) {
    static const char text[] = "1 0 0:1 / /a\0b rw - cifs //a/b rw\n" GOOD;
    struct mount_table t;
    cr_assert_eq(parse(&t, text, sizeof text - 1), 1);
    cr_assert_eq(t.len, 1);
    mount_table_finish(&t);
}

Test(table, a_name_cannot_forge_a_field) {
    struct mount_table t;
    cr_assert_eq(
        parse_text(&t, "1 0 0:1 / /a\\040-\\040cifs\\040//nas/media rw - fuse.evil x rw\n"), 0);
    cr_assert_str_eq(t.items[0].fstype, "fuse.evil");
    cr_assert_str_eq(t.items[0].mountpoint, "/a - cifs //nas/media");
    mount_table_finish(&t);
}

Test(table, takes_names_of_4_kilobytes) {
    struct str s;
    struct mount_table t;
    str_init(&s, 1u << 20);
    str_add(&s, "1 0 0:1 / /");
    for (int i = 0; i < 4095; i++)
        str_add(&s, "\\012");
    str_add(&s, " rw - cifs //a/b rw\n");
    cr_assert_eq(parse_text(&t, s.data), 0);
    cr_assert_eq(strlen(t.items[0].mountpoint), 4096);
    mount_table_finish(&t);
    str_finish(&s);
}

Test(table, cut_at_every_byte) {
    static const char text[] =
        GOOD "37 36 0:1 / /mnt2 rw - cifs //nas/my\\040share rw,vers=3.1.1\n";
    for (size_t len = 0; len < sizeof text; len++) {
        struct mount_table t;
        (void)parse(&t, text, len);
        cr_assert_leq(t.len, 2);
        (void)mount_table_top(&t, "/mnt2");
        mount_table_finish(&t);
    }
}

Test(table, the_last_listed_is_on_top) {
    struct mount_table t;
    parse_text(&t, "1 0 0:1 / /a rw - tmpfs one rw\n2 1 0:2 / /b rw - tmpfs two rw\n"
                   "3 1 0:3 / /a rw - tmpfs three rw\n");
    cr_assert_str_eq(mount_table_top(&t, "/a")->source, "three");
    cr_assert_eq(mount_table_depth(&t, "/a"), 2);
    cr_assert_eq(mount_table_depth(&t, "/b"), 1);
    cr_assert_eq(mount_table_depth(&t, "/c"), 0);
    mount_table_finish(&t);
}

Test(table, what_stands_on_another_is_above_it_whatever_the_order) {
    struct mount_table t;
    parse_text(&t, "10 11 0:1 / /a rw - tmpfs upper rw\n11 1 0:2 / /a rw - tmpfs lower rw\n");
    cr_assert_str_eq(mount_table_top(&t, "/a")->source, "upper");
    mount_table_finish(&t);
    parse_text(&t, "10 11 0:1 / /a rw - tmpfs x rw\n11 10 0:2 / /a rw - tmpfs y rw\n");
    cr_assert_not_null(mount_table_top(&t, "/a"), "a ring of parents must not hang");
    mount_table_finish(&t);
}

Test(table, an_empty_table_has_nothing) {
    struct mount_table t = {0};
    cr_assert_null(mount_table_top(&t, "/"));
    cr_assert_null(mount_table_by_id(&t, 0));
    cr_assert_eq(parse_text(&t, ""), 0);
    cr_assert_null(mount_table_top(&t, "/"));
    mount_table_finish(&t);
}

Test(table, ten_thousand_entries_are_all_found_quickly) {
    struct str s;
    struct mount_table t;
    str_init(&s, 1u << 24);
    for (int i = 0; i < 10000; i++)
        str_add(&s, "%d 1 0:%d / /srv/share\\040%d rw,nosuid,nodev - cifs //nas/s%d rw,soft\n", i,
                i, i, i);
    uint64_t start = clock_boot_ms();
    cr_assert_eq(parse_text(&t, s.data), 0);
    for (int i = 0; i < 10000; i++) {
        char path[64];
        snprintf(path, sizeof path, "/srv/share %d", i);
        cr_assert_eq(mount_table_top(&t, path)->id, (uint64_t)i);
        cr_assert_eq(mount_table_by_id(&t, (uint64_t)i)->device, (uint64_t)i);
    }
    /* A few ms; quadratic code would need seconds, also on a loaded machine. */
    cr_assert_lt(clock_boot_ms() - start, 1000);
    mount_table_finish(&t);
    str_finish(&s);
}

Test(table, reads_the_real_one) {
    struct mount_table t;
    struct err err;
    cr_assert_eq(mount_table_read(&t, &err), 0);
    cr_assert_not_null(mount_table_top(&t, "/"));
    mount_table_finish(&t);
}

Test(table, an_option_is_a_whole_word) {
    static const struct {
        const char *options;
        bool has;
    } cases[] = {{"nosuid", true},
                 {"rw,nosuid", true},
                 {"nosuid,rw", true},
                 {"rw,nosuid,nodev", true},
                 {"", false},
                 {"rw", false},
                 {"nosuidx", false},
                 {"xnosuid", false},
                 {"rw,xnosuid,x", false},
                 {"nosuid=1", false},
                 {"xnosuid,nosuid", true},
                 {"nosuidnosuid", false},
                 {"rw,nosuidx,nosuid", true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_assert_eq(mount_option_in(cases[i].options, "nosuid"), cases[i].has, "%s",
                     cases[i].options);
}

static void is_on(const char *text, const char *path, uint64_t id) {
    struct mount_table t;
    parse_text(&t, text);
    const struct mount_entry *e = mount_table_holding(&t, path);
    cr_assert_eq(e != NULL ? e->id : 0, id, "%s is not on %llu", path, (unsigned long long)id);
    mount_table_finish(&t);
}

Test(table, a_path_is_on_the_mount_that_is_not_hidden) {
    static const char text[] = "30 20 0:5 / /a/b rw - tmpfs hidden rw\n"
                               "40 20 0:6 / /a rw - fuse.x over rw\n"
                               "50 60 0:7 / /c/d rw - ext4 deep rw\n"
                               "60 70 0:8 / /c rw - nfs upper rw\n"
                               "70 20 0:9 / /c rw - ext4 lower rw\n"
                               "20 1 8:1 / / rw - ext4 root rw\n";
    is_on(text, "/", 20);
    is_on(text, "/x", 20);
    is_on(text, "/ab", 20);
    is_on(text, "/a", 40);
    is_on(text, "/a/b/e", 40); /* what is listed at /a/b is below the one over /a */
    is_on(text, "/c", 60);
    is_on(text, "/c/x/d", 60);
    is_on(text, "/c/d/e", 50);
    is_on("3 0 0:1 / / rw - apfs a rw\n4 0 0:2 / /Volumes/n rw - smbfs b rw\n", "/Volumes/n/x", 4);
    is_on("40 20 0:6 / /a rw - fuse.x x rw\n", "/a/b", 40);
    is_on("40 20 0:6 / /a rw - fuse.x x rw\n", "/b", 0);
    static char endless[PATH_MAX + 2];
    memset(endless, '/', sizeof endless - 1);
    is_on(text, endless, 0);
}
