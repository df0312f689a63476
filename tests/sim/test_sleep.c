/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The machine sleeps and wakes. */
#include <criterion/criterion.h>

#include "sim.h"

#define SEEDS 200u

/* Asleep in the middle of a look that takes long: it says nothing, and is not waited for. */
Test(machine, sleeps_during_a_look) {
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        sim_start("the machine sleeps during a look", 1, "", seed, seed > 1);
        sim_nas()->slow_ms = 3000;
        while (sim_share(0)->looks_alive == 0)
            sim_run(50);
        sim_run(engine_random(1, 2500));
        unsigned looks = sim_share(0)->looks;
        sim_sleep(600000);
        sim_run(200);
        cr_assert_geq(sim_share(0)->looks, looks + 1, "seed %u: a new one, at once", seed);
        sim_nas()->slow_ms = 0;
        sim_run(4000);
        cr_assert_eq(sim_mount(0)->machine.strikes, 0, "seed %u", seed);
        cr_assert_geq(sim_share(0)->looks, looks + 2, "seed %u: statfs and statx, anew", seed);
        cr_assert_eq(sim_tally(0)->incidents, 0, "seed %u", seed);
        sim_finish();
    }
}

/* A strike before the sleep is none after it. */
Test(machine, forgets_strikes_in_its_sleep) {
    sim_start("the machine sleeps after a strike", 1, "", 3, false);
    sim_run(10000);
    sim_command(0, MACHINE_ON_PROBE_SUSPECT);
    cr_assert_eq(sim_mount(0)->machine.strikes, 1);
    sim_sleep(600000);
    sim_run(2);
    cr_assert_eq(sim_mount(0)->machine.strikes, 0);
    cr_assert_eq(sim_mount(0)->machine.outage_ms, 0);
    sim_run(5000);
    cr_assert(sim_is_well(0));
    cr_assert_eq(sim_tally(0)->incidents, 0);
    sim_finish();
}

/* Every mount is looked at as soon as the machine is awake, however long its interval is. */
Test(machine, looks_at_once_when_it_wakes) {
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        sim_start("the machine wakes", 3, "defaults: {probe_interval_sec: 3600}", seed, seed > 1);
        sim_run(engine_random(5000, 90000));
        unsigned looks[3];
        for (unsigned i = 0; i < 3; i++)
            looks[i] = sim_share(i)->looks;
        sim_sleep(600000);
        sim_run(100);
        for (unsigned i = 0; i < 3; i++)
            cr_assert_geq(sim_share(i)->looks, looks[i] + 2, "seed %u", seed);
        sim_finish();
    }
}

/* Asleep while it is patient with a slow share: two minutes are not over by that, and what was seen
 * before is looked at once more. Awake again the share answers, or only after a while. */
Test(machine, sleeps_in_a_recovery) {
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        sim_start("the machine sleeps while a share is slow", 1, "", seed, seed > 1);
        sim_nas()->slow_ms = 8000;
        while (sim_mount(0)->machine.state != MACHINE_RECOVERING)
            sim_run(1000);
        sim_run(engine_random(0, 60000));
        cr_assert_eq(sim_tally(0)->unmounts, 0, "seed %u", seed);
        sim_sleep(600000);
        sim_run(seed % 2 ? 0 : 30000);
        sim_nas()->slow_ms = 0;
        cr_assert(sim_wait(30000), "seed %u", seed);
        cr_assert_eq(sim_tally(0)->unmounts, 0, "seed %u", seed);
        sim_finish();
    }
}

/* Ten minutes of sleep: no strike, and nothing unmounted when the server closed the connection. */
Test(machine, sleeps) {
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        sim_start("the machine sleeps ten minutes", 2, "", seed, seed > 1);
        sim_run(engine_random(1000, 90000));
        bool cut = seed % 2;
        if (cut)
            world_set_mode(sim_nas(), SERVER_KILLED);
        sim_sleep(600000);
        for (unsigned i = 0; i < 2; i++)
            cr_assert_eq(sim_mount(i)->machine.strikes, 0);
        world_set_mode(sim_nas(), SERVER_UP);
        sim_run(1000);
        cr_assert(sim_wait(15000), "seed %u", seed);
        for (unsigned i = 0; i < 2; i++) {
            cr_assert_eq(sim_tally(i)->unmounts, 0, "seed %u", seed);
            if (!cut)
                cr_assert_eq(sim_tally(i)->incidents, 0, "seed %u", seed);
        }
        sim_finish();
    }
}
