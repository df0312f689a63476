/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The server goes away, in every way, and comes back. */
#include <criterion/criterion.h>
#include <string.h>

#include "sim.h"

#define HOUR_MS 3600000u
#define GRACE_MS 5000u /* of await-server */

/* Nothing was unmounted, and only one outage was seen. */
static void expect_untouched(unsigned i, unsigned incidents) {
    cr_assert_eq(sim_tally(i)->unmounts, 0);
    cr_assert_eq(sim_tally(i)->mounts, 1);
    cr_assert_eq(sim_tally(i)->incidents, incidents);
    cr_assert_eq(sim_tally(i)->recovered, incidents);
}

/* The kernel, which may need 16 s after this fault, had its 5 s before anything was unmounted. */
static void expect_grace(unsigned i, unsigned seed) {
    const struct tally *t = sim_tally(i);
    if (t->unmounts > 0)
        cr_assert_geq(t->unmount_ms, t->answers_ms + GRACE_MS, "seed %u", seed);
    cr_assert_leq(t->unmounts, 1, "seed %u", seed);
}

static uint64_t fault(const char *what, enum server_mode mode) {
    sim_say("%s", what);
    world_set_mode(sim_nas(), mode);
    return engine_now();
}

/* Killed for a minute: the kernel heals, nothing is unmounted. */
Test(server, killed) {
    sim_start("killed for a minute", 1, "", 1, false);
    sim_run(60000);
    uint64_t begin = fault("the server is killed", SERVER_KILLED);
    cr_assert(sim_wait_seen(0, begin, 3000));
    sim_run(60000);
    fault("the server is started again", SERVER_UP);
    cr_assert(sim_wait(12000));
    expect_untouched(0, 1);
    cr_assert_eq(sim_tally(0)->reconnects, 0, "no kick while the server is off");
    sim_finish();
}

Test(server, restarts_quickly) {
    for (unsigned seed = 1; seed <= 200; seed++) {
        sim_start("the server restarts within half a second", 1, "", seed, seed > 1);
        sim_run(engine_random(1000, 90000));
        fault("the server is killed", SERVER_KILLED);
        sim_run(engine_random(100, 800));
        fault("the server is started again", SERVER_UP);
        cr_assert(sim_wait(15000), "seed %u", seed);
        cr_assert_eq(sim_tally(0)->unmounts, 0, "seed %u", seed);
        sim_finish();
    }
}

Test(server, mute_and_thawed) {
    unsigned taken_down = 0;
    for (unsigned seed = 1; seed <= 200; seed++) {
        sim_start("mute for two minutes", 1, "", seed, seed > 1);
        sim_run(engine_random(1000, 90000));
        uint64_t begin = fault("the server is stopped", SERVER_MUTE);
        cr_assert(sim_wait_seen(0, begin, 90000), "seed %u", seed);
        sim_run(120000);
        fault("the server goes on", SERVER_UP);
        cr_assert(sim_wait(60000), "seed %u", seed);
        expect_grace(0, seed);
        taken_down += sim_tally(0)->unmounts;
        sim_finish();
    }
    printf("\nmute: %u of 200 were unmounted\n", taken_down);
    cr_assert_leq(taken_down, 185, "some heal by themselves: they are let");
}

Test(server, mute_for_a_day) {
    sim_start("mute for 24 hours", 1, "", 7, false);
    sim_run(60000);
    fault("the server is stopped", SERVER_MUTE);
    sim_run(HOUR_MS);
    unsigned looks = sim_share(0)->looks, questions = sim_nas()->questions;
    sim_run(23 * HOUR_MS);
    unsigned asked = sim_nas()->questions - questions;
    printf("\n23 hours: %u questions, %u looks\n", asked, sim_share(0)->looks - looks);
    cr_assert_eq(sim_share(0)->looks, looks, "no look at a mount whose server is mute");
    cr_assert_leq(asked, 23 * 3600 / 3);
    cr_assert_eq(sim_mount(0)->machine.state, MACHINE_RECOVERING);
    cr_assert_eq(sim_tally(0)->attempts_auth, 0);
    fault("the server goes on", SERVER_UP);
    cr_assert(sim_wait(60000));
    sim_finish();
}

Test(server, dropped) {
    unsigned taken_down = 0;
    for (unsigned seed = 1; seed <= 200; seed++) {
        sim_start("all packets dropped for a minute", 1, "", seed, seed > 1);
        sim_run(engine_random(1000, 90000));
        uint64_t begin = fault("packets are dropped", SERVER_DROPPED);
        cr_assert(sim_wait_seen(0, begin, 30000), "seed %u", seed);
        sim_run(60000);
        fault("packets pass again", SERVER_UP);
        cr_assert(sim_wait(60000), "seed %u", seed);
        expect_grace(0, seed);
        taken_down += sim_tally(0)->unmounts;
        sim_finish();
    }
    printf("\ndropped: %u of 200 were unmounted\n", taken_down);
    cr_assert_leq(taken_down, 4, "the kernel heals after a minute");
}
