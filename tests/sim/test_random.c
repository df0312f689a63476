/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Random faults, and then everything is repaired: everything must be well again. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "sim.h"

#define RUNS 2000u
#define FAULTS 12u
#define REPAIRED_MS 120000u

static void change_server(void) {
    static const enum server_mode modes[] = {SERVER_UP,   SERVER_UP,   SERVER_KILLED,
                                             SERVER_MUTE, SERVER_MUTE, SERVER_DROPPED};
    enum server_mode mode = modes[engine_random(0, 5)];
    sim_say("server mode %d", (int)mode);
    world_set_mode(sim_nas(), mode);
}

static void change_share(struct share *share) {
    switch (engine_random(0, 7)) {
    case 0:
        sim_say("%s: half open", share->name);
        world_half_open(share);
        break;
    case 1:
        sim_say("%s: torn away", share->name);
        world_tear_away(share);
        break;
    case 2:
        sim_say("%s: covered %d", share->name, !share->foreign);
        world_cover(share, !share->foreign);
        break;
    case 3:
        sim_say("%s: there %d", share->name, !share->there);
        share->there = !share->there;
        break;
    case 4:
        share->users = (unsigned)engine_random(0, 2);
        break;
    case 5:
        share->moving = !share->moving;
        break;
    default:
        break;
    }
}

static void change_machine(unsigned i) {
    switch (engine_random(0, 7)) {
    case 0:
        sim_network_changed("the network changed");
        break;
    case 1:
        sim_sleep(engine_random(1000, 3600000));
        break;
    case 2:
        sim_say("s%u: wrong password", i);
        sim_share(i)->password = 3;
        break;
    case 3:
        sim_command(i, engine_random(0, 1) ? MACHINE_ON_UNMOUNT_WANTED : MACHINE_ON_FORCE_WANTED);
        break;
    case 4:
    case 5:
        sim_command(i, MACHINE_ON_MOUNT_WANTED);
        break;
    case 6:
        sim_nas()->slow_ms = (uint32_t)engine_random(0, 7000);
        break;
    case 7:
        world_move(sim_nas(), engine_random(0, 1) ? "10.9.0.2" : "10.9.0.3");
        break;
    }
}

static void one_fault(void) {
    unsigned i = (unsigned)engine_random(0, sim_len() - 1);
    switch (engine_random(0, 2)) {
    case 0:
        change_server();
        break;
    case 1:
        change_share(sim_share(i));
        break;
    default:
        change_machine(i);
        break;
    }
}

static void repair(void) {
    sim_say("everything is repaired");
    sim_nas()->slow_ms = 0;
    for (unsigned i = 0; i < sim_len(); i++) {
        sim_share(i)->there = true;
        sim_share(i)->password = sim_nas()->password;
        if (sim_share(i)->foreign)
            world_cover(sim_share(i), false);
    }
    world_set_mode(sim_nas(), SERVER_UP);
    sim_network_changed("the network is back");
}

/* Ended in a state that only a person, or the slow retry, changes. */
static bool is_excused(const struct supervisor *s) {
    const struct machine *m = &s->machine;
    if (m->state == MACHINE_UNMOUNTED)
        return m->reason == MACHINE_FOR_BY_HAND;
    return m->state == MACHINE_FAILED &&
           (m->reason == MACHINE_FOR_AUTH || m->reason == MACHINE_FOR_CONFIG);
}

static bool all_done(void) {
    for (unsigned i = 0; i < sim_len(); i++)
        if (!sim_is_well(i) && !is_excused(sim_mount(i)))
            return false;
    return true;
}

/* The time that it took, for the sum. */
static uint64_t run_one(unsigned seed, bool quiet) {
    sim_start("random faults", 1 + seed % 3, "", seed, quiet);
    world.no_socket_destroy = seed % 5 == 0;
    for (unsigned i = 0; i < FAULTS; i++) {
        sim_run(engine_random(0, 1) ? engine_random(0, 5000) : engine_random(0, 120000));
        one_fault();
    }
    uint64_t begin = engine_now();
    repair();
    while (!all_done() && engine_now() < begin + REPAIRED_MS)
        sim_run(50);
    uint64_t took = engine_now() - begin;
    for (unsigned i = 0; i < sim_len(); i++)
        if (!sim_is_well(i) && !is_excused(sim_mount(i)))
            sim_broken("seed %u: s%u is %s (%s) two minutes after the repair", seed, i,
                       machine_state_name(sim_mount(i)->machine.state),
                       machine_reason_name(sim_mount(i)->machine.reason));
    sim_finish();
    return took;
}

/* SIM_SEED=n: that run alone, with its timeline. */
Test(random, faults_and_repair) {
    const char *only = getenv("SIM_SEED");
    uint64_t longest = 0, sum = 0;
    if (only != NULL) {
        run_one((unsigned)atoi(only), false);
        return;
    }
    for (unsigned seed = 1; seed <= RUNS; seed++) {
        uint64_t took = run_one(seed, true);
        longest = took > longest ? took : longest;
        sum += took;
    }
    printf("%u runs: well again after %llu ms, at most %llu ms\n", RUNS,
           (unsigned long long)(sum / RUNS), (unsigned long long)longest);
}
