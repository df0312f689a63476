/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* setup: what is asked, what is stored, what is refused. Needs root, as the command does. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "rig.h"

static char path[] = "/tmp/smbm-store-XXXXXX";

static void start(void) {
    if (geteuid() != 0)
        cr_skip_test("setup needs root");
    close(mkstemp(path));
    setenv("STUB_STORE", path, 1);
}
static void stop(void) {
    unlink(path);
}
TestSuite(setup, .init = start, .fini = stop, .timeout = 60);

static void stored(const char *want) {
    char text[4096];
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    cr_assert_str_eq(text, want);
}

Test(setup, one_line_from_a_pipe) {
    struct ran *ran =
        run_program(NULL, "p\xc3\xa4ss, word\"\\\r\nsecond line\n", WORDS("setup", "plain"));
    cr_assert_eq(ran->status, 0, "%s", ran->err);
    cr_assert(strstr(ran->out, "Now: smbmounter mount plain\n") != NULL, "%s", ran->out);
    cr_assert(strstr(ran->out, "word") == NULL);
    stored("floof\np\xc3\xa4ss, word\"\\\r");
    free(ran);
}

Test(setup, a_pipe_without_an_end_of_line) {
    struct ran *ran = run_program(NULL, "secret", WORDS("setup", "plain"));
    cr_assert_eq(ran->status, 0, "%s", ran->err);
    stored("floof\nsecret");
    free(ran);
}

Test(setup, refusals_store_nothing) {
    static char longest[1200];
    memset(longest, 'x', sizeof longest - 1);
    const struct {
        const char *input, *words[4], *message;
        int status;
    } cases[] = {
        {"", {"setup", "plain"}, "nothing was entered", 1},
        {"\n", {"setup", "plain"}, "empty", 1},
        {longest, {"setup", "plain"}, "longer than 1024 bytes", 1},
        {"x\n", {"setup", "ask"}, "'username'", 1},
        {"x\n", {"setup", "guest"}, "guest mount", 1},
        {"x\n", {"setup", "nobody"}, "no mount 'nobody'", 5},
        {"x\n", {"setup", "--config=/broken.yaml", "plain"}, "must be a list", 7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ran *ran = run_program(NULL, cases[i].input, cases[i].words);
        cr_assert_eq(ran->status, cases[i].status, "%zu: %s", i, ran->err);
        cr_assert(strstr(ran->err, cases[i].message) != NULL, "%s", ran->err);
        stored("");
        free(ran);
    }
}

Test(setup, a_terminal_asks_twice_and_shows_nothing) {
    struct ran *ran = run_on_terminal(NULL, 80, WORDS("floof\n", "hunter2\n", "hunter2\n"),
                                      WORDS("setup", "ask"));
    cr_assert_eq(ran->status, 0, "%s", ran->out);
    cr_assert(strstr(ran->out, "hunter2") == NULL, "%s", ran->out);
    stored("floof\nhunter2");
    free(ran);
}

Test(setup, two_that_differ_are_asked_again) {
    struct ran *ran = run_on_terminal(NULL, 80, WORDS("one\n", "two\n", "three\n", "three\n"),
                                      WORDS("setup", "plain"));
    cr_assert_eq(ran->status, 0, "%s", ran->out);
    stored("floof\nthree");
    free(ran);
}

Test(setup, ctrl_c_ends_it) {
    struct ran *ran = run_on_terminal(NULL, 80, WORDS("\003"), WORDS("setup", "plain"));
    cr_assert_eq(ran->status, -2, "%d %s", ran->status, ran->out);
    stored("");
    free(ran);
}
