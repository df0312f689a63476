/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config/yaml.h"

struct parsed {
    int rc;
    struct yaml_node root;
    struct yaml_problems problems;
};

static struct parsed parse(const char *bytes, size_t len) {
    struct parsed p = {0};
    p.rc = yaml_parse(bytes, len, &p.root, &p.problems);
    return p;
}

static void finish(struct parsed *p) {
    yaml_finish(&p->root);
    yaml_problems_finish(&p->problems);
}

/* Refused at line:column with these words. */
static void refused(const char *text, unsigned line, unsigned column, const char *words) {
    struct parsed p = parse(text, strlen(text));
    cr_assert_eq(p.rc, -EINVAL, "%s: rc %d", text, p.rc);
    cr_assert_eq(p.problems.len, 1, "%s: %zu problems", text, p.problems.len);
    const struct yaml_problem *problem = &p.problems.items[0];
    cr_assert(problem->line == line && problem->column == column, "%s: at %u:%u: %s", text,
              problem->line, problem->column, problem->text);
    cr_assert(strstr(problem->text, words) != NULL, "%s: %s", text, problem->text);
    finish(&p);
}

Test(yaml, tree_knows_lines_and_columns) {
    const char *text = "# a comment [[[[[[[[[[[[[\n"
                       "a: 1\n"
                       "list:\n"
                       "  - x\n"
                       "  - {k: \"v\", q: 'it''s'}\n"
                       "b: it's [[[[[[[[[ in a text\n";
    struct parsed p = parse(text, strlen(text));
    cr_assert_eq(p.rc, 0, "%s", p.problems.len != 0 ? p.problems.items[0].text : "");
    cr_assert_eq(p.root.kind, YAML_MAP);
    cr_assert_eq(p.root.len, 3);
    const struct yaml_node *list = yaml_get(&p.root, "list");
    cr_assert_eq(list->kind, YAML_LIST);
    cr_assert_eq(list->len, 2);
    const struct yaml_node *k = yaml_get(&list->items[1], "k");
    cr_assert_str_eq(k->text, "v");
    cr_assert(k->quoted && k->line == 5 && k->column == 9, "%u:%u", k->line, k->column);
    cr_assert_str_eq(yaml_get(&list->items[1], "q")->text, "it's");
    cr_assert(!yaml_get(&p.root, "a")->quoted);
    cr_assert_eq(p.root.key_marks[1].line, 3);
    cr_assert_eq(p.root.key_marks[1].column, 1);
    cr_assert_null(yaml_get(&p.root, "none"));
    finish(&p);
}

Test(yaml, empty_is_an_empty_map) {
    static const char *const texts[] = {"", "\n\n", "# only words\n", "---\n", "\xef\xbb\xbf"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct parsed p = parse(texts[i], strlen(texts[i]));
        cr_assert_eq(p.rc, 0, "%zu", i);
        cr_assert(p.root.kind == YAML_MAP && p.root.len == 0, "%zu", i);
        finish(&p);
    }
}

Test(yaml, byte_order_mark_and_crlf_are_fine) {
    const char *text = "\xef\xbb\xbf"
                       "a: 1\r\nb: 2\r\n";
    struct parsed p = parse(text, strlen(text));
    cr_assert_eq(p.rc, 0);
    cr_assert_str_eq(yaml_get(&p.root, "b")->text, "2");
    cr_assert_eq(yaml_get(&p.root, "b")->line, 2);
    finish(&p);
}

Test(yaml, refuses_with_place_and_reason) {
    refused("a: &x 1\nb: *x\n", 1, 4, "anchors");
    refused("b: *x\n", 1, 4, "aliases");
    refused("a: !!str x\n", 1, 4, "tags");
    refused("a: !x [1]\n", 1, 4, "tags");
    refused("a: &x {b: 1}\n", 1, 4, "anchors");
    refused("a: 1\n<<: {b: 2}\n", 2, 1, "merge");
    refused("a: 1\nb: 2\na: 3\n", 3, 1, "twice");
    refused("a: {b: 1, b: 2}\n", 1, 11, "twice");
    refused("a: 1\n---\nb: 2\n", 2, 1, "second document");
    refused("? [a]\n: b\n", 1, 3, "a key must be a word");
    refused("a: |\n  x\n", 1, 4, "block text");
    refused("a: >-\n  x\n", 1, 4, "block text");
    refused("a: \"x\\0y\"\n", 1, 4, "control characters");
    refused("a: \"\\e[2J\"\n", 1, 4, "control characters");
    refused("\"\\n\": 1\n", 1, 1, "control characters");
    refused("a: [[[[[[[[[1]]]]]]]]]\n", 1, 12, "too many brackets");
    refused("a: \x1b[2J\n", 1, 4, "control character");
    refused("a: \xff\xfe\n", 1, 4, "UTF-8");
    refused("a: \xc0\xaf\n", 1, 4, "UTF-8");
    refused("\xff\xfe"
            "a",
            1, 1, "UTF-8");
    refused("%YAML 1.1\n---\na: 1\n", 1, 1, "directives");
    refused("a: 1\n%TAG ! x:\n", 2, 1, "directives");
    refused("a: [1\n", 2, 1, "not YAML");
    refused("a: b: c\n", 1, 5, "not YAML");
    refused("a:\n\tb: 1\n", 2, 1, "not YAML");
    refused("a:\n - b:\n   - - - - - - - 1\n", 3, 14, "inside each other");
    struct parsed p = parse("a: x\0y\n", 7);
    cr_assert_eq(p.rc, -EINVAL);
    cr_assert_eq(p.problems.items[0].column, 5);
    cr_assert(strstr(p.problems.items[0].text, "NUL") != NULL);
    finish(&p);
}

/* 32,000 of these took libyaml twice the time that a refusal may take. */
Test(yaml, too_many_values_are_refused_before_they_are_read) {
    static const struct {
        const char *unit;
        unsigned values;
    } cases[] = {{"- a\n", 1}, {"- {a: b, c: d, e: f}\n", 4}, {"- [a, b, c]\n", 4}, {"-\n", 1}};
    static char text[YAML_BYTES_MAX + 1];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t unit = strlen(cases[i].unit), most = (YAML_NODES_MAX - 1) / cases[i].values;
        for (size_t k = 0; k <= most; k++)
            memcpy(text + k * unit, cases[i].unit, unit);
        struct parsed p = parse(text, most * unit);
        cr_assert_eq(p.rc, 0, "%s", cases[i].unit);
        finish(&p);
        p = parse(text, (most + 1) * unit);
        cr_assert_eq(p.rc, -EINVAL, "%s", cases[i].unit);
        cr_assert_str_eq(p.problems.items[0].text, "the file has too many values");
        finish(&p);
    }
    /* Nor do those that are none count: quoted, in comments, in the middle of a word. */
    for (size_t at = 0; at + 12 <= YAML_BYTES_MAX; at += 12)
        memcpy(text + at, "#- a: b,[c,\n", 12);
    struct parsed p = parse(text, YAML_BYTES_MAX / 12 * 12);
    cr_assert_eq(p.rc, 0);
    finish(&p);
}

Test(yaml, limits_hold_exactly) {
    static char text[YAML_BYTES_MAX + 1];
    memset(text, '#', sizeof text);
    struct parsed p = parse(text, YAML_BYTES_MAX);
    cr_assert_eq(p.rc, 0);
    finish(&p);
    p = parse(text, YAML_BYTES_MAX + 1);
    cr_assert_eq(p.rc, -E2BIG);
    finish(&p);
    memcpy(text, "k: \"", 4);
    p = parse(text, YAML_BYTES_MAX);
    cr_assert_eq(p.rc, -EINVAL);
    cr_assert_eq(p.problems.items[0].column, 4 + 10 * YAML_SCALAR_MAX + 1);
    finish(&p);
    memset(text, 'a', sizeof text);
    memcpy(text, "k: ", 3);
    p = parse(text, 3 + YAML_SCALAR_MAX);
    cr_assert_eq(p.rc, 0);
    finish(&p);
    p = parse(text, 3 + YAML_SCALAR_MAX + 1);
    cr_assert_eq(p.rc, -EINVAL);
    finish(&p);
    size_t len = 0;
    for (int i = 0; i <= YAML_KEYS_MAX; i++)
        len += (size_t)sprintf(text + len, "k%d: 1\n", i);
    p = parse(text, len);
    cr_assert_eq(p.rc, -EINVAL);
    cr_assert_eq(p.problems.items[0].line, YAML_KEYS_MAX + 1);
    finish(&p);
    refused("a: [[[[[[[[1]]]]]]]]\n", 1, 11, "inside each other");
    p = parse("[[[[[[[[1]]]]]]]]\n", 18);
    cr_assert_eq(p.rc, 0);
    finish(&p);
}

/* Every shape that could cost more than its length, filled up to the limit. */
static const char *const hostile[] = {
    "[",
    "{",
    "{a: ",
    "[{a: ",
    "- ",
    "? ",
    "x: ",
    "- - [",
    "? - {a: ",
    "[? ",
    "[\"a\": ",
    "[a,",
    "{a,",
    "'a',",
    "\"a\" ",
    "!a ",
    "&a ",
    "*a ",
    "- &a a\n",
    "- *a\n",
    "- !a a\n",
    "%TAG !a! t\n",
    "%",
    "a",
    "a ",
    "a\n",
    "\n",
    " ",
    "\t",
    "a: b\n",
    "- a\n",
    "\"\\\n",
    "''",
    "[]",
    "{}",
    "[[]],",
    "? a\n",
    ": \n",
    "- |\n  a\n",
    "a #b\n",
    "---\n",
    "--- a\n...\n",
    "\"]\"[",
    "[\"]\",",
    "it's [",
    "- 'a\n",
    "[a\n,",
    "{\n",
    "\"\\u0041",
    "\xc3\xa9",
    "\xe2\x80\xa8",
    ",",
    "]",
    "}",
    "...\n",
    "k: {a: 1}\n- ",
};

static void fill(char *bytes, const char *head, const char *shape) {
    size_t head_len = strlen(head), shape_len = strlen(shape);
    memcpy(bytes, head, head_len);
    for (size_t i = head_len; i < YAML_BYTES_MAX; i++)
        bytes[i] = shape[(i - head_len) % shape_len];
}

Test(yaml, hostile_files_are_refused_at_once, .timeout = 100) {
    static const char *const heads[] = {"", "[", "a: ", "a: \"", "- ", "a: 'x' #"};
    static char bytes[YAML_BYTES_MAX];
    clock_t worst = 0;
    const char *worst_shape = "";
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++)
        for (size_t k = 0; k < sizeof heads / sizeof heads[0]; k++) {
            fill(bytes, heads[k], hostile[i]);
            clock_t began = clock();
            struct parsed p = parse(bytes, sizeof bytes);
            clock_t took = (clock() - began) * 1000 / CLOCKS_PER_SEC;
            if (took > worst) {
                worst = took;
                worst_shape = hostile[i];
            }
            cr_assert(p.rc == 0 || p.problems.len == 1);
            finish(&p);
        }
    fprintf(stderr, "slowest hostile file: %d ms (\"%s\")\n", (int)worst, worst_shape);
}

Test(yaml, distinct_directives_anchors_and_indents, .timeout = 100) {
    static const char *const forms[] = {"%%TAG !%zx! t\n", "- &a%zx b\n", "k%zx: 1\n", "[%zx, \n"};
    static char bytes[YAML_BYTES_MAX];
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        size_t len = 0;
        for (size_t n = 0; len < sizeof bytes - 32; n++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            len += (size_t)snprintf(bytes + len, 32, forms[i], n);
#pragma GCC diagnostic pop
        }
        struct parsed p = parse(bytes, len);
        cr_assert_eq(p.rc, -EINVAL, "%s", forms[i]);
        finish(&p);
    }
}

Test(yaml, problems_are_sorted_bounded_and_stable) {
    struct yaml_problems problems = {0};
    for (unsigned i = 0; i < YAML_PROBLEMS_MAX + 5; i++)
        yaml_problem(&problems, 200 - i, 1, "%u", i);
    yaml_problem(&problems, 1, 1, "late");
    cr_assert_eq(problems.len, YAML_PROBLEMS_MAX);
    cr_assert_eq(problems.dropped, 6);
    problems.items[0].line = problems.items[1].line = 7;
    yaml_problems_sort(&problems);
    cr_assert_str_eq(problems.items[0].text, "0");
    cr_assert_str_eq(problems.items[1].text, "1");
    for (size_t i = 1; i < problems.len; i++)
        cr_assert(problems.items[i - 1].line <= problems.items[i].line);
    yaml_problems_finish(&problems);
}

/* What the scan before libyaml takes for a quote, a comment or a value must be what libyaml does.
 */
Test(yaml, quotes_comments_and_colons) {
    static const struct {
        const char *text, *value; /* of a; NULL: refused */
    } cases[] = {
        {"a: \"x\\\"y\"\n", "x\"y"},
        {"a: \"x\\\\\"\n", "x\\"},
        {"a: 'it''s'\n", "it's"},
        {"a: 'x\\'\n", "x\\"},
        {"a: x'y\"z\n", "x'y\"z"},
        {"a: x#y\n", "x#y"},
        {"a: x #y\n", "x"},
        {"a: 'x #y'\n", "x #y"},
        {"a: x:y\n", "x:y"},
        {"{a: x:y}\n", "x:y"},
        {"{a: \"x\", b: [1, 2]}\n", "x"},
        {"a: \"x\\ty\"\n", NULL},
        {"a: x\x7f\n", NULL},
        {"a: x\x01\n", NULL},
        {"a: \"x\n", NULL},
        {"a: \xc2\x80\n", NULL},
        {"a: \xff\n", NULL},
        {"a: \xc3\xbc\n", "\xc3\xbc"},
        {"a: \xf0\x9f\x92\xbe", "\xf0\x9f\x92\xbe"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct yaml_problems problems = {0};
        struct yaml_node root;
        int rc = yaml_parse(cases[i].text, strlen(cases[i].text), &root, &problems);
        cr_assert_eq(rc, cases[i].value != NULL ? 0 : -EINVAL, "%s", cases[i].text);
        cr_assert_eq(problems.len, cases[i].value != NULL ? 0 : 1, "%s", cases[i].text);
        if (rc == 0)
            cr_assert_str_eq(yaml_get(&root, "a")->text, cases[i].value);
        yaml_finish(&root);
        yaml_problems_finish(&problems);
    }
}
