/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The server is there; our connection, our mount or our login is not. */
#include <criterion/criterion.h>
#include <string.h>

#include "daemon/logins.h"
#include "sim.h"

#define SEEDS 200u

/* Of SEEDS runs: how many were unmounted, the times to see and to be well again. */
struct sum {
    unsigned unmounted;
    uint64_t seen_ms, well_ms; /* the longest */
    uint64_t seen_sum, well_sum;
};

static void print(const char *what, const struct sum *sum) {
    printf(
        "\n%s: %u of %u unmounted; seen in %llu ms, at most %llu; well in %llu ms, at most %llu\n",
        what, sum->unmounted, SEEDS, (unsigned long long)(sum->seen_sum / SEEDS),
        (unsigned long long)sum->seen_ms, (unsigned long long)(sum->well_sum / SEEDS),
        (unsigned long long)sum->well_ms);
}

static void add(uint64_t *longest, uint64_t *sum, uint64_t begin_ms) {
    uint64_t ms = engine_now() - begin_ms;
    *longest = ms > *longest ? ms : *longest;
    *sum += ms;
}

static void run_half_open(struct sum *sum, const char *title, unsigned mounts, bool no_destroy,
                          uint32_t echo_ms) {
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        sim_start(title, mounts, "", seed, seed > 1);
        world.no_socket_destroy = no_destroy;
        world.echo_ms = echo_ms;
        sim_run(engine_random(1000, 90000));
        sim_say("the connection of s0 is black-holed");
        uint64_t begin = engine_now();
        world_half_open(sim_share(0));
        cr_assert(sim_wait_seen(0, begin, 180000), "seed %u", seed);
        add(&sum->seen_ms, &sum->seen_sum, begin);
        cr_assert(sim_wait(60000), "seed %u", seed);
        add(&sum->well_ms, &sum->well_sum, begin);
        sum->unmounted += sim_tally(0)->unmounts;
        for (unsigned i = 1; i < mounts; i++)
            cr_assert_eq(sim_tally(i)->unmounts, 0, "another mount is left alone");
        sim_finish();
    }
    print(title, sum);
}

Test(connection, half_open) {
    struct sum sum = {0};
    run_half_open(&sum, "half open", 1, false, 5000);
    cr_assert_eq(sum.unmounted, 0);
    cr_assert_leq(sum.seen_sum / SEEDS, 10000);
    cr_assert_leq(sum.well_ms, 21000);
}

/* The only one of the server: its silence is ours, three strikes are not needed. */
Test(connection, half_open_slow_echoes) {
    struct sum sum = {0};
    run_half_open(&sum, "half open, echo_interval=60", 1, false, 60000);
    cr_assert_eq(sum.unmounted, 0);
    cr_assert_leq(sum.well_ms, 75000);
}

Test(connection, half_open_among_three) {
    struct sum sum = {0};
    run_half_open(&sum, "half open, one of three, echo_interval=60", 3, false, 60000);
    cr_assert_eq(sum.unmounted, 0);
    cr_assert_leq(sum.well_ms, 90000);
}

Test(connection, half_open_without_socket_destroy) {
    struct sum sum = {0};
    run_half_open(&sum, "half open, no SOCK_DESTROY", 2, true, 60000);
    cr_assert_leq(sum.well_ms, 90000);
}

/* A probe that not even SIGKILL ends hangs in the old mount: no strike against the new one. */
Test(connection, a_hang_in_the_old_mount_is_none_of_the_new) {
    unsigned hung = 0;
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        sim_start("torn away while a probe hangs in it", 1, "", seed, seed > 1);
        world.unkillable = 1000;
        world.no_socket_destroy = true;
        world.echo_ms = 60000;
        sim_run(engine_random(5000, 30000));
        sim_nas()->slow_ms = 3000;
        for (unsigned i = 0; i < 4000 && sim_share(0)->looks_alive == 0; i++)
            sim_run(50);
        world_half_open(sim_share(0));
        sim_nas()->slow_ms = 0;
        for (unsigned i = 0; i < 400 && sim_mount(0)->round->hung_job == 0; i++)
            sim_run(20);
        sim_say("umount -l by somebody");
        world_tear_away(sim_share(0));
        sim_run(500);
        for (unsigned i = 0; i < 400 && sim_mount(0)->machine.state != MACHINE_MOUNTED; i++)
            sim_run(50);
        hung += sim_mount(0)->round->hung_job != 0;
        unsigned incidents = sim_tally(0)->incidents;
        for (unsigned i = 0; i < 600; i++) {
            sim_run(50);
            cr_assert_eq(sim_mount(0)->machine.strikes, 0, "seed %u", seed);
        }
        cr_assert(sim_is_well(0), "seed %u", seed);
        cr_assert_eq(sim_tally(0)->incidents, incidents, "seed %u", seed);
        sim_finish();
    }
    cr_assert_gt(hung, 0, "none hung on beside the new mount");
}

/* One of a round and one of a glance, not one more with each glance. */
Test(connection, a_glance_that_cannot_be_killed_is_the_last_one) {
    sim_start("the kernel does not answer about its mounts", 1, "", 5, true);
    sim_run(30000);
    world.status_hangs = true;
    unsigned most = 0;
    for (unsigned i = 0; i < 600; i++) {
        sim_run(100);
        most = sim_share(0)->asks_hung > most ? sim_share(0)->asks_hung : most;
    }
    cr_assert_gt(most, 0);
    cr_assert_leq(most, 2);
    world.status_hangs = false;
    cr_assert(sim_wait(60000));
    unsigned questions = 0;
    for (unsigned i = 0; i < 6000; i++) {
        sim_run(1);
        questions += sim_mount(0)->glance->job != 0;
    }
    cr_assert_gt(questions, 0, "glances go on");
    sim_finish();
}

/* Umount -l by somebody: mounted again at once. */
Test(mount, torn_away) {
    sim_start("the mount is taken away", 1, "", 3, false);
    sim_run(30000);
    sim_say("umount -l by somebody");
    world_tear_away(sim_share(0));
    cr_assert(sim_wait(1000));
    cr_assert_eq(sim_tally(0)->mounts, 2);
    sim_finish();
}

/* Taken away while the server is off: mounted within about a second of its return. */
Test(mount, torn_away_and_server_off) {
    struct sum sum = {0};
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        sim_start("the mount is taken away while the server is off", 1, "", seed, seed > 1);
        sim_run(30000);
        world_set_mode(sim_nas(), SERVER_KILLED);
        sim_run(engine_random(0, 1000));
        sim_say("umount -l by somebody");
        world_tear_away(sim_share(0));
        sim_run(engine_random(0, 600000));
        uint64_t begin = engine_now();
        sim_say("the server is started");
        world_set_mode(sim_nas(), SERVER_UP);
        cr_assert(sim_wait(30000), "seed %u", seed);
        add(&sum.well_ms, &sum.well_sum, begin);
        const struct tally *t = sim_tally(0);
        cr_assert_leq(t->mounted_ms, t->answers_ms + 1000, "seed %u", seed);
        sim_finish();
    }
    cr_assert_leq(sum.well_ms, 7000, "it is asked every 5 s, 25 percent more or less");
    print("torn away, server off", &sum);
}

Test(mount, something_over_it) {
    sim_start("something else is mounted over it", 1, "", 4, false);
    sim_run(30000);
    world_cover(sim_share(0), true);
    sim_run(600000);
    cr_assert_eq(sim_mount(0)->machine.state, MACHINE_FAILED);
    cr_assert_eq(sim_mount(0)->machine.reason, MACHINE_FOR_FOREIGN);
    cr_assert_eq(sim_tally(0)->mounts, 1);
    cr_assert_eq(sim_tally(0)->unmounts, 0);
    sim_say("it goes away again");
    world_cover(sim_share(0), false);
    cr_assert(sim_wait(2000));
    cr_assert_eq(sim_tally(0)->mounts, 1);
    sim_finish();
}

Test(login, password_changed) {
    sim_start("the password was changed, and the server restarted", 2, "", 5, false);
    sim_run(30000);
    sim_share(0)->password = 7;
    sim_nas()->password = 0;
    sim_say("s0 has another password than the server, which restarts");
    world_set_mode(sim_nas(), SERVER_KILLED);
    sim_run(2000);
    world_set_mode(sim_nas(), SERVER_UP);
    sim_run(30000);
    cr_assert_eq(sim_mount(0)->machine.state, MACHINE_FAILED);
    cr_assert_eq(sim_mount(0)->machine.reason, MACHINE_FOR_AUTH);
    cr_assert(sim_is_well(1));
    cr_assert_eq(sim_tally(0)->attempts_auth, 1);
    cr_assert_leq(sim_nas()->bad_logins, 10);
    unsigned logins = sim_nas()->bad_logins;
    sim_run(86400000);
    sim_network_changed("the network changed");
    sim_run(3600000);
    cr_assert_eq(sim_nas()->bad_logins, logins, "never tried again by itself");
    sim_share(0)->password = 0;
    sim_say("the right password is stored, and mount commanded");
    sim_command(0, MACHINE_ON_MOUNT_WANTED);
    cr_assert(sim_wait(2000));
    sim_finish();
}

static unsigned failed_by_login(void) {
    unsigned n = 0;
    for (unsigned i = 0; i < sim_len(); i++)
        n += sim_mount(i)->machine.state == MACHINE_FAILED &&
             sim_mount(i)->machine.reason == MACHINE_FOR_AUTH;
    return n;
}

static const char *let_in_by(unsigned i) {
    static struct event events[EVENTS_MAX];
    size_t n = event_ring_list(&sim_mount(i)->events, events, EVENTS_MAX);
    while (n-- > 0)
        if (events[n].kind == EVENT_LOGIN)
            return strrchr(events[n].text, '(');
    return "";
}

Test(login, one_refusal_is_enough_for_five_mounts) {
    sim_start("five mounts of one account, and its password was changed", 5, "", 5, false);
    sim_run(30000);
    for (unsigned i = 0; i < 5; i++) {
        world_tear_away(sim_share(i));
        sim_share(i)->password = 7;
    }
    sim_run(30000);
    cr_assert_eq(failed_by_login(), 5);
    cr_assert_eq(sim_nas()->bad_logins, 1, "%u", sim_nas()->bad_logins);
    sim_say("a person tries one, and it is still the wrong one");
    logins_asked(sim_mount(3));
    sim_command(3, MACHINE_ON_MOUNT_WANTED);
    sim_run(10000);
    cr_assert_eq(failed_by_login(), 5);
    cr_assert_eq(sim_nas()->bad_logins, 2, "%u", sim_nas()->bad_logins);
    sim_say("a person tries all");
    for (unsigned i = 0; i < 5; i++) {
        logins_asked(sim_mount(i));
        sim_command(i, MACHINE_ON_MOUNT_WANTED);
    }
    sim_run(10000);
    cr_assert_eq(failed_by_login(), 5);
    cr_assert_eq(sim_nas()->bad_logins, 3, "%u", sim_nas()->bad_logins);
    sim_say("two get the right one, and one of these is commanded");
    sim_share(1)->password = sim_share(4)->password = 0;
    logins_asked(sim_mount(4));
    sim_command(4, MACHINE_ON_MOUNT_WANTED);
    sim_run(10000);
    cr_assert_eq(failed_by_login(), 3);
    cr_assert(sim_is_well(1) && sim_is_well(4));
    cr_assert_str_eq(let_in_by(1), "(mount 's4')");
    cr_assert_str_eq(let_in_by(4), "");
    cr_assert_eq(sim_nas()->bad_logins, 3, "%u", sim_nas()->bad_logins);
    sim_say("the account gets the password that the others have");
    sim_nas()->password = 7;
    sim_run(10000);
    logins_asked(sim_mount(0));
    sim_command(0, MACHINE_ON_MOUNT_WANTED);
    cr_assert(sim_wait(5000));
    cr_assert_eq(sim_nas()->bad_logins, 3, "%u", sim_nas()->bad_logins);
    sim_finish();
}

Test(share, removed) {
    sim_start("the share is removed", 1, "", 6, false);
    sim_run(30000);
    uint64_t begin = engine_now();
    sim_share(0)->there = false;
    sim_say("the share is gone");
    cr_assert(sim_wait_seen(0, begin, 91000));
    sim_run(5000);
    cr_assert_eq(sim_mount(0)->machine.state, MACHINE_FAILED);
    cr_assert_eq(sim_mount(0)->machine.reason, MACHINE_FOR_ABSENT);
    sim_run(3600000);
    cr_assert_leq(sim_tally(0)->mounts, 14, "a slow retry");
    sim_share(0)->there = true;
    sim_say("it is back");
    cr_assert(sim_wait(310000));
    sim_finish();
}

Test(server, new_address) {
    struct sum sum = {0};
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        sim_start("the server gets another address", 1, "", seed, seed > 1);
        sim_run(engine_random(1000, 90000));
        uint64_t begin = engine_now();
        sim_say("the server is at 10.9.0.7 now");
        world_move(sim_nas(), "10.9.0.7");
        cr_assert(sim_wait_seen(0, begin, 30000), "seed %u", seed);
        add(&sum.seen_ms, &sum.seen_sum, begin);
        cr_assert(sim_wait(60000), "seed %u", seed);
        add(&sum.well_ms, &sum.well_sum, begin);
        cr_assert_eq(strcmp(sim_mount(0)->address, "10.9.0.7"), 0);
        sum.unmounted += sim_tally(0)->unmounts;
        sim_finish();
    }
    print("new address", &sum);
    cr_assert_leq(sum.well_ms, 40000);
}

/* Slow answers while data moves, or for two minutes with nothing but echoes, are no outage; and a
 * mount that is only slow is not taken down for two minutes more. */
static void run_slow(unsigned mounts, bool moving, uint32_t slow_ms, uint32_t for_ms,
                     unsigned incidents) {
    for (unsigned seed = 1; seed <= 20; seed++) {
        sim_start("slow under load", mounts, "", seed, seed > 1);
        sim_run(30000);
        sim_nas()->slow_ms = slow_ms;
        for (unsigned i = 0; i < mounts; i++)
            sim_share(i)->moving = moving && i == 0; /* the others see it on the server */
        sim_say("every answer takes %u ms%s", slow_ms, moving ? ", data moves" : "");
        sim_run(for_ms);
        for (unsigned i = 0; i < mounts; i++) {
            cr_assert_eq(sim_tally(i)->unmounts, 0);
            cr_assert_leq(sim_tally(i)->incidents, incidents);
        }
        sim_nas()->slow_ms = 0;
        sim_run(30000);
        for (unsigned i = 0; i < mounts; i++)
            cr_assert_eq(sim_mount(i)->machine.state, MACHINE_MOUNTED);
        sim_finish();
    }
}

Test(load, slow) {
    run_slow(1, true, 8000, 3600000, 0);
}

Test(load, slow_three_mounts) {
    run_slow(3, true, 8000, 3600000, 0);
}

Test(load, slow_with_echoes_only) {
    run_slow(3, false, 8000, 110000, 0);
}

Test(load, slow_for_long_with_echoes_only) {
    run_slow(3, false, 8000, 230000, 1);
}

/* Rounds that a script asks for again and again judge nothing, and leave room for those that do. */
Test(load, probe_commands_without_end) {
    static uint64_t dummy; /* stubs.c answers it */
    sim_start("probe commands without end", 1,
              "defaults: {probes: [device-id, kernel-status, stat-timeout, smb-negotiate]}", 1, 0);
    sim_nas()->slow_ms = 8000;
    for (unsigned i = 0; i < 6000 && sim_tally(0)->incidents == 0; i++) {
        const struct round *r = sim_mount(0)->round;
        if (r == NULL || r->next.len == 0)
            cr_assert(rounds_for_command(sim_mount(0), (struct server_call *)(void *)&dummy));
        sim_run(100);
    }
    cr_assert_eq(sim_tally(0)->incidents, 1);
    sim_finish();
}
