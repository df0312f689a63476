/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * The daemon on fake time: the real supervisor, rounds of probes, recovery, peers, machine, policy,
 * mount table and recovery plugins. What stands in: the loop (engine.h), plugin hosts
 * (fake_pool.c), mount helpers (fake_helper.c), the watching of table and network (sim.c), and the
 * world itself (world.h). Everything that happens is told as a timeline, and checked (check.c).
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/supervisor.h"
#include "engine.h"
#include "world.h"

/* What was counted of one mount since the simulation began. */
struct tally {
    unsigned mounts, unmounts; /* helpers that began it, whatever came of it */
    unsigned reconnects, reconnects_outage;
    unsigned attempts_auth; /* mounts that the server refused */
    unsigned incidents, recovered;
    uint64_t outage_key;  /* which outage reconnects_outage speaks of */
    uint64_t incident_ms; /* the last one began, in simulation time */
    uint64_t acted_ms;    /* the first unmount, cut or mount since then */
    uint64_t mounted_ms;  /* state mounted was entered last */
    uint64_t unmount_ms;  /* the last unmount began */
    uint64_t answers_ms;  /* the server began to answer last */
    uint64_t backoff_ms;  /* no mount before that */
};

/* A world with a server "nas" and so many shares of it, s0, s1 ...; options are YAML of `defaults`,
 * "" for none. Mounts them and runs until they are mounted. quiet: no timeline. */
void sim_start(const char *title, unsigned mounts, const char *options, uint64_t seed, bool quiet);
/* The same on macOS, with its defaults. */
void sim_start_mac(const char *title, uint64_t seed, bool nobrowse);
void sim_finish(void);

struct server *sim_nas(void);
struct share *sim_share(unsigned i);
struct supervisor *sim_mount(unsigned i);
struct tally *sim_tally(unsigned i);
unsigned sim_len(void);

/* A line of the timeline: what the scenario does. */
void sim_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Let time pass. sim_wait: until every mount is mounted and well, at most ms; false when not. */
void sim_run(uint64_t ms);
bool sim_wait(uint64_t ms);
bool sim_is_well(unsigned i);
/* Seen as an outage since `from`? Runs up to ms. */
bool sim_wait_seen(unsigned i, uint64_t from_ms, uint64_t ms);

void sim_network_changed(const char *what);
void sim_sleep(uint64_t ms); /* and wake up */
uint64_t sim_woke_ms(void);  /* when it last did, in simulation time */
void sim_command(unsigned i, enum machine_event_id event);

/* A broken promise: says when and which, and fails the test. */
void sim_broken(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* check.c */
void check_all(void);
void check_event(const struct event_record *record, struct supervisor *s, struct tally *t);
void check_helper(struct supervisor *s, struct tally *t, const struct helper_request *request);

/* fake_pool.c */
void fake_pool_start(void);
void fake_pool_finish(void);
/* What is under way has not had that time. */
void fake_pool_slept(uint64_t ms);
const struct config_plugins *fake_pool_plugins(void);

/* fake_helper.c */
struct supervisor *sim_find(const char *name, struct tally **tally);
void fake_helper_start(void);
void fake_helper_finish(void);

#endif
