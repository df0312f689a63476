/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Recoveries on macOS: silent servers, resets, foreign unmounts, sleep. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "sim.h"

/* A row of the table that tests/sim/timelines prints; "-": it never came to that. */
static void print_span(uint64_t from_ms, uint64_t to_ms) {
    if (to_ms >= from_ms)
        printf(" %7.1f s", (double)(to_ms - from_ms) / 1000.0);
    else
        printf(" %9s", "-");
}

static void print(const char *what, uint64_t fault_ms) {
    const struct tally *t = sim_tally(0);
    bool known = t->incidents > 0 && t->incident_ms >= fault_ms;
    printf("-- %-32s", what);
    print_span(fault_ms, known ? t->incident_ms : 0);
    print_span(fault_ms, known && t->acted_ms >= t->incident_ms ? t->acted_ms : 0);
    print_span(fault_ms, known ? engine_now() : 0);
    printf(" %8u\n", t->unmounts);
}

/* Away for so long, then back: how often it was taken down. */
static unsigned away(const char *title, enum server_mode mode, uint64_t away_ms, bool nobrowse) {
    sim_start_mac(title, 1, nobrowse);
    sim_run(21000);
    uint64_t fault = engine_now();
    sim_say("the server is away");
    world_set_mode(sim_nas(), mode);
    sim_run(away_ms);
    sim_say("the server is back");
    world_set_mode(sim_nas(), SERVER_UP);
    cr_expect(sim_wait(120000), "%s: it does not come back", title);
    print(title, fault);
    unsigned unmounts = sim_tally(0)->unmounts;
    sim_finish();
    return unmounts;
}

Test(mac, silent_for_a_short_time) {
    cr_expect_eq(away("silent for 30 s", SERVER_MUTE, 30000, false), 0, "it heals by itself");
}

Test(mac, silent_for_long) {
    cr_expect_eq(away("silent for 3 min", SERVER_MUTE, 180000, false), 1, "dead for good by then");
}

Test(mac, silent_for_long_nobrowse) {
    cr_expect_eq(away("silent for 3 min, nobrowse", SERVER_DROPPED, 180000, true), 1);
}

Test(mac, reset_for_a_short_time) {
    cr_expect_eq(away("killed for 20 s", SERVER_KILLED, 20000, false), 0);
}

Test(mac, reset_for_long) {
    cr_expect_eq(away("killed for 2 min", SERVER_KILLED, 120000, false), 1);
}

Test(mac, foreign_unmount) {
    sim_start_mac("unmounted by somebody", 1, false);
    sim_run(20000);
    uint64_t fault = engine_now();
    sim_say("unmounted by somebody");
    world_tear_away(sim_share(0));
    cr_expect(sim_wait(10000));
    print("unmounted by somebody", fault);
    cr_expect_leq(engine_now() - fault, 3000);
    sim_finish();
}

Test(mac, sleep_and_wake) {
    sim_start_mac("sleep for 10 min", 1, false);
    sim_run(20000);
    uint64_t fault = engine_now();
    sim_sleep(600000);
    sim_run(30000);
    cr_expect(sim_wait(30000));
    print("sleep for 10 min", fault);
    cr_expect_eq(sim_tally(0)->unmounts, 0, "nothing was wrong");
    sim_finish();
}

Test(mac, another_fsid) {
    sim_start_mac("mounted anew by somebody", 1, false);
    sim_run(20000);
    uint64_t fault = engine_now(), before = sim_mount(0)->identity.id;
    sim_say("unmounted and mounted anew by somebody");
    world_tear_away(sim_share(0));
    cr_assert_eq(kernel_mount(sim_share(0)), 0);
    sim_run(1000);
    cr_expect(sim_wait(10000));
    print("mounted anew by somebody", fault);
    cr_expect_neq(sim_mount(0)->identity.id, before, "the new number is learnt");
    cr_expect_eq(sim_tally(0)->unmounts, 0);
    sim_finish();
}

Test(mac, not_allowed_to_ask) {
    sim_start_mac("EPERM from the kernel", 1, false);
    sim_run(20000);
    uint64_t fault = engine_now();
    world.status_errno = EPERM;
    sim_run(120000);
    print("EPERM from the kernel", fault);
    cr_expect_eq(sim_tally(0)->incidents, 0, "that is no fault of the mount");
    cr_expect_eq(sim_tally(0)->unmounts, 0);
    sim_finish();
}

/* A dead mount whose unmount hangs in the kernel for a minute: told, waited for, never doubled. */
Test(mac, stuck_unmount) {
    sim_start_mac("the unmount hangs for a minute", 1, false);
    sim_run(20000);
    uint64_t fault = engine_now();
    sim_say("killed for 2 min");
    world_set_mode(sim_nas(), SERVER_KILLED);
    sim_run(120000);
    world.stuck_until_ms = engine_now() + 60000;
    sim_say("the server is back");
    world_set_mode(sim_nas(), SERVER_UP);
    cr_expect(sim_wait(300000));
    print("the unmount hangs for a minute", fault);
    const struct tally *t = sim_tally(0);
    cr_expect_eq(t->mounts, 2, "the first, and one when the dead one had gone");
    cr_expect_geq(t->mounted_ms, world.stuck_until_ms);
    cr_expect(t->unmounts >= 2 && t->unmounts <= 4, "tried anew, twice in each attempt: %u",
              t->unmounts);
    cr_expect_eq(t->incidents, 1);
    cr_expect_eq(t->recovered, 1);
    sim_finish();
}
