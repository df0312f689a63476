/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/siphash.h"
#include "base/str.h"
#include "daemon/answers.h"
#include "daemon/marks.h"
#include "daemon/notify.h"
#include "daemon/paths.h"
#include "daemon/plugin_faults.h"
#include "daemon/reload.h"
#include "daemon/stop.h"
#include "daemon/supervisor.h"
#include "daemon/watch.h"
#include "os/os.h"

#define MIN_HOSTS 2u

uint64_t daemon_random(struct daemon *daemon) {
    /* xorshift64*: spreads retries; nothing secret depends on it. */
    uint64_t x = daemon->random;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    daemon->random = x;
    return x * 2685821657736338717u;
}

static void seed(struct daemon *daemon) {
    if (os_random(&daemon->random, sizeof daemon->random) != 0 || daemon->random == 0)
        daemon->random = clock_wall_ms() ^ ((uint64_t)getpid() << 32) ^ 1u;
    struct secret *key = &daemon->login_key;
    if (secret_alloc(key, NULL) == 0 && os_random(key->bytes, SIPHASH_KEY) != 0)
        os_wipe(key->bytes, SIPHASH_KEY);
}

/* The helpers, who lock the passwords, have the limit of the daemon. */
static void tell_unlocked(const struct daemon *daemon) {
    if (!daemon->login_key.locked)
        log_put(&daemon->log, LOG_WARNING,
                "the system refuses to lock memory, so that passwords could be written to swap "
                "space; allow it: LimitMEMLOCK=8M in the unit, or ulimit -l");
}

struct supervisor *daemon_find(const struct daemon *daemon, const char *name) {
    for (size_t i = 0; i < daemon->mounts_len; i++)
        if (strcmp(daemon->mounts[i]->conf.name, name) == 0)
            return daemon->mounts[i];
    return NULL;
}

static void on_signal(uv_signal_t *signal, int number) {
    struct daemon *daemon = signal->data;
    struct err err = {0};
    if (number == SIGTERM || number == SIGINT) {
        daemon_stop(daemon);
        return;
    }
    if (log_reopen(&daemon->log, &err) != 0)
        log_put(&daemon->log, LOG_ERROR, "%s; the old log is kept", err.text);
    if (number == SIGHUP)
        reload_start(daemon, NULL);
}

/* SIGHUP: reopen the log and reload. SIGUSR1: only reopen the log. */
static void start_signals(struct daemon *daemon) {
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uv_signal_init(&daemon->loop, &daemon->signals[i]);
        daemon->signals[i].data = daemon;
        uv_signal_start(&daemon->signals[i], on_signal, numbers[i]);
    }
}

struct first_load {
    struct daemon *daemon;
    struct loaded loaded;
    char *problems;
    bool done;
};

static void on_first_load(struct loaded *loaded, const char *problems, void *context) {
    struct first_load *first = context;
    first->done = true;
    first->loaded = *loaded;
    if (problems[0] != '\0')
        first->problems = strdup(problems);
}

/* Before anything is served: run the loop until the configuration is there. */
static int load_first(struct daemon *daemon, struct first_load *first, struct err *err) {
    first->daemon = daemon;
    load_start(&daemon->loop, daemon->setup.config_path, daemon->host_path,
               daemon->setup.trusted_uid, on_first_load, first);
    while (!first->done && !daemon->stopping)
        uv_run(&daemon->loop, UV_RUN_ONCE);
    if (daemon->stopping) {
        config_finish(&first->loaded.config);
        registry_destroy(first->loaded.registry);
        free(first->problems);
        *first = (struct first_load){.done = true};
        return err_set(err, EINTR, "stopped while reading the configuration");
    }
    if (first->loaded.registry != NULL)
        return 0;
    fputs(first->problems != NULL ? first->problems : "no memory\n", stderr);
    free(first->problems);
    first->problems = NULL;
    return err_set(err, EINVAL, "not started: mend %s first (smbmounter check-config shows this)",
                   daemon->setup.config_path);
}

static int start_control(struct daemon *daemon, struct err *err) {
    struct server_setup setup = {
        .loop = &daemon->loop,
        .log = &daemon->log,
        .path = daemon->config.socket,
        .admin_group = daemon->config.admin_group,
        .program = daemon->self_path,
        .listen_fd = os_activated_socket("Control"), /* -errno: made here */
        .handle = answers_handle,
        .gone = answers_gone,
        .context = daemon,
    };
    daemon->control = server_create(&setup, err);
    return daemon->control != NULL ? 0 : -err->code;
}

static int start_pool(struct daemon *daemon, const struct config *config, struct err *err) {
    struct pool_setup setup = {
        .loop = &daemon->loop,
        .log = &daemon->log,
        .host_path = daemon->host_path,
        .directory = config->plugin_directory,
        .trusted_uid = daemon->setup.trusted_uid,
        .min_hosts = MIN_HOSTS,
        .max_hosts = config->max_hosts,
    };
    daemon->pool = pool_create(&setup, err);
    return daemon->pool != NULL ? 0 : -err->code;
}

/* The socket first: a second daemon must not touch the mounts of the first. */
static int take_over(struct daemon *daemon, struct loaded *loaded, struct err *err) {
    struct config *config = &loaded->config;
    str_copy(daemon->log.path, sizeof daemon->log.path, "");
    daemon->lock_fd = marks_prepare(config->runtime_directory, err);
    int rc = daemon->lock_fd < 0 ? daemon->lock_fd : 0;
    if (rc == 0)
        rc = start_pool(daemon, config, err);
    if (rc != 0)
        return rc;
    daemon->config.socket = config->socket;
    daemon->config.admin_group = config->admin_group;
    rc = start_control(daemon, err);
    daemon->config.socket = daemon->config.admin_group = NULL;
    if (rc != 0)
        return rc;
    rc = watch_start(daemon, err);
    if (rc != 0)
        return rc;
    rc = mount_table_read(&daemon->table, err);
    if (rc == 0)
        reload_apply(daemon, loaded);
    return rc;
}

int daemon_start(struct daemon *daemon, struct err *err) {
    struct err why = {0};
    os_spare_memory();
    int rc = uv_loop_init(&daemon->loop);
    if (rc != 0)
        return err_set(err, -rc, "cannot start the event loop: %s", uv_strerror(rc));
    TAILQ_INIT(&daemon->slot_waiting);
    TAILQ_INIT(&daemon->helpers_waiting);
    uv_timer_init(&daemon->loop, &daemon->timer);
    uv_timer_init(&daemon->loop, &daemon->heartbeat);
    start_signals(daemon);
    seed(daemon);
    daemon->table_fd = daemon->net_fd = daemon->beat_fd = daemon->lock_fd = -1;
    daemon->started_wall_ms = clock_wall_ms();
    if (!daemon->setup.any_namespace && !os_namespace_is_host(&why))
        return err_set(err, EXDEV, "%s", why.text);
    rc = paths_programs(daemon->self_path, sizeof daemon->self_path, daemon->host_path,
                        sizeof daemon->host_path, err);
    struct first_load first = {0};
    if (rc == 0)
        rc = load_first(daemon, &first, err);
    if (rc == 0)
        rc = take_over(daemon, &first.loaded, err);
    if (rc != 0) {
        config_finish(&first.loaded.config);
        registry_destroy(first.loaded.registry);
    }
    if (rc != 0)
        return rc;
    log_put(&daemon->log, LOG_NOTICE, "supervising %zu mounts", daemon->mounts_len);
    tell_unlocked(daemon);
    notify_send("READY=1");
    return 0;
}

void daemon_finish(struct daemon *daemon) {
    for (size_t i = 0; i < daemon->mounts_len; i++)
        supervisor_destroy(daemon->mounts[i]);
    free(daemon->mounts);
    mount_table_finish(&daemon->table);
    registry_destroy(daemon->registry);
    plugin_faults_finish(&daemon->plugin_faults);
    config_finish(&daemon->config);
    if (daemon->table_fd >= 0)
        close(daemon->table_fd);
    if (daemon->net_fd >= 0)
        close(daemon->net_fd);
    if (daemon->beat_fd >= 0)
        close(daemon->beat_fd);
    if (daemon->lock_fd >= 0)
        close(daemon->lock_fd);
    secret_wipe(&daemon->login_key);
    log_close(&daemon->log);
}
