/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The kernel's SMB client: its connections, and what the calls on a mount come to. */
#include <errno.h>
#include <string.h>

#include "engine.h"
#include "kernel_mac.h"
#include "world.h"

#define RETRANSMITS_MS 2600u /* unacknowledged for so long: two retransmits */
#define GIVES_UP_MS 10100u   /* a call on a lost connection ends with EHOSTDOWN */

enum server_mode kernel_sees(const struct kmount *m) {
    const struct server *s = m->share->server;
    return strcmp(m->address, s->address) == 0 ? s->mode : SERVER_DROPPED;
}

static void alarm_in(struct kmount *m, uint64_t ms, engine_fn *fn) {
    engine_cancel(m->alarm);
    m->alarm = engine_after(ms, fn, m);
}

/* The kernel logs in again, and again, as long as it is refused. */
static void log_in(void *arg) {
    struct kmount *m = arg;
    m->alarm = 0;
    if (kernel_sees(m) != SERVER_UP)
        return;
    m->silent_ms = m->packet_ms = 0;
    if (m->share->password == m->share->server->password) {
        m->connection = CONNECTION_GOOD;
        return;
    }
    m->connection = CONNECTION_DENIED;
    m->share->server->bad_logins++;
    alarm_in(m, 1000, log_in);
}

static void lose(struct kmount *m) {
    if (m->connection != CONNECTION_LOST)
        m->lost_ms = engine_now();
    m->connection = CONNECTION_LOST;
    m->silent_ms = m->packet_ms = 0;
}

/* Three echoes without an answer. */
static void echoes_failed(void *arg) {
    struct kmount *m = arg;
    m->alarm = 0;
    lose(m);
    if (kernel_sees(m) == SERVER_UP)
        alarm_in(m, engine_random(100, 3000), log_in);
}

static void speaks_again(void *arg) {
    struct kmount *m = arg;
    m->alarm = 0;
    m->silent_ms = m->packet_ms = 0;
}

void kernel_silence(struct kmount *m) {
    m->silent_ms = engine_now();
    m->packet_ms = engine_now() + engine_random(0, world.echo_ms - 1u);
    alarm_in(m, 3u * world.echo_ms + engine_random(0, 3000), echoes_failed);
}

/* How long the kernel takes after a server came back, by what it was before. */
static uint64_t heals_in(enum server_mode before) {
    return before == SERVER_KILLED ? engine_random(60, 3200) : engine_random(3000, 16000);
}

void kernel_mode_changed(struct kmount *m, enum server_mode before) {
    enum server_mode after = kernel_sees(m);
    if (after == before)
        return;
    if (world.mac) {
        mac_mode_changed(m, after);
        return;
    }
    if (after == SERVER_KILLED) {
        engine_cancel(m->alarm);
        lose(m);
    } else if (after == SERVER_UP) {
        if (m->connection != CONNECTION_GOOD)
            alarm_in(m, heals_in(before), log_in);
        else if (before == SERVER_DROPPED)
            alarm_in(m, engine_random(200, 6000), speaks_again);
        else
            engine_cancel(m->alarm);
    } else if (m->connection == CONNECTION_GOOD) {
        alarm_in(m, 3u * world.echo_ms, echoes_failed);
        m->silent_ms = after == SERVER_DROPPED ? engine_now() : 0;
        m->packet_ms = m->silent_ms + engine_random(0, world.echo_ms - 1u);
    } else {
        lose(m);
    }
}

unsigned kernel_destroy_stalled(const char *address) {
    unsigned n = 0;
    uint64_t now = engine_now();
    for (unsigned i = 0; i < WORLD_MOUNTS; i++) {
        struct kmount *m = &world.mounts[i];
        if (m->share == NULL || strcmp(m->address, address) != 0)
            continue;
        bool stalled = m->silent_ms != 0 && now >= m->packet_ms + RETRANSMITS_MS;
        if (!stalled)
            continue;
        n++;
        lose(m);
        if (kernel_sees(m) == SERVER_UP)
            alarm_in(m, engine_random(300, 700), log_in);
    }
    return n;
}

/* The kernel reuses the number at once. */
static uint64_t free_device(void) {
    for (uint64_t device = 34;; device++) {
        bool used = false;
        for (unsigned i = 0; i < WORLD_MOUNTS; i++)
            used = used || (world.mounts[i].share != NULL && world.mounts[i].device == device);
        if (!used)
            return device;
    }
}

int kernel_mount(struct share *share) {
    struct server *s = share->server;
    struct kmount *m = world.mounts;
    if (s->mode == SERVER_MUTE || s->mode == SERVER_DROPPED)
        return -1;
    if (s->mode == SERVER_KILLED)
        return ECONNREFUSED;
    if (share->password != s->password) {
        s->bad_logins++;
        return EACCES;
    }
    if (!share->there)
        return ENOENT;
    while (m->share != NULL)
        m++;
    engine_must(m < world.mounts + WORLD_MOUNTS - 1);
    *m = (struct kmount){.id = ++world.last_mount_id, .device = free_device(), .in_table = true};
    m->share = share;
    memcpy(m->address, s->address, sizeof m->address);
    world.table_changed();
    return 0;
}

int kernel_unmount(struct share *share, uint64_t id, bool detach) {
    struct kmount *m = world_top(share);
    if (m == NULL || m->id != id)
        return EINVAL;
    if (!detach && share->users > 0)
        return EBUSY;
    m->in_table = false;
    kernel_let_go(share);
    world.table_changed();
    return 0;
}

void kernel_let_go(struct share *share) {
    for (unsigned i = 0; i < WORLD_MOUNTS; i++) {
        struct kmount *m = &world.mounts[i];
        if (m->share != share || m->in_table || share->users != 0 || share->looks_alive != 0)
            continue;
        engine_cancel(m->alarm);
        m->share = NULL;
    }
}

int kernel_look(const struct share *share, uint64_t began_ms) {
    struct kmount *m = world_top(share);
    uint64_t now = engine_now();
    if (m == NULL)
        return 0; /* of what lies beneath: the caller looks at the device */
    if (world.mac)
        return mac_look(m, began_ms);
    if (m->connection == CONNECTION_DENIED)
        return EHOSTDOWN;
    if (m->connection == CONNECTION_LOST)
        return kernel_sees(m) == SERVER_KILLED && now >= began_ms + GIVES_UP_MS ? EHOSTDOWN : -1;
    if (m->silent_ms != 0) {
        m->packet_ms = m->packet_ms < now ? m->packet_ms : now;
        return -1;
    }
    if (kernel_sees(m) != SERVER_UP || now < began_ms + share->server->slow_ms)
        return -1;
    return share->there ? 0 : EREMCHG;
}

static const struct kmount *with_id(const struct share *share, uint64_t id) {
    for (unsigned i = 0; i < WORLD_MOUNTS; i++)
        if (world.mounts[i].share == share && world.mounts[i].id == id)
            return &world.mounts[i];
    return NULL;
}

/* Whatever holds a killed caller ends with the reconnection. */
bool kernel_holds(const struct share *share, uint64_t id) {
    const struct kmount *m = with_id(share, id);
    if (world.mac)
        return m != NULL && !mac_is_well(m);
    return m != NULL &&
           (m->connection == CONNECTION_LOST || m->silent_ms != 0 || kernel_sees(m) == SERVER_MUTE);
}

/* The distribution of 356 kills: most at once, in a mute server's negotiation for a minute. */
uint64_t kernel_reap_ms(const struct share *share, uint64_t id) {
    bool mute = share->server->mode == SERVER_MUTE;
    const struct kmount *m = with_id(share, id);
    if (world.mac && m != NULL)
        return mac_reap_ms(m);
    if (!kernel_holds(share, id))
        return engine_random(1, 30);
    if (engine_random(1, 100) > (mute ? world.unkillable : world.unkillable / 10))
        return engine_random(1, 900);
    return engine_random(1000, mute ? 90000 : 11000);
}
