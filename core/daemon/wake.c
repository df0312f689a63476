/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/wake.h"

#include <string.h>

#include "base/clock.h"
#include "daemon/peer.h"
#include "daemon/supervisor.h"

#define SLEPT_MS 2000u /* the two clocks are not read at one moment */

uint64_t wake_slept_ms(uint64_t boot_ms, uint64_t awake_ms) {
    return boot_ms > awake_ms && boot_ms - awake_ms >= SLEPT_MS ? boot_ms - awake_ms : 0;
}

static void wake_mount(struct supervisor *s, uint64_t slept_ms, uint64_t now_ms) {
    char span[CLOCK_TEXT_MAX];
    clock_format_span(slept_ms, span);
    supervisor_record(s, EVENT_NETWORK, slept_ms, "the machine woke after a sleep of %s", span);
    /* Nobody used it meanwhile, but nobody left it either. */
    if (s->idle_since_ms != 0)
        s->idle_since_ms += slept_ms;
    if (s->idle_due_ms != 0)
        s->idle_due_ms += slept_ms;
    s->pulse.late_since_ms = s->pulse.felt_ms = 0;
    if (s->carry != NULL)
        memset(s->carry, 0, s->conf.probes->len * sizeof *s->carry);
    rounds_woke(s, now_ms);
    glance_forget(s);
    if (s->glance_due_ms != 0)
        s->glance_due_ms = now_ms;
    supervisor_on(s, MACHINE_ON_WOKE);
}

void wake_all(struct daemon *daemon, uint64_t slept_ms) {
    uint64_t now = clock_boot_ms();
    daemon->network_changed_ms = now; /* it may have been carried elsewhere */
    daemon->woke_ms = now;
    for (struct peer *p = daemon->peers; p != NULL; p = p->next) {
        memset(p->carry, 0, sizeof p->carry);
        if (p->due_ms != 0)
            peer_watch(p, true);
    }
    for (size_t i = 0; i < daemon->mounts_len; i++)
        wake_mount(daemon->mounts[i], slept_ms, now);
    daemon->timer_due_ms = 0; /* its timer slept as well */
    daemon_due(daemon, now + 1u);
}
