/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/stop.h"

#include "base/clock.h"
#include "daemon/notify.h"
#include "daemon/supervisor.h"
#include "daemon/sweep.h"
#include "daemon/watch.h"

static void stop_signals(struct daemon *daemon) {
    for (size_t i = 0; i < sizeof daemon->signals / sizeof daemon->signals[0]; i++)
        if (!uv_is_closing((uv_handle_t *)&daemon->signals[i]))
            uv_close((uv_handle_t *)&daemon->signals[i], NULL);
}

static void on_pool_gone(void *context) {
    struct daemon *daemon = context;
    daemon->pool = NULL;
    uv_stop(&daemon->loop);
}

/* Nothing more can be done: let go of everything. */
static void leave(struct daemon *daemon) {
    for (size_t i = 0; i < daemon->mounts_len; i++) {
        const struct supervisor *s = daemon->mounts[i];
        if (s->presence == MOUNT_OURS)
            log_put(&daemon->log, LOG_NOTICE, "mount '%s': stays mounted%s%s", s->conf.name,
                    s->failure != NULL ? ": " : "", s->failure != NULL ? s->failure : "");
    }
    watch_stop(daemon);
    stop_signals(daemon);
    for (size_t i = 0; i < daemon->mounts_len; i++) {
        waiters_fail(daemon->mounts[i], "the daemon stops");
        supervisor_destroy(daemon->mounts[i]);
    }
    daemon->mounts_len = 0;
    server_destroy(daemon->control);
    daemon->control = NULL;
    pool_destroy(daemon->pool, on_pool_gone, daemon);
}

/* Settled: down, or refused. A mount in an outage is given up at once: it cannot be unmounted
 * politely, and the next daemon adopts it. */
static bool is_settled(const struct supervisor *s) {
    return s->machine.state == MACHINE_UNMOUNTED || s->machine.state == MACHINE_MOUNTED ||
           s->machine.state == MACHINE_FAILED;
}

void stop_check(struct daemon *daemon) {
    bool settled = true;
    for (size_t i = 0; i < daemon->mounts_len; i++)
        settled = settled && is_settled(daemon->mounts[i]);
    uint64_t now = clock_boot_ms();
    if (daemon->control == NULL)
        return;
    if (settled || now >= daemon->stop_deadline_ms)
        leave(daemon);
    else
        daemon_due(daemon, now + 50u);
}

void daemon_stop(struct daemon *daemon) {
    if (daemon->stopping)
        return;
    daemon->stopping = true;
    if (daemon->control == NULL)
        return; /* not started yet: the start gives up */
    notify_send("STOPPING=1");
    bool keep = daemon->config.on_stop == CONFIG_STOP_KEEP;
    log_put(&daemon->log, LOG_NOTICE, "stopping; mounts are %s", keep ? "kept" : "unmounted");
    daemon->stop_deadline_ms = clock_boot_ms() + (keep ? 0 : STOP_MS);
    if (!keep)
        sweep_begin(daemon);
    for (size_t i = 0; i < daemon->mounts_len && !keep; i++)
        supervisor_feed(daemon->mounts[i], (struct machine_event){.id = MACHINE_ON_UNMOUNT_WANTED,
                                                                  .reason = MACHINE_FOR_STOPPING});
    sweep_go(daemon);
    daemon_due(daemon, clock_boot_ms() + 1u);
}
