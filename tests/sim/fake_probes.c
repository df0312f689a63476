/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "fake_probes.h"

#include <errno.h>
#include <string.h>

#include "../../plugins/kernel-status/judge.h"
#include "base/clock.h"
#include "common/errno_verdict.h"
#include "common/report.h"
#include "engine.h"
#include "kernel_mac.h"

#define NEGOTIATE_MS 1800u /* smb-negotiate's own limit */

bool fake_probe_looks(const char *name) {
    return strcmp(name, "statfs-fstype") == 0 || strcmp(name, "stat-timeout") == 0;
}

static struct server *server_of(const char *host) {
    for (unsigned i = 0; i < world.servers_len; i++)
        if (strcmp(world.servers[i].host, host) == 0)
            return &world.servers[i];
    return NULL;
}

uint64_t fake_probe_ms(const char *name, const struct smbm_mount *mount) {
    if (strcmp(name, "smb-negotiate") == 0) {
        server_of(mount->server)->questions++;
        return engine_random(5, 25);
    }
    return fake_probe_looks(name) ? engine_random(2, 9) : 1;
}

static bool negotiate(const struct smbm_mount *mount, uint64_t began_ms, struct smbm_report *r) {
    const struct server *s = server_of(mount->server);
    bool over = engine_now() >= began_ms + NEGOTIATE_MS;
    switch (s->mode) {
    case SERVER_UP:
        report_set(r, SMBM_ANSWERS, "%s speaks SMB", s->address);
        if (mount->address[0] != '\0' && strcmp(mount->address, s->address) != 0)
            r->flags |= SMBM_REPORT_MOVED; /* here nobody takes the old address over */
        return true;
    case SERVER_KILLED:
        report_set(r, SMBM_REFUSED, "port 445 at %s is closed", s->address);
        return true;
    case SERVER_MUTE:
        report_set(r, SMBM_MUTE, "%s accepts TCP, but said nothing", s->address);
        return over;
    case SERVER_DROPPED:
        report_set(r, SMBM_UNREACHABLE, "%s: no packet came back", s->address);
        return over;
    }
    return over;
}

static struct diag_socket socket_of(const struct kmount *m) {
    uint64_t now = engine_now();
    bool silent = m->silent_ms != 0, waits = silent && m->packet_ms <= now;
    uint64_t age = waits ? now - m->packet_ms : 0;
    struct diag_socket s = {.local_port = (uint16_t)(1000 + m->id), .state = 1, .ownerless = true};
    s.unacked = waits;
    s.retransmits = age >= 2600 ? 2 + (uint32_t)(age / 4000) : age >= 800;
    s.backoff = s.retransmits;
    bool moving = m->share->moving && !silent && kernel_sees(m) == SERVER_UP;
    s.bytes = moving ? now * 100 : 1000;
    s.last_data_recv_ms = silent ? (uint32_t)(now - m->silent_ms) : moving ? 40 : 2500;
    return s;
}

static void kernel_status(const struct smbm_mount *mount, const struct share *share,
                          struct smbm_report *report) {
    struct debugdata_holder holders[WORLD_MOUNTS];
    struct diag_socket sockets[WORLD_MOUNTS];
    struct kernel_facts facts = {.server = mount->server, .holders = holders, .sockets = sockets};
    for (unsigned i = 0; i < WORLD_MOUNTS; i++) {
        const struct kmount *m = &world.mounts[i];
        if (m->share == NULL || m->share->server != share->server)
            continue;
        if (m->connection != CONNECTION_LOST && strcmp(m->address, mount->address) == 0)
            sockets[facts.sockets_len++] = socket_of(m);
        if (m->share != share)
            continue;
        holders[facts.holders_len++] = (struct debugdata_holder){
            .tcp_status = m->connection == CONNECTION_LOST ? 3 : 1,
            .session_status = m->connection == CONNECTION_DENIED ? 3 : 1,
        };
    }
    kernel_judge(&facts, clock_boot_ms(), report);
}

static void device_id(const struct smbm_mount *mount, const struct share *share,
                      struct smbm_report *report) {
    const struct kmount *top = world_top(share);
    if (top == NULL)
        report_set(report, SMBM_DEAD, "not in the mount table");
    else if (mount->mount_id != 0 && top->id != mount->mount_id)
        report_set(report, SMBM_DEAD, "another mount is there");
    else
        report_set(report, SMBM_HEALTHY, "in the mount table");
}

static bool look(const struct smbm_mount *mount, const struct share *share, uint64_t began_ms,
                 const char *call, struct smbm_report *report) {
    int rc = kernel_look(share, began_ms);
    const struct kmount *top = world_top(share);
    uint64_t took_us = (engine_now() - began_ms) * 1000u;
    if (rc < 0)
        return false;
    if (rc > 0)
        errno_report(report, call, rc, took_us, true);
    else if (top == NULL || (mount->device != 0 && top->device != mount->device))
        report_set(report, SMBM_DEAD, "%s shows another device", call);
    else
        report_set(report, SMBM_HEALTHY, "%s answered", call);
    return true;
}

static void mac_kernel_status(const struct share *share, struct smbm_report *report) {
    struct smbfs_status status = {.error = ENOENT};
    if (world_top(share) != NULL)
        status = mac_status(world_top(share));
    smbfs_judge(&status, 5000, report);
}

/* As plugins/statfs-fstype/darwin.c: the answer is worth nothing, the kernel's word after it is. */
static bool mac_statfs(const struct share *share, uint64_t began_ms, struct smbm_report *report) {
    if (kernel_look(share, began_ms) < 0)
        return false;
    struct smbfs_status status = {.error = ENOENT};
    if (world_top(share) != NULL)
        status = mac_status(world_top(share));
    smbfs_judge(&status, 2000, report);
    if (report->verdict == SMBM_HEALTHY && engine_now() >= began_ms + 2000)
        report_set(report, SMBM_SUSPECT, "statfs came back late");
    return true;
}

bool fake_probe(const char *name, const struct smbm_mount *mount, struct share *share,
                uint64_t began_ms, struct smbm_report *report) {
    if (strcmp(name, "smb-negotiate") == 0)
        return negotiate(mount, began_ms, report);
    if (strcmp(name, "kernel-status") == 0 && world.status_hangs)
        return false;
    if (strcmp(name, "statfs-fstype") == 0 && world.mac)
        return mac_statfs(share, began_ms, report);
    if (strcmp(name, "kernel-status") == 0 && world.mac) {
        mac_kernel_status(share, report);
        return true;
    }
    if (strcmp(name, "statfs-fstype") == 0)
        return look(mount, share, began_ms, "statfs", report);
    if (strcmp(name, "stat-timeout") == 0)
        return look(mount, share, began_ms, "statx", report);
    if (strcmp(name, "kernel-status") == 0)
        kernel_status(mount, share, report);
    else
        device_id(mount, share, report);
    return true;
}
