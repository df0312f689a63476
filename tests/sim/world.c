/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "kernel_mac.h"

struct world world;

void world_reset(void (*table_changed)(void)) {
    memset(&world, 0, sizeof world);
    world.echo_ms = 5000;
    world.unkillable = 30;
    world.last_mount_id = 100;
    world.table_changed = table_changed;
}

struct server *world_server(const char *host, const char *address) {
    engine_must(world.servers_len < WORLD_SERVERS);
    struct server *s = &world.servers[world.servers_len++];
    snprintf(s->host, sizeof s->host, "%s", host);
    snprintf(s->address, sizeof s->address, "%s", address);
    return s;
}

struct share *world_share(struct server *server, const char *name) {
    engine_must(world.shares_len < WORLD_SHARES);
    struct share *s = &world.shares[world.shares_len++];
    snprintf(s->name, sizeof s->name, "%s", name);
    snprintf(s->mountpoint, sizeof s->mountpoint, "/mnt/%s", name);
    snprintf(s->source, sizeof s->source, "//%.30s/%.30s", server->host, name);
    s->server = server;
    s->there = true;
    return s;
}

struct share *world_share_named(const char *name) {
    for (unsigned i = 0; i < world.shares_len; i++)
        if (strcmp(world.shares[i].name, name) == 0)
            return &world.shares[i];
    return NULL;
}

static void for_mounts(const struct server *server, enum server_mode before[WORLD_MOUNTS],
                       bool tell) {
    for (unsigned i = 0; i < WORLD_MOUNTS; i++) {
        struct kmount *m = &world.mounts[i];
        if (m->share == NULL || m->share->server != server)
            continue;
        if (tell)
            kernel_mode_changed(m, before[i]);
        else
            before[i] = kernel_sees(m);
    }
}

void world_set_mode(struct server *server, enum server_mode mode) {
    enum server_mode before[WORLD_MOUNTS];
    for_mounts(server, before, false);
    server->mode = mode;
    for_mounts(server, before, true);
}

void world_move(struct server *server, const char *address) {
    enum server_mode before[WORLD_MOUNTS];
    for_mounts(server, before, false);
    snprintf(server->address, sizeof server->address, "%s", address);
    for_mounts(server, before, true);
}

void world_half_open(struct share *share) {
    struct kmount *m = world_top(share);
    if (m != NULL && m->connection == CONNECTION_GOOD && kernel_sees(m) == SERVER_UP)
        kernel_silence(m);
}

void world_tear_away(struct share *share) {
    struct kmount *m = world_top(share);
    if (m != NULL)
        kernel_unmount(share, m->id, true);
}

void world_cover(struct share *share, bool covered) {
    share->foreign = covered;
    world.table_changed();
}

struct kmount *world_top(const struct share *share) {
    struct kmount *top = NULL;
    for (unsigned i = 0; i < WORLD_MOUNTS; i++) {
        struct kmount *m = &world.mounts[i];
        if (m->share == share && m->in_table && (top == NULL || m->id > top->id))
            top = m;
    }
    return share->foreign ? NULL : top;
}

bool world_is_well(const struct share *share) {
    const struct kmount *m = world_top(share);
    if (world.mac)
        return m != NULL && mac_is_well(m);
    return m != NULL && kernel_look(share, engine_now()) == 0 && m->silent_ms == 0;
}

static int table_line(char *to, size_t size, const struct share *share, const struct kmount *m) {
    if (world.mac)
        return snprintf(to, size, "%llu 0 0:%llu / %s rw,nosuid,nodev - smbfs //floof@%s owner=0\n",
                        (unsigned long long)m->id, (unsigned long long)m->device, share->mountpoint,
                        share->source + 2);
    return snprintf(to, size, "%llu 1 0:%llu / %s rw,nosuid,nodev - cifs %s rw,addr=%s\n",
                    (unsigned long long)m->id, (unsigned long long)m->device, share->mountpoint,
                    share->source, m->address);
}

char *world_table(void) {
    size_t size = 512u * (WORLD_MOUNTS + WORLD_SHARES), used = 0;
    char *text = malloc(size);
    engine_must(text != NULL);
    used += (size_t)snprintf(text, size, "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n");
    for (unsigned i = 0; i < WORLD_MOUNTS; i++)
        if (world.mounts[i].share != NULL && world.mounts[i].in_table)
            used += (size_t)table_line(text + used, size - used, world.mounts[i].share,
                                       &world.mounts[i]);
    for (unsigned i = 0; i < world.shares_len; i++)
        if (world.shares[i].foreign)
            used +=
                (size_t)snprintf(text + used, size - used, "%u 1 0:99 / %s rw - tmpfs tmpfs rw\n",
                                 50 + i, world.shares[i].mountpoint);
    return text;
}
