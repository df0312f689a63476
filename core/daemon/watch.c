/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/watch.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/notify.h"
#include "daemon/peer.h"
#include "daemon/reload.h"
#include "daemon/stop.h"
#include "daemon/supervisor.h"
#include "daemon/wake.h"
#include "os/arrivals.h"
#include "os/beat.h"
#include "os/os.h"

#define HEARTBEAT_MS 5000u
#define TABLE_AGAIN_MS 1000u
#define SPARE_BEATS 12u /* rounds and answers leave free memory behind, too */
#define TICK_AHEAD 8u
#define NETWORK_QUIET_MS 2000u /* changes come in bursts, and on some machines all day */

bool daemon_have_table(struct daemon *daemon) {
    struct err err = {0};
    if (mount_table_is_there(&daemon->table))
        return true;
    int rc = mount_table_read(&daemon->table, &err);
    if (rc != 0 && !daemon->table_failed)
        log_put(&daemon->log, LOG_ERROR, "%s; mounts are taken to be as they were until it can",
                err.text);
    daemon->table_failed = rc != 0;
    if (rc == 0) {
        strangers_forget(daemon);
        return true;
    }
    daemon->table_unsure = 1;
    daemon_due(daemon, clock_boot_ms() + TABLE_AGAIN_MS);
    return false;
}

void daemon_read_table(struct daemon *daemon) {
    mount_table_finish(&daemon->table);
    if (!daemon_have_table(daemon))
        return;
    for (size_t i = 0; i < daemon->mounts_len; i++)
        supervisor_look(daemon->mounts[i]);
}

static void on_table(uv_poll_t *poll, int status, int events) {
    (void)status;
    (void)events;
    struct daemon *daemon = poll->data;
    bool alone = daemon->table_tells && strangers_alone(daemon, daemon->table_fd);
    bool health = !daemon->table_tells && os_mount_watch_drain(daemon->table_fd);
    if (alone)
        mount_table_finish(&daemon->table);
    else if (daemon->sweep == NULL) /* else at its end, not for each mount that it takes away */
        daemon_read_table(daemon);
    /* Events do not say whose health it is: every mount is asked, which costs no packet. */
    for (size_t i = 0; health && i < daemon->mounts_len; i++)
        glance_start(daemon->mounts[i]);
}

static void network_changed(struct daemon *daemon, const char *what) {
    daemon->network_changed_ms = clock_boot_ms();
    daemon->network_due_ms = 0;
    log_put(&daemon->log, LOG_INFO, "%s: looking at every mount", what);
    for (struct peer *p = daemon->peers; p != NULL; p = p->next)
        if (p->due_ms != 0)
            peer_watch(p, true);
    for (size_t i = 0; i < daemon->mounts_len; i++) {
        if (daemon->mounts[i]->last_event != EVENT_NETWORK)
            supervisor_record(daemon->mounts[i], EVENT_NETWORK, 0, "%s", what);
        supervisor_on(daemon->mounts[i], MACHINE_ON_NET_CHANGED);
    }
}

/* True: the machine slept since this was last asked, and every mount has been told. Asked before
 * anything that begins a look: one that is under way when it is told is not believed, but has to
 * end, and in another network it hangs. */
static bool woke(struct daemon *daemon) {
    uint64_t boot = clock_boot_ms(), awake = clock_awake_ms();
    uint64_t slept =
        wake_slept_ms(boot - daemon->heartbeat_boot_ms, awake - daemon->heartbeat_awake_ms);
    daemon->heartbeat_boot_ms = boot;
    daemon->heartbeat_awake_ms = awake;
    if (slept == 0)
        return false;
    char span[CLOCK_TEXT_MAX];
    clock_format_span(slept, span);
    log_put(&daemon->log, LOG_NOTICE,
            "the machine woke after a sleep of %s: looking at every mount", span);
    daemon->network_due_ms = 0;
    daemon_read_table(daemon);
    wake_all(daemon, slept);
    return true;
}

/* The first change counts at once, those that follow it together. */
static void on_net(uv_poll_t *poll, int status, int events) {
    (void)events;
    struct daemon *daemon = poll->data;
    woke(daemon);
    uint64_t now = clock_boot_ms(), quiet = daemon->network_changed_ms + NETWORK_QUIET_MS;
    bool changed = os_net_watch_drain(daemon->net_fd);
    if (status < 0) /* messages were lost, and the loop has stopped looking */
        uv_poll_start(poll, UV_READABLE, on_net);
    if (!changed || daemon->network_due_ms != 0)
        return;
    if (daemon->network_changed_ms != 0 && now < quiet) {
        daemon->network_due_ms = quiet;
        daemon_due(daemon, quiet);
        return;
    }
    network_changed(daemon, "the network changed");
}

/* Of thousands of mounts nothing is in the cache: what a turn reads of one is fetched before. */
static void fetch_ahead(const struct supervisor *s) {
    __builtin_prefetch(&s->machine.state);
    __builtin_prefetch(&s->machine.due_ms);
    __builtin_prefetch(&s->idle_due_ms);
}

static void on_timer(uv_timer_t *timer) {
    struct daemon *daemon = timer->data;
    daemon->timer_due_ms = 0;
    if (woke(daemon))
        return;
    uint64_t now = clock_boot_ms(), next = 0;
    bool removed = false;
    /* The second turn comes after the loop's first poll, from which on changes are told. */
    if (daemon->table_unsure > 0 && --daemon->table_unsure == 0)
        daemon_read_table(daemon);
    else if (daemon->table_unsure > 0)
        next = now + 1u;
    if (daemon->network_due_ms != 0 && daemon->network_due_ms <= now)
        network_changed(daemon, "the network changed");
    if (daemon->network_due_ms != 0 && (next == 0 || daemon->network_due_ms < next))
        next = daemon->network_due_ms;
    for (size_t i = 0; i < daemon->mounts_len; i++) {
        if (i + TICK_AHEAD < daemon->mounts_len)
            fetch_ahead(daemon->mounts[i + TICK_AHEAD]);
        uint64_t due = supervisor_tick(daemon->mounts[i], now);
        removed |= daemon->mounts[i]->removed;
        if (due != 0 && (next == 0 || due < next))
            next = due;
    }
    for (struct peer *p = daemon->peers; p != NULL; p = p->next) {
        uint64_t due = peer_tick(p, now);
        if (due != 0 && (next == 0 || due < next))
            next = due;
    }
    if (daemon->stopping) {
        stop_check(daemon);
        return;
    }
    if (removed)
        reload_sweep(daemon);
    daemon_due(daemon, next);
}

void daemon_due(struct daemon *daemon, uint64_t due_ms) {
    if (due_ms == 0 || (daemon->timer_due_ms != 0 && daemon->timer_due_ms <= due_ms))
        return;
    uint64_t now = clock_boot_ms();
    daemon->timer_due_ms = due_ms;
    uv_update_time(&daemon->loop);
    uv_timer_start(&daemon->timer, on_timer, due_ms > now ? due_ms - now : 1, 0);
}

static void say_status(const struct daemon *daemon) {
    size_t mounted = 0;
    char text[160];
    for (size_t i = 0; i < daemon->mounts_len; i++)
        mounted += daemon->mounts[i]->machine.state == MACHINE_MOUNTED;
    snprintf(text, sizeof text, "WATCHDOG=1\nSTATUS=%zu of %zu mounts are mounted", mounted,
             daemon->mounts_len);
    notify_send(text);
}

static void heartbeat(struct daemon *daemon) {
    say_status(daemon);
    if (daemon->wasteful || ++daemon->beats % SPARE_BEATS == 0)
        os_spare_memory();
    daemon->wasteful = false;
    mount_table_finish(&daemon->table);
    woke(daemon);
}

static void on_heartbeat(uv_timer_t *timer) {
    heartbeat(timer->data);
}

static void on_beat_fd(uv_poll_t *poll, int status, int events) {
    (void)status, (void)events;
    struct daemon *daemon = poll->data;
    os_beat_drain(daemon->beat_fd);
    heartbeat(daemon);
}

/* By a timer that runs on while the machine sleeps, so that waking up is seen at once. */
static int start_heartbeat(struct daemon *daemon) {
    uint32_t watchdog = notify_watchdog_ms();
    uint32_t every = watchdog != 0 && watchdog < HEARTBEAT_MS ? watchdog : HEARTBEAT_MS;
    daemon->heartbeat_boot_ms = clock_boot_ms();
    daemon->heartbeat_awake_ms = clock_awake_ms();
    daemon->beat_fd = os_beat_open(every);
    if (daemon->beat_fd < 0)
        return uv_timer_start(&daemon->heartbeat, on_heartbeat, every, every);
    int rc = uv_poll_init(&daemon->loop, &daemon->beat_poll, daemon->beat_fd);
    daemon->beat_polling = rc == 0;
    daemon->beat_poll.data = daemon;
    return rc == 0 ? uv_poll_start(&daemon->beat_poll, UV_READABLE, on_beat_fd) : rc;
}

static int watch_table(struct daemon *daemon, bool *prioritized, struct err *err) {
    int fd = os_arrivals_open();
    daemon->table_tells = fd >= 0;
    return fd >= 0 ? fd : os_mount_watch_open(prioritized, err);
}

int watch_start(struct daemon *daemon, struct err *err) {
    bool prioritized = false;
    daemon->table_fd = watch_table(daemon, &prioritized, err);
    if (daemon->table_fd < 0)
        return daemon->table_fd;
    daemon->net_fd = os_net_watch_open(err);
    if (daemon->net_fd < 0)
        return daemon->net_fd;
    int rc = uv_poll_init(&daemon->loop, &daemon->table_poll, daemon->table_fd);
    if (rc == 0) {
        daemon->table_polling = true;
        rc = uv_poll_init(&daemon->loop, &daemon->net_poll, daemon->net_fd);
    }
    if (rc != 0)
        return err_set(err, -rc, "cannot watch the system: %s", uv_strerror(rc));
    daemon->net_polling = true;
    daemon->table_poll.data = daemon->net_poll.data = daemon;
    uv_poll_start(&daemon->table_poll, prioritized ? UV_PRIORITIZED : UV_READABLE, on_table);
    uv_poll_start(&daemon->net_poll, UV_READABLE, on_net);
    daemon->timer.data = daemon->heartbeat.data = daemon;
    rc = start_heartbeat(daemon);
    if (rc != 0)
        return err_set(err, -rc, "cannot start the heartbeat: %s", uv_strerror(rc));
    /* A change between now and the loop's first poll is not told (os_mount_watch_open). */
    daemon->table_unsure = 2;
    daemon_due(daemon, clock_boot_ms() + 1u);
    return 0;
}

static void close_handle(uv_handle_t *handle) {
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void watch_stop(struct daemon *daemon) {
    if (daemon->table_polling)
        close_handle((uv_handle_t *)&daemon->table_poll);
    if (daemon->net_polling)
        close_handle((uv_handle_t *)&daemon->net_poll);
    if (daemon->beat_polling)
        close_handle((uv_handle_t *)&daemon->beat_poll);
    daemon->table_polling = daemon->net_polling = daemon->beat_polling = false;
    close_handle((uv_handle_t *)&daemon->timer);
    close_handle((uv_handle_t *)&daemon->heartbeat);
}
