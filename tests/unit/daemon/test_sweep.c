/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The end of a daemon with many mounts: one helper for all that are well, and one of its own for
 * each that it leaves behind. */
#include "daemon/sweep.h"

#include <criterion/criterion.h>
#include <signal.h>

#include "rig.h"

enum { MANY = 16 };

static void set_up(void) {
    signal(SIGPIPE, SIG_IGN);
    rig_start(MANY, "");
    cr_assert_eq(uv_loop_init(&d.loop), 0);
    for (unsigned i = 0; i < MANY; i++) {
        rig_bring_up(i);
        rig_mount(i)->health = MACHINE_ON_PROBE_HEALTHY;
    }
    rig_helpers_len = 0;
}

static void tear_down(void) {
    uv_run(&d.loop, UV_RUN_DEFAULT);
    cr_assert_eq(uv_loop_close(&d.loop), 0);
    rig_finish();
}

TestSuite(sweep, .init = set_up, .fini = tear_down, .timeout = 60);

static void take_down(void) {
    sweep_begin(&d);
    for (unsigned i = 0; i < MANY; i++)
        supervisor_feed(rig_mount(i), (struct machine_event){.id = MACHINE_ON_UNMOUNT_WANTED,
                                                             .reason = MACHINE_FOR_STOPPING});
}

Test(sweep, what_is_not_well_has_a_helper_of_its_own) {
    rig_mount(3)->health = MACHINE_ON_PROBE_SUSPECT;
    take_down();
    cr_assert_eq(rig_helpers_len, 1);
    cr_assert_str_eq(rig_helper()->name, "d");
    cr_assert_not(rig_mount(3)->swept);
    cr_assert(rig_mount(4)->swept);
}

Test(sweep, when_it_cannot_be_started_each_has_its_own) {
    take_down();
    cr_assert_eq(rig_helpers_len, 0);
    sweep_go(&d);
    cr_assert_null(d.sweep);
    cr_assert_eq(rig_helpers_len, MANY);
    for (unsigned i = 0; i < MANY; i++)
        cr_assert_eq(rig_helpers[i].op, HELPER_UNMOUNT);
}

Test(sweep, few_mounts_are_not_worth_one) {
    d.mounts_len = MANY - 1;
    sweep_begin(&d);
    cr_assert_null(d.sweep);
    sweep_go(&d);
    d.mounts_len = MANY;
    sweep_begin(&d);
    const struct sweep *first = d.sweep;
    sweep_begin(&d);
    cr_assert_eq(d.sweep, first);
    sweep_go(&d); /* with nothing to do */
    cr_assert_null(d.sweep);
    cr_assert_eq(rig_helpers_len, 0);
}

/* In place of the sweeping helper: one that hangs in an unmount. */
static int hang(uv_process_t *process, uv_pipe_t *pipe, uv_exit_cb ended) {
    char program[] = "/bin/sleep", word[] = "600";
    char *args[] = {program, word, NULL};
    uv_stdio_container_t stdio[1] = {
        {.flags = (uv_stdio_flags)(UV_CREATE_PIPE | UV_READABLE_PIPE | UV_WRITABLE_PIPE),
         .data.stream = (uv_stream_t *)pipe}};
    uv_process_options_t options = {
        .exit_cb = ended, .file = program, .args = args, .stdio = stdio, .stdio_count = 1};
    return uv_spawn(&d.loop, process, &options);
}

Test(sweep, one_that_hangs_is_ended_and_the_table_says_what_is_left) {
    rig_spawn = hang;
    take_down();
    sweep_go(&d);
    cr_assert_not_null(d.sweep);
    supervisor_feed(rig_mount(5), (struct machine_event){.id = MACHINE_ON_FORCE_WANTED,
                                                         .reason = MACHINE_FOR_STOPPING});
    for (unsigned i = 0; i < MANY / 2; i++)
        rig_table[i].ours = 0;
    uv_run(&d.loop, UV_RUN_DEFAULT);
    cr_assert_null(d.sweep);
    for (unsigned i = 0; i < MANY / 2; i++)
        cr_assert_eq(rig_mount(i)->machine.state, MACHINE_UNMOUNTED, "%u", i);
    cr_assert_eq(rig_helpers_len, MANY / 2);
    cr_assert_str_eq(rig_helpers[0].name, "i");
}
