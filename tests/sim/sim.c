/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The daemon around its mounts: timer, table, network, sleep, as core/daemon/watch.c has them. */
#include "sim.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/wake.h"

#define HEARTBEAT_MS 5000u

static struct {
    struct daemon daemon;
    struct supervisor *mounts[WORLD_SHARES];
    struct tally tallies[WORLD_SHARES];
    uint64_t timer, table, beat;
    uint64_t beat_boot_ms, beat_awake_ms;
    uint64_t woke_ms, seed;
    bool quiet;
} sim;

unsigned sim_len(void) {
    return (unsigned)sim.daemon.mounts_len;
}

struct supervisor *sim_mount(unsigned i) {
    return sim.mounts[i];
}

struct tally *sim_tally(unsigned i) {
    return &sim.tallies[i];
}

struct server *sim_nas(void) {
    return &world.servers[0];
}

struct share *sim_share(unsigned i) {
    return &world.shares[i];
}

struct supervisor *sim_find(const char *name, struct tally **tally) {
    for (unsigned i = 0; i < sim_len(); i++) {
        if (strcmp(sim.mounts[i]->conf.name, name) == 0) {
            *tally = &sim.tallies[i];
            return sim.mounts[i];
        }
    }
    return NULL;
}

static void tell(const char *who, const char *kind, const char *text) {
    if (!sim.quiet)
        printf("%10llu ms  %-5s %-12s %s\n", (unsigned long long)engine_now(), who, kind, text);
}

void sim_say(const char *format, ...) {
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    tell("----", "world", text);
}

void sim_broken(const char *format, ...) {
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    sim.quiet = false;
    tell("====", "BROKEN", text);
    fflush(stdout);
    cr_assert_fail("seed %llu, at %llu ms: %s", (unsigned long long)sim.seed,
                   (unsigned long long)engine_now(), text);
}

/* The control server, as far as mounts speak to it: followers of the events. */
void server_publish(struct server *server, const struct event_record *record) {
    (void)server;
    struct tally *tally;
    struct supervisor *s = sim_find(record->mount, &tally);
    tell(record->mount, record->kind, record->text);
    if (s != NULL)
        check_event(record, s, tally);
}

static void on_timer(void *arg) {
    (void)arg;
    struct daemon *daemon = &sim.daemon;
    uint64_t now = clock_boot_ms(), next = 0;
    sim.timer = 0;
    daemon->timer_due_ms = 0;
    for (size_t i = 0; i < daemon->mounts_len; i++) {
        uint64_t due = supervisor_tick(daemon->mounts[i], now);
        if (due != 0 && (next == 0 || due < next))
            next = due;
    }
    for (struct peer *p = daemon->peers; p != NULL; p = p->next) {
        uint64_t due = peer_tick(p, now);
        if (due != 0 && (next == 0 || due < next))
            next = due;
    }
    daemon_due(daemon, next);
}

void daemon_due(struct daemon *daemon, uint64_t due_ms) {
    if (due_ms == 0 || (daemon->timer_due_ms != 0 && daemon->timer_due_ms <= due_ms))
        return;
    uint64_t now = clock_boot_ms();
    daemon->timer_due_ms = due_ms;
    engine_cancel(sim.timer);
    sim.timer = engine_after(due_ms > now ? due_ms - now : 1, on_timer, NULL);
}

uint64_t daemon_random(struct daemon *daemon) {
    (void)daemon;
    return engine_random(0, UINT32_MAX);
}

struct supervisor *daemon_find(const struct daemon *daemon, const char *name) {
    struct tally *tally;
    (void)daemon;
    return sim_find(name, &tally);
}

bool daemon_have_table(struct daemon *daemon) {
    return mount_table_is_there(&daemon->table);
}

void daemon_read_table(struct daemon *daemon) {
    char *text = world_table();
    size_t skipped;
    mount_table_finish(&daemon->table);
    if (mount_table_parse(&daemon->table, text, strlen(text), &skipped) != 0 || skipped != 0)
        abort();
    for (size_t i = 0; i < daemon->mounts_len; i++)
        supervisor_look(daemon->mounts[i]);
}

static void on_table(void *arg) {
    (void)arg;
    sim.table = 0;
    daemon_read_table(&sim.daemon);
}

static void table_changed(void) {
    if (sim.table == 0)
        sim.table = engine_after(1, on_table, NULL);
}

void sim_network_changed(const char *what) {
    struct daemon *daemon = &sim.daemon;
    daemon->network_changed_ms = clock_boot_ms();
    for (struct peer *p = daemon->peers; p != NULL; p = p->next)
        if (p->due_ms != 0)
            peer_watch(p, true);
    for (size_t i = 0; i < daemon->mounts_len; i++) {
        supervisor_record(daemon->mounts[i], EVENT_NETWORK, 0, "%s", what);
        supervisor_on(daemon->mounts[i], MACHINE_ON_NET_CHANGED);
    }
}

static void on_heartbeat(void *arg) {
    (void)arg;
    uint64_t boot = clock_boot_ms(), awake = clock_awake_ms();
    uint64_t slept = wake_slept_ms(boot - sim.beat_boot_ms, awake - sim.beat_awake_ms);
    sim.beat_boot_ms = boot;
    sim.beat_awake_ms = awake;
    sim.beat = engine_after(HEARTBEAT_MS, on_heartbeat, NULL);
    if (slept != 0)
        wake_all(&sim.daemon, slept);
}

void sim_sleep(uint64_t ms) {
    sim_say("the machine sleeps for %llu s", (unsigned long long)(ms / 1000));
    engine_sleep(ms);
    fake_pool_slept(ms);
    sim.woke_ms = engine_now();
    sim_say("the machine wakes up");
    engine_cancel(sim.beat); /* its clock went on */
    sim.beat = engine_after(1, on_heartbeat, NULL);
}

uint64_t sim_woke_ms(void) {
    return sim.woke_ms;
}

void sim_command(unsigned i, enum machine_event_id event) {
    supervisor_record(sim.mounts[i], EVENT_COMMAND, 0, "%s", machine_event_name(event));
    supervisor_feed(sim.mounts[i],
                    (struct machine_event){.id = event, .reason = MACHINE_FOR_BY_HAND});
}

static void on_log(void *context, enum log_level level, const char *line) {
    (void)context;
    if (level == LOG_ERROR)
        sim_broken("the daemon logs an error: %s", line);
}

static void read_config(unsigned mounts, const char *options) {
    char text[4096];
    size_t used = (size_t)snprintf(text, sizeof text, "%s\nmounts:\n", options);
    for (unsigned i = 0; i < mounts; i++)
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "- {name: s%u, server: nas, share: s%u, mountpoint: /mnt/s%u}\n",
                                 i, i, i);
    struct yaml_problems problems = {0};
    int rc = config_build(text, used, fake_pool_plugins(), &sim.daemon.config, &problems);
    if (rc != 0)
        sim_broken("the configuration: %s", problems.len > 0 ? problems.items[0].text : "?");
    yaml_problems_finish(&problems);
}

static bool mac; /* the next start */

static void health_changed(void) {
    for (size_t i = 0; i < sim.daemon.mounts_len; i++)
        glance_start(sim.daemon.mounts[i]);
}

void sim_start_mac(const char *title, uint64_t seed, bool nobrowse) {
    mac = true;
    sim_start(title, 1,
              "defaults:\n  probe_interval_sec: 10\n"
              "  probes: [device-id, kernel-status, statfs-fstype, smb-negotiate]\n",
              seed, false);
    world.nobrowse = nobrowse;
    mac = false;
}

void sim_start(const char *title, unsigned mounts, const char *options, uint64_t seed, bool quiet) {
    memset(&sim, 0, sizeof sim);
    sim.quiet = quiet;
    sim.seed = seed;
    engine_reset(seed, check_all);
    world_reset(table_changed);
    world.mac = mac;
    world.health_changed = mac ? health_changed : NULL;
    fake_pool_start();
    fake_helper_start();
    if (!quiet)
        printf("\n== %s\n", title);
    struct server *nas = world_server("nas", "10.9.0.2");
    char name[16];
    for (unsigned i = 0; i < mounts; i++) {
        snprintf(name, sizeof name, "s%u", i);
        world_share(nas, name);
    }
    struct daemon *d = &sim.daemon;
    d->log = (struct log){.level = LOG_ERROR, .write = on_log};
    read_config(mounts, options);
    d->control = (void *)&sim; /* anything: it only goes to server_publish above */
    d->mounts = sim.mounts;
    sim.beat_boot_ms = clock_boot_ms();
    sim.beat_awake_ms = clock_awake_ms();
    sim.beat = engine_after(HEARTBEAT_MS, on_heartbeat, NULL);
    for (unsigned i = 0; i < mounts; i++) {
        struct config_mount conf = {0};
        struct config_mount wanted = d->config.mounts[i]; /* borrowed */
        char fstype[] = "smbfs";
        if (mac) {
            wanted.mounter = CONFIG_NETFS;
            wanted.fstype = fstype;
        }
        if (config_mount_copy(&conf, &wanted) != 0)
            abort();
        sim.mounts[d->mounts_len] = supervisor_create(d, &conf);
        d->mounts_len++;
    }
    daemon_read_table(d);
    for (unsigned i = 0; i < mounts; i++)
        supervisor_on(sim.mounts[i], MACHINE_ON_MOUNT_WANTED);
    if (!sim_wait(10000))
        sim_broken("the first mounts did not come");
}

void sim_finish(void) {
    for (unsigned i = 0; i < sim_len(); i++)
        supervisor_destroy(sim.mounts[i]);
    sim.daemon.mounts_len = 0;
    fake_pool_finish();
    fake_helper_finish();
    mount_table_finish(&sim.daemon.table);
    config_finish(&sim.daemon.config);
}

void sim_run(uint64_t ms) {
    engine_run(ms);
}

bool sim_is_well(unsigned i) {
    const struct supervisor *s = sim.mounts[i];
    return s->machine.state == MACHINE_MOUNTED && world_is_well(sim_share(i)) &&
           s->health == MACHINE_ON_PROBE_HEALTHY;
}

static bool all_well(void) {
    for (unsigned i = 0; i < sim_len(); i++)
        if (!sim_is_well(i))
            return false;
    return true;
}

bool sim_wait(uint64_t ms) {
    for (uint64_t until = engine_now() + ms; engine_now() < until && !all_well();)
        engine_run(10);
    return all_well();
}

bool sim_wait_seen(unsigned i, uint64_t from_ms, uint64_t ms) {
    for (uint64_t until = engine_now() + ms;
         engine_now() < until &&
         (sim.tallies[i].incidents == 0 || sim.tallies[i].incident_ms < from_ms);)
        engine_run(10);
    return sim.tallies[i].incidents > 0 && sim.tallies[i].incident_ms >= from_ms;
}
