/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/reload.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/marks.h"
#include "daemon/notify.h"
#include "daemon/supervisor.h"

struct reload {
    struct daemon *daemon;
    struct server_call *call;
    uint64_t began_ms;
};

static int add_mount(struct daemon *daemon, struct config_mount *conf) {
    struct supervisor **mounts =
        realloc(daemon->mounts, (daemon->mounts_len + 1) * sizeof *daemon->mounts);
    if (mounts == NULL)
        return -1;
    daemon->mounts = mounts;
    struct supervisor *s = supervisor_create(daemon, conf);
    if (s == NULL)
        return -1;
    daemon->mounts[daemon->mounts_len++] = s;
    return 0;
}

/* What is there already is adopted; what shall be there and is not is mounted. */
static void bring_up(struct supervisor *s) {
    supervisor_look(s);
    enum machine_reason down = marks_down(s);
    if (s->machine.state == MACHINE_MOUNTED) {
        log_put(&s->daemon->log, LOG_NOTICE, "mount '%s': adopted, it was mounted already",
                s->conf.name);
        marks_clear(s);
    } else if (down != MACHINE_FOR_NONE) {
        supervisor_feed(s, (struct machine_event){.id = MACHINE_ON_UNMOUNT_WANTED, .reason = down});
    } else if (s->conf.mount_at_startup) {
        supervisor_on(s, MACHINE_ON_MOUNT_WANTED);
    }
}

static void change(struct supervisor *s, struct config_mount *conf) {
    const struct config_mount *old = s->next_conf != NULL ? s->next_conf : &s->conf;
    bool again = s->removed && (conf->mount_at_startup || s->presence == MOUNT_OURS);
    s->removed = false;
    switch (config_compare(old, conf)) {
    case CONFIG_SAME:
        config_mount_finish(conf);
        break;
    case CONFIG_PROBES_CHANGED:
        if (s->next_conf != NULL)
            supervisor_redefine(s, conf);
        else
            supervisor_reconfigure(s, conf);
        break;
    case CONFIG_MOUNT_CHANGED:
        log_put(&s->daemon->log, LOG_NOTICE, "mount '%s': its definition changed", s->conf.name);
        supervisor_redefine(s, conf);
        break;
    }
    if (again) /* it was on its way down, to be removed */
        supervisor_on(s, MACHINE_ON_MOUNT_WANTED);
}

/* The same mount under a new name: it is renamed, not cut. */
static const struct config_mount *
find_heir(const struct daemon *daemon, const struct config *config, const struct supervisor *s) {
    for (size_t i = 0; i < config->mounts_len && s->helper == NULL && s->next_conf == NULL; i++) {
        const struct config_mount *c = &config->mounts[i];
        if (strcmp(c->mountpoint, s->conf.mountpoint) == 0 &&
            strcmp(c->source, s->conf.source) == 0 && strcmp(c->fstype, s->conf.fstype) == 0 &&
            daemon_find(daemon, c->name) == NULL)
            return c;
    }
    return NULL;
}

static bool inherit(struct supervisor *s, const struct config_mount *heir) {
    log_put(&s->daemon->log, LOG_NOTICE, "mount '%s' is called '%s' now", s->conf.name, heir->name);
    marks_clear(s);
    return supervisor_rename(s, heir->name);
}

static void remove_missing(struct daemon *daemon, const struct config *config) {
    for (size_t i = 0; i < daemon->mounts_len; i++) {
        struct supervisor *s = daemon->mounts[i];
        if (config_find(config, s->conf.name) != NULL || s->removed)
            continue;
        const struct config_mount *heir = find_heir(daemon, config, s);
        if (heir != NULL && inherit(s, heir))
            continue;
        s->removed = true;
        s->remove_due_ms = clock_boot_ms() + s->conf.failed_retry_ms;
        daemon_due(daemon, s->remove_due_ms);
        supervisor_feed(s, (struct machine_event){.id = MACHINE_ON_UNMOUNT_WANTED,
                                                  .reason = MACHINE_FOR_REMOVED});
    }
}

static void apply_log(struct daemon *daemon, const struct config *config) {
    struct err err = {0};
    daemon->log.level = config->log_level;
    if (strcmp(daemon->log.path, config->log_file) != 0 &&
        log_open_file(&daemon->log, config->log_file, &err) != 0)
        log_put(&daemon->log, LOG_ERROR, "%s; the old log is kept", err.text);
}

static void keep_place(struct log *log, const char *key, char **now, char **wanted) {
    if (*now == NULL || strcmp(*now, *wanted) == 0)
        return;
    log_put(log, LOG_WARNING, "%s is another one now: that takes a restart of the daemon", key);
    char *kept = *now;
    *now = *wanted;
    *wanted = kept;
}

/* What the daemon holds open for its whole life. */
static void keep_places(struct daemon *daemon, struct config *config) {
    struct config *now = &daemon->config;
    keep_place(&daemon->log, "control.socket", &now->socket, &config->socket);
    keep_place(&daemon->log, "control.admin_group", &now->admin_group, &config->admin_group);
    keep_place(&daemon->log, "runtime_directory", &now->runtime_directory,
               &config->runtime_directory);
}

void reload_apply(struct daemon *daemon, struct loaded *loaded) {
    struct config config = loaded->config;
    struct registry *old = daemon->registry;
    daemon->registry = loaded->registry;
    registry_destroy(old);
    for (struct peer *p = daemon->peers; p != NULL; p = p->next)
        peer_options_changed(p);
    apply_log(daemon, &config);
    pool_renew(daemon->pool, config.plugin_directory, config.max_hosts);
    remove_missing(daemon, &config);
    size_t existing = daemon->mounts_len;
    for (size_t i = 0; i < config.mounts_len; i++) {
        struct supervisor *s = existing > 0 ? daemon_find(daemon, config.mounts[i].name) : NULL;
        if (s != NULL)
            change(s, &config.mounts[i]);
        else if (add_mount(daemon, &config.mounts[i]) != 0)
            log_put(&daemon->log, LOG_ERROR, "mount '%s': no memory to supervise it",
                    config.mounts[i].name);
        config.mounts[i] = (struct config_mount){0};
    }
    keep_places(daemon, &config); /* only now: until here what is held open is asked for by name */
    config_finish(&daemon->config);
    daemon->config = config;
    free(daemon->config.mounts); /* their supervisors own them now */
    daemon->config.mounts = NULL;
    daemon->config.mounts_len = 0;
    for (size_t i = existing; i < daemon->mounts_len; i++)
        bring_up(daemon->mounts[i]);
    reload_sweep(daemon);
    daemon->wasteful = true;
}

void reload_sweep(struct daemon *daemon) {
    size_t kept = 0;
    for (size_t i = 0; i < daemon->mounts_len; i++) {
        struct supervisor *s = daemon->mounts[i];
        enum machine_state state = s->machine.state;
        if (s->removed && !s->feeding &&
            (state == MACHINE_UNMOUNTED ||
             (state == MACHINE_FAILED && s->presence != MOUNT_OURS))) {
            log_put(&daemon->log, LOG_NOTICE, "mount '%s': removed", s->conf.name);
            marks_clear(s);
            supervisor_destroy(s);
        } else {
            daemon->mounts[kept++] = s;
        }
    }
    daemon->mounts_len = kept;
}

static void reply_ok(struct reload *r) {
    struct result_record row = {.took_ms = clock_boot_ms() - r->began_ms};
    struct control_reply reply;
    str_copy(row.text, sizeof row.text, "the new configuration is in force");
    control_reply_init(&reply);
    if (control_reply_begin(&reply, server_call_id(r->call), 1) == 0 &&
        control_reply_section(&reply, RECORD_RESULT, 1) == 0 &&
        control_reply_row(&reply, RECORD_RESULT, &row) == 0)
        server_reply(r->call, &reply);
    else
        server_error(r->call, CONTROL_FAILED, "no memory for the answer");
    control_reply_finish(&reply);
}

static void log_problems(const struct log *log, const char *problems) {
    log_put(log, LOG_ERROR, "reload refused, nothing was changed");
    while (*problems != '\0') {
        size_t len = strcspn(problems, "\n");
        log_put(log, LOG_ERROR, "%.*s", (int)len, problems);
        problems += len + (problems[len] == '\n');
    }
}

static void on_loaded(struct loaded *loaded, const char *problems, void *context) {
    struct reload *r = context;
    struct daemon *daemon = r->daemon;
    daemon->reload = NULL;
    if (daemon->stopping) {
        config_finish(&loaded->config);
        registry_destroy(loaded->registry);
    } else if (problems[0] != '\0') {
        log_problems(&daemon->log, problems);
        if (r->call != NULL)
            server_error(r->call, CONTROL_BAD_CONFIG, "%s", problems);
    } else {
        reload_apply(daemon, loaded);
        log_put(&daemon->log, LOG_NOTICE, "reloaded; the new configuration is in force");
        if (r->call != NULL)
            reply_ok(r);
    }
    notify_send("READY=1");
    free(r);
}

void reload_start(struct daemon *daemon, struct server_call *call) {
    struct reload *r = daemon->reload == NULL ? calloc(1, sizeof *r) : NULL;
    if (r == NULL) {
        if (call != NULL)
            server_error(call, CONTROL_FAILED, "another reload is under way; try again");
        return;
    }
    *r = (struct reload){.daemon = daemon, .call = call, .began_ms = clock_boot_ms()};
    daemon->reload = r;
    notify_send("RELOADING=1");
    load_start(&daemon->loop, daemon->setup.config_path, daemon->host_path,
               daemon->setup.trusted_uid, on_loaded, r);
}

void reload_forget(struct daemon *daemon, const struct server_call *call) {
    if (daemon->reload != NULL && daemon->reload->call == call)
        daemon->reload->call = NULL;
}
