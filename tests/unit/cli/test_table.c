/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>

#include "json.h"
#include "rig.h"
#include "screen.h"
#include "table.h"
#include "text.h"

static struct str out;

static struct table status_table(void) {
    return (struct table){
        .columns = {{.title = "NAME"},
                    {.title = "STATE"},
                    {.title = "MOUNTPOINT", .wide = true},
                    {.title = "FROM", .wide = true},
                    {.title = "RECOV", .right = true},
                    {.title = "SINCE"}},
        .columns_len = 6,
    };
}

static const char *render(struct table *table, size_t width, bool color) {
    str_finish(&out);
    str_init(&out, 1 << 20);
    table_render(table, width, color, &out);
    cr_assert_not(out.failed);
    table_finish(table);
    return out.data;
}

static size_t widest_line(const char *text) {
    size_t widest = 0;
    while (*text != '\0') {
        char line[4096];
        size_t len = strcspn(text, "\n");
        memcpy(line, text, len);
        line[len] = '\0';
        size_t w = text_width(line);
        widest = w > widest ? w : widest;
        text += len + (text[len] == '\n');
    }
    return widest;
}

static void fill(struct table *table) {
    static const char *const rows[][6] = {
        {"media", "mounted", "/mnt/media", "//nas.local/media", "3", "3 h 5 min"},
        {"フォト写真", "recovering", "/mnt/a/very/long/path/to/the/pictures/of/the/family",
         "//server.with.a.long.name.example.org/pictures of the family", "12", "850 ms"},
        {"bücher", "failed", "/mnt/bücher", "//nas/bücher", "0", "12 d 4 h"},
    };
    for (size_t i = 0; i < 3; i++)
        table_add_row(table, rows[i],
                      i == 2 ? "the server refused the login; run smbmounter setup, then mount"
                             : "");
}

Test(table, fits_every_width) {
    static const size_t widths[] = {40, 80, 200};
    for (size_t i = 0; i < 3; i++) {
        struct table table = status_table();
        fill(&table);
        const char *text = render(&table, widths[i], false);
        cr_assert_leq(widest_line(text), widths[i], "%zu:\n%s", widths[i], text);
        cr_assert_eq(strstr(text, "…") != NULL, widths[i] < 200, "%s", text);
    }
}

Test(table, at_80_only_the_wide_columns_are_cut) {
    struct table table = status_table();
    fill(&table);
    const char *text = render(&table, 80, false);
    cr_assert(strstr(text, "フォト写真  recovering  /mnt/a/") != NULL, "%s", text);
    cr_assert(strstr(text, "     3  3 h 5 min\n") != NULL, "%s", text);
    cr_assert(strstr(text, "\n  the server refused the login; run") != NULL, "%s", text);
}

Test(table, columns_stand_under_each_other) {
    struct table table = status_table();
    fill(&table);
    char *text = strdup(render(&table, 0, false));
    size_t at[4], n = 0;
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        static const char *const states[] = {"STATE", "mounted", "recovering", "failed"};
        char *state = n < 4 ? strstr(line, states[n]) : NULL;
        if (state == NULL)
            continue;
        *state = '\0';
        at[n++] = text_width(line);
    }
    cr_assert_eq(n, 4);
    for (size_t i = 1; i < 4; i++)
        cr_assert_eq(at[i], at[0]);
}

Test(table, last_column_wraps) {
    struct table table = {.columns = {{.title = "PROBE"}, {.title = "EVIDENCE", .wrap = true}},
                          .columns_len = 2};
    table_add_row(&table,
                  (const char *const[]){"stat-timeout",
                                        "statx answered in 2 ms, as it should on a share "
                                        "that is mounted and served"},
                  "");
    const char *text = render(&table, 40, false);
    cr_assert_leq(widest_line(text), 40, "%s", text);
    cr_assert(strstr(text, "served") != NULL);
    cr_assert(strstr(text, "…") == NULL);
    cr_assert(strstr(text, "\n              ") != NULL, "%s", text);
}

Test(table, hostile_cells_cannot_reach_the_terminal) {
    struct table table = {.columns = {{.title = "NAME"}}, .columns_len = 1};
    table_add_row(&table, (const char *const[]){"a\033[2J\nforged\xff\xc2\x9b"}, "\r\033]0;x\007");
    const char *text = render(&table, 0, true);
    for (const char *p = text; *p != '\0'; p++)
        cr_assert((unsigned char)*p >= 0x20 || *p == '\n');
    cr_assert(strstr(text, "\xc2\x9b") == NULL);
    cr_assert(strstr(text, "a\\x1b[2J\\x0aforged\\xff") != NULL, "%s", text);
}

Test(table, color_only_when_asked) {
    struct table table = status_table();
    fill(&table);
    cr_assert(strstr(render(&table, 80, true), "\033[32mmounted\033[0m") != NULL);
    table = status_table();
    fill(&table);
    cr_assert(strchr(render(&table, 80, false), '\033') == NULL);
}

Test(screen, color_needs_a_terminal_that_can_and_nobody_against_it) {
    cr_assert(screen_wants_color(true, NULL, "xterm"));
    cr_assert(screen_wants_color(true, "", "xterm"));
    cr_assert_not(screen_wants_color(true, "1", "xterm"));
    cr_assert_not(screen_wants_color(true, NULL, "dumb"));
    cr_assert_not(screen_wants_color(true, NULL, NULL));
    cr_assert_not(screen_wants_color(false, NULL, "xterm"));
}

Test(text, cut_counts_columns_not_bytes) {
    static const struct {
        const char *text;
        size_t width;
        const char *want;
    } cases[] = {
        {"abc", 3, "abc"},      {"abcd", 3, "ab…"},   {"日本語", 6, "日本語"},
        {"日本語", 5, "日本…"}, {"日本語", 4, "日…"}, {"é́x", 2, "é́x"},
        {"a", 0, ""},           {"", 3, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        str_init(&out, 100);
        str_add(&out, "%s", "");
        text_add_cut(&out, cases[i].text, cases[i].width);
        cr_assert_str_eq(out.data != NULL ? out.data : "", cases[i].want);
        str_finish(&out);
    }
}

Test(text, wrap_breaks_long_words_and_ends) {
    char word[301];
    memset(word, 'x', 300);
    word[300] = '\0';
    str_init(&out, 10000);
    text_add_wrapped(&out, word, 40, 10);
    cr_assert_leq(widest_line(out.data), 40);
    size_t count = 0;
    for (const char *p = out.data; *p != '\0'; p++)
        count += *p == 'x';
    cr_assert_eq(count, 300);
    str_finish(&out);
}

Test(json, hostile_text_is_well_formed) {
    char every[256] = "";
    for (size_t i = 0; i < 255; i++)
        every[i] = (char)(i + 1);
    struct event_view rows[2] = {
        {.number = UINT64_MAX,
         .mount = every,
         .kind = "",
         .text = "\"},{\\\xc2\x9b\xe2\x80\xa8\xed\xa0\x80\xf0\x9f"},
        {.mount = "b", .kind = "", .text = ""},
    };
    struct control_section sections[3] = {
        {RECORD_EVENT, rows, 2}, {RECORD_COUNT, NULL, 0}, {RECORD_STATUS, NULL, 0}};
    for (size_t len = 0; len <= 3; len++) {
        str_init(&out, 1 << 20);
        json_add_sections(&out, sections, len);
        cr_assert(is_json(out.data), "%s", out.data);
        cr_assert(strstr(out.data, "\xc2\x9b") == NULL);
        cr_assert_eq(out.data[0], len == 3 ? '{' : '[');
        str_finish(&out);
    }
}
