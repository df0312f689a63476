/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Text from strangers: cut, escaped, quoted, bounded. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

Test(str, copy_is_terminated_and_tells_a_cut) {
    char to[4] = "zzz";
    cr_assert(str_copy(to, sizeof to, "abc"));
    cr_assert_str_eq(to, "abc");
    cr_assert_not(str_copy(to, sizeof to, "abcd"));
    cr_assert_str_eq(to, "abc");
    cr_assert_not(str_copy(to, 1, "a"));
    cr_assert_str_eq(to, "");
    to[0] = 'k';
    cr_assert_not(str_copy(to, 0, "a"));
    cr_assert_eq(to[0], 'k');
}

static const struct {
    const char *text, *escaped;
} escapes[] = {
    {"plain", "plain"},
    {"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x92\xbe",
     "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x92\xbe"},
    {"a\nb\rc\td", "a\\x0ab\\x0dc\\x09d"},
    {"\x1b[2J", "\\x1b[2J"},
    {"\x7f", "\\x7f"},
    {"\\", "\\x5c"},
    {"\\x1b", "\\x5cx1b"},
    {"\xc2\x9b"
     "2J",
     "\\xc2\\x9b2J"},
    {"\xc2\x80", "\\xc2\\x80"},
    {"\xc2\xa0", "\xc2\xa0"},
    {"\x9b"
     "2J",
     "\\x9b2J"},
    {"\xff\xfe", "\\xff\\xfe"},
    {"\xc0\xaf", "\\xc0\\xaf"},
    {"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
    {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
    {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
    {"\xe2\x82", "\\xe2\\x82"},
    {"\xe2\x82z", "\\xe2\\x82z"},
    {"\xf0\x9f\x92", "\\xf0\\x9f\\x92"},
};

Test(str, escape) {
    char to[128];
    for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++) {
        size_t len = strlen(escapes[i].text);
        str_escape(to, sizeof to, escapes[i].text, len);
        cr_assert_str_eq(to, escapes[i].escaped);
        bool same = strcmp(escapes[i].text, escapes[i].escaped) == 0;
        bool backslash = escapes[i].text[0] == '\\';
        cr_assert_eq(str_is_clean(escapes[i].text, len), same || (backslash && len > 0), "%s",
                     escapes[i].escaped);
    }
    str_escape(to, sizeof to, "a\0b", 3);
    cr_assert_str_eq(to, "a\\x00b");
    cr_assert_not(str_is_clean("a\0b", 3));
    cr_assert(str_is_clean("", 0));
}

/* Evidence passes through the daemon, its log and a terminal: each cleans what it gets. */
Test(str, what_was_cleaned_is_not_escaped_again) {
    char once[64], twice[64], cut[6];
    str_clean(once, sizeof once, "a\xff\\b\n", 5);
    cr_assert_str_eq(once, "a\\xff\\x5cb\\x0a");
    str_clean(twice, sizeof twice, once, strlen(once));
    cr_assert_str_eq(twice, once);
    str_clean(cut, sizeof cut, "a\\bc\xc3\xbc", 6);
    cr_assert_str_eq(cut, "a\\bc", "no half of a character");
}

/* Whatever the bytes and the room: terminated, no control byte, no half of a character. */
Test(str, escape_of_random_bytes_is_clean_in_any_room) {
    unsigned seed = 20;
    for (int round = 0; round < 20000; round++) {
        char text[24];
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = (char)rand_r(&seed);
        size_t room = (size_t)(rand_r(&seed) % 100);
        char *to = malloc(room > 0 ? room : 1); /* so that ASan sees the end */
        to[0] = 'k';
        str_escape(to, room, text, sizeof text);
        if (room > 0)
            cr_assert(strlen(to) < room && str_is_clean(to, strlen(to)));
        else
            cr_assert_eq(to[0], 'k');
        free(to);
    }
}

Test(str, builder_keeps_its_limit) {
    struct str s;
    str_init(&s, 10);
    cr_assert_null(s.data);
    str_add(&s, "%s", "0123456789");
    cr_assert_not(s.failed);
    cr_assert_str_eq(s.data, "0123456789");
    str_add(&s, "x");
    cr_assert(s.failed);
    cr_assert_str_eq(s.data, "0123456789");
    str_finish(&s);
    cr_assert_null(s.data);
    cr_assert_not(s.failed);
    str_add_bytes(&s, NULL, 0);
    cr_assert_not(s.failed);
    str_finish(&s);
}

Test(str, builder_takes_more_than_its_first_buffer) {
    struct str s;
    static char big[5000];
    memset(big, 'b', sizeof big - 1);
    str_init(&s, 100000);
    for (int i = 0; i < 10; i++)
        str_add(&s, "<%s>", big);
    cr_assert_not(s.failed);
    cr_assert_eq(s.len, 10 * (sizeof big + 1));
    cr_assert_eq(strlen(s.data), s.len);
    str_add(&s, "%100000d", 1);
    cr_assert(s.failed);
    cr_assert_eq(strlen(s.data), 10 * (sizeof big + 1));
    str_finish(&s);
}

static void check_json(const char *text, const char *want) {
    struct str s;
    str_init(&s, 1000);
    str_add_json(&s, text);
    cr_assert_not(s.failed);
    cr_assert_str_eq(s.data, want);
    str_finish(&s);
}

Test(str, json) {
    check_json("", "\"\"");
    check_json("a\"b\\c", "\"a\\\"b\\\\c\"");
    check_json("\n\x1b\x7f", "\"\\u000a\\u001b\\u007f\"");
    check_json("\xc2\x9b"
               "2J",
               "\"\\u009b2J\"");
    check_json("\xc3\xbc", "\"\xc3\xbc\"");
    check_json("a\xff"
               "b\xe2\x82",
               "\"a\xef\xbf\xbd"
               "b\xef\xbf\xbd\xef\xbf\xbd\"");
}

Test(str, json_past_the_limit_leaves_nothing) {
    struct str s;
    str_init(&s, 8);
    str_add(&s, "[");
    str_add_json(&s, "0123456789");
    cr_assert(s.failed);
    cr_assert_str_eq(s.data, "[");
    cr_assert_eq(s.len, 1);
    str_finish(&s);
}

/* What stands just beside a range is as good as any. */
Test(str, what_reorders_or_drives_a_terminal_and_its_neighbours) {
    static const struct {
        const char *text;
        bool clean;
    } cases[] = {
        {"\xe2\x80\x8d", true},
        {"\xe2\x80\x8e", false},
        {"\xe2\x80\x8f", false},
        {"\xe2\x80\x90", true},
        {"\xe2\x80\xa9", true},
        {"\xe2\x80\xaa", false},
        {"\xe2\x80\xae", false},
        {"\xe2\x80\xaf", true},
        {"\xe2\x81\xa5", true},
        {"\xe2\x81\xa6", false},
        {"\xe2\x81\xa9", false},
        {"\xe2\x81\xaa", true},
        {"\xe2\x82\xa6", true},
        {"\xe3\x80\x8e", true},
        {"\xc2\x80", false},
        {"\xc2\x9f", false},
        {"\xc2\xa0", true},
        {"\xc3\x80", true},
        {"\x1f", false},
        {" ", true},
        {"~", true},
        {"\x7f", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_assert_eq(str_is_clean(cases[i].text, strlen(cases[i].text)), cases[i].clean, "%zu", i);
}
