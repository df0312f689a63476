/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "kernel_mac.h"

#include "engine.h"

#define NOTICES_MS 35000u
#define SAYS_MS 5000u
#define FAILS_MS 12000u
#define DEAD_MS 60000u

static void tell(void) {
    if (world.health_changed != NULL)
        world.health_changed();
}

static void next_in(struct kmount *m, uint64_t ms, engine_fn *fn) {
    engine_cancel(m->alarm);
    m->alarm = engine_after(ms, fn, m);
}

static void give_up(void *arg) {
    struct kmount *m = arg;
    m->alarm = 0;
    m->dead = true;
    tell();
}

static void say(void *arg) {
    struct kmount *m = arg;
    m->says = true;
    tell();
    next_in(m, DEAD_MS - SAYS_MS, give_up);
}

static void reconnect(void *arg) {
    struct kmount *m = arg;
    m->reconnects_ms = engine_now();
    next_in(m, SAYS_MS, say);
}

static void heal(void *arg) {
    struct kmount *m = arg;
    bool said = m->says;
    m->alarm = 0;
    m->asked_ms = m->reconnects_ms = 0;
    m->says = false;
    if (said)
        tell();
}

void mac_mode_changed(struct kmount *m, enum server_mode after) {
    if (m->dead)
        return; /* for good */
    if (after == SERVER_UP)
        next_in(m, m->reconnects_ms != 0 ? engine_random(500, 3000) : 100, heal);
    else if (after == SERVER_KILLED && m->reconnects_ms == 0)
        reconnect(m);
}

/* statfs: no error ever comes out of it. */
int mac_look(struct kmount *m, uint64_t began_ms) {
    uint64_t now = engine_now();
    if (m->dead)
        return 0;
    if (kernel_sees(m) == SERVER_UP && m->reconnects_ms == 0)
        return now < began_ms + m->share->server->slow_ms ? -1 : 0;
    if (m->asked_ms == 0) {
        m->asked_ms = now;
        if (m->reconnects_ms == 0)
            next_in(m, NOTICES_MS, reconnect);
    }
    return m->reconnects_ms != 0 && now >= m->reconnects_ms + FAILS_MS ? 0 : -1;
}

/* Not even SIGKILL ends such a call. */
uint64_t mac_reap_ms(const struct kmount *m) {
    uint64_t now = engine_now();
    uint64_t ends = m->reconnects_ms != 0 ? m->reconnects_ms + FAILS_MS
                    : m->asked_ms != 0    ? m->asked_ms + NOTICES_MS + FAILS_MS
                                          : now;
    return ends > now ? ends - now : engine_random(1, 30);
}

bool mac_is_well(const struct kmount *m) {
    return !m->dead && m->reconnects_ms == 0 && m->asked_ms == 0 && kernel_sees(m) == SERVER_UP;
}

struct smbfs_status mac_status(const struct kmount *m) {
    if (world.status_errno != 0)
        return (struct smbfs_status){.error = world.status_errno};
    struct smbfs_status status = {.not_responding = m->says && !world.nobrowse, .dead = m->dead};
    if (m->asked_ms != 0 && !m->dead) {
        status.wait_s = (uint32_t)((engine_now() - m->asked_ms) / 1000u);
        status.threads = 1;
    }
    return status;
}
