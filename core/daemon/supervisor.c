/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/supervisor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "daemon/actions.h"
#include "daemon/harden.h"
#include "daemon/helper_proc.h"
#include "daemon/marks.h"
#include "daemon/verdicts.h"
#include "daemon/words.h"
#include "mount/accounts.h"

/* A text that is conf's own becomes the new one's. */
static void swap_conf(struct supervisor *s, struct config_mount *conf) {
    if (s->mountpoint == s->conf.mountpoint)
        s->mountpoint = conf->mountpoint;
    if (s->kernel_source == s->conf.source)
        s->kernel_source = conf->source;
    if (s->kernel_fstype == s->conf.fstype)
        s->kernel_fstype = conf->fstype;
    config_mount_finish(&s->conf);
    s->conf = *conf;
    *conf = (struct config_mount){0};
}

bool supervisor_rename(struct supervisor *s, const char *name) {
    struct config_mount renamed = s->conf, copy;
    renamed.name = (char *)(uintptr_t)name;
    if (config_mount_copy(&copy, &renamed) != 0)
        return false;
    swap_conf(s, &copy);
    return true;
}

static void take_conf(struct supervisor *s, struct config_mount *conf) {
    rounds_forget(s, "the configuration changed meanwhile"); /* it counts the old chain's probes */
    glance_forget(s);
    swap_conf(s, conf);
    s->owner = accounts_owner(&s->conf);
    struct peer *old = s->peer;
    s->peer = NULL;
    if (s->conf.mounter != CONFIG_COMMAND)
        s->peer = peer_ref(s->daemon, s->conf.server, s->conf.port);
    peer_unref(old);
    free(s->carry);
    s->carry = NULL;
    memset(s->last_verdict, 0, sizeof s->last_verdict);
    /* The old server's answer comes to others; the next look may begin here, by the new chain. */
    verdicts_server_asked(s);
    recovery_ask_again(s);
}

struct supervisor *supervisor_create(struct daemon *daemon, struct config_mount *conf) {
    struct supervisor *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->daemon = daemon;
    s->machine = machine_init(clock_boot_ms());
    s->since_wall_ms = clock_wall_ms();
    supervisor_set_address(s, "");
    take_conf(s, conf);
    return s;
}

static void texts_as_configured(struct supervisor *s) {
    supervisor_set_text(&s->mountpoint, s->conf.mountpoint, s->conf.mountpoint);
    supervisor_set_text(&s->kernel_source, s->conf.source, s->conf.source);
    supervisor_set_text(&s->kernel_fstype, s->conf.fstype, s->conf.fstype);
}

void supervisor_destroy(struct supervisor *s) {
    if (s == NULL)
        return;
    waiters_fail(s, "the mount is no longer configured");
    s->feeding = true; /* nothing is carried out any more */
    rounds_finish(s);
    glance_finish(s);
    if (s->helper != NULL)
        helper_proc_abandon(s->helper);
    if (s->checker != NULL)
        helper_proc_abandon(s->checker);
    harden_forget(s);
    recovery_end(s);
    peer_unref(s->peer);
    texts_as_configured(s);
    supervisor_set_address(s, "");
    config_mount_finish(&s->conf);
    if (s->next_conf != NULL) {
        config_mount_finish(s->next_conf);
        free(s->next_conf);
    }
    event_ring_finish(&s->events);
    free(s->carry);
    free(s->health_text);
    free(s->pulse.text);
    free(s->failure);
    free(s->session);
    free(s);
}

void supervisor_record(struct supervisor *s, enum event_kind kind, uint64_t number,
                       const char *format, ...) {
    char text[EVENT_TEXT_MAX];
    va_list args;
    va_start(args, format);
    if (vsnprintf(text, sizeof text, format, args) < 0)
        text[0] = '\0';
    va_end(args);
    uint64_t now = clock_wall_ms();
    event_ring_add(&s->events, now, kind, number, text);
    s->last_event = kind;
    if (s->daemon->control == NULL)
        return;
    struct event_record record = {.wall_ms = now, .number = number};
    str_copy(record.mount, sizeof record.mount, s->conf.name);
    str_copy(record.kind, sizeof record.kind, event_kind_name(kind));
    str_copy(record.text, sizeof record.text, text);
    server_publish(s->daemon->control, &record);
}

void supervisor_set_failure(struct supervisor *s, const char *text) {
    free(s->failure);
    if (text == NULL)
        s->same_again = false;
    s->failure = text != NULL ? strdup(text) : NULL;
}

struct smbm_mount supervisor_view(const struct supervisor *s) {
    static const char *const mounters[] = {
        [CONFIG_CIFS] = "cifs", [CONFIG_NETFS] = "netfs", [CONFIG_COMMAND] = "command"};
    return (struct smbm_mount){
        .size = sizeof(struct smbm_mount),
        .mounted = s->presence == MOUNT_OURS,
        .name = s->conf.name,
        .mounter = mounters[s->conf.mounter],
        .server = s->conf.server,
        .share = s->conf.share,
        .source = s->kernel_source,
        .fstype = s->kernel_fstype,
        .mountpoint = s->mountpoint,
        .address = s->address,
        .port = s->conf.port,
        .mount_id = s->identity.id,
        .device = s->identity.device,
        .echo_interval_ms = s->pulse.echo_interval_ms,
    };
}

/* Why, in words: what the last report or helper said where it is about this, else the reason's. */
static const char *why(const struct supervisor *s) {
    const struct machine *m = &s->machine;
    if (m->state == MACHINE_FAILED && s->failure != NULL)
        return s->failure;
    if (m->reason == MACHINE_FOR_BUSY && s->failure != NULL)
        return s->failure;
    if (m->state == MACHINE_RECOVERING && s->recovery != NULL && s->recovery->evidence[0] != '\0')
        return s->recovery->evidence;
    return machine_reason_words(m->reason);
}

static void record_transition(struct supervisor *s, const struct machine *before) {
    const struct machine *now = &s->machine;
    struct log *log = &s->daemon->log;
    const char *words = why(s);
    enum log_level level =
        now->state == MACHINE_FAILED || now->state == MACHINE_RECOVERING ? LOG_WARNING : LOG_INFO;
    /* A try, and its end in the same failure as before, are no news. */
    bool retry = s->same_again &&
                 (now->state == MACHINE_MOUNTING || now->state == MACHINE_FAILED) &&
                 (before->state == MACHINE_FAILED || before->state == MACHINE_MOUNTING);
    if (retry)
        level = LOG_DEBUG;
    log_put(log, level, "mount '%s': %s -> %s%s%s", s->conf.name, machine_state_name(before->state),
            machine_state_name(now->state), words[0] != '\0' ? ": " : "", words);
    supervisor_record(s, EVENT_STATE, now->due_ms != 0 ? now->due_ms - now->since_ms : 0, "%s%s%s",
                      machine_state_name(now->state), words[0] != '\0' ? ": " : "", words);
    s->since_wall_ms = clock_wall_ms();
}

static void begin_incident(struct supervisor *s) {
    recovery_begin(s);
    if (s->machine.reason == MACHINE_FOR_VANISHED && s->recovery != NULL)
        str_copy(s->recovery->evidence, sizeof s->recovery->evidence,
                 machine_reason_words(MACHINE_FOR_VANISHED));
    supervisor_record(s, EVENT_INCIDENT, ++s->incidents, "%s", why(s));
}

static void end_incident(struct supervisor *s, const struct machine *before,
                         const struct machine_event *event) {
    s->recoveries++;
    uint64_t took = clock_boot_ms() - before->outage_ms;
    supervisor_record(s, EVENT_RECOVERED, took, "%s",
                      s->machine.reason == MACHINE_FOR_ADOPTED ? "found mounted"
                      : event->id == MACHINE_ON_MOUNT_OK       ? "mounted again"
                                                               : "nothing was unmounted");
    log_put(&s->daemon->log, LOG_NOTICE, "mount '%s': back after %llu ms", s->conf.name,
            (unsigned long long)took);
}

/* What a change of state means beside the machine's own actions. */
static void after_step(struct supervisor *s, const struct machine *before,
                       const struct machine_event *event) {
    const struct machine *now = &s->machine;
    bool changed = before->state != now->state;
    if (changed && now->state == MACHINE_RECOVERING && before->state == MACHINE_MOUNTED)
        begin_incident(s);
    else if (changed && now->state == MACHINE_RECOVERING)
        recovery_begin(s);
    if (changed && now->state == MACHINE_MOUNTED) {
        s->identity = s->presence == MOUNT_OURS ? s->identity : (struct mount_identity){0};
        if (now->reason != MACHINE_FOR_BUSY)
            supervisor_set_failure(s, NULL);
        if (before->outage_ms != 0 &&
            (now->reason == MACHINE_FOR_RECOVERED || now->reason == MACHINE_FOR_ADOPTED))
            end_incident(s, before, event);
        s->idle_due_ms = 0; /* its time as an idle one begins now */
        rounds_schedule(s, clock_boot_ms());
        glance_schedule(s, clock_boot_ms());
    }
    if (changed || (before->reason != now->reason && now->state == MACHINE_FAILED))
        record_transition(s, before);
    if (changed && now->state != MACHINE_RECOVERING)
        recovery_end(s);
    if (changed && now->state == MACHINE_UNMOUNTED)
        marks_note(s);
    if (changed && (s->removed || s->daemon->stopping))
        daemon_due(s->daemon, clock_boot_ms() + 1u); /* the timer sweeps it up */
}

void supervisor_reconfigure(struct supervisor *s, struct config_mount *conf) {
    take_conf(s, conf);
    s->idle_due_ms = 0;
    rounds_schedule(s, clock_boot_ms());
    glance_schedule(s, clock_boot_ms());
}

static void take_next_conf(struct supervisor *s) {
    /* A helper at work may still make the mount of the old definition. */
    if (s->next_conf == NULL || s->presence == MOUNT_OURS || s->helper != NULL)
        return;
    struct config_mount *conf = s->next_conf;
    s->next_conf = NULL;
    take_conf(s, conf);
    free(conf);
    texts_as_configured(s);
    strangers_forget(s->daemon);
    supervisor_set_address(s, "");
    s->presence_known = false;
}

static void one_step(struct supervisor *s, struct machine_event event) {
    struct machine before = s->machine;
    const struct machine_policy policy =
        policy_make(s->conf.failure_threshold, s->conf.failed_retry_ms);
    struct machine_out out = machine_step(&policy, s->machine, event, clock_boot_ms());
    if (out.dropped) {
        log_put(&s->daemon->log, LOG_DEBUG, "mount '%s': late %s dropped", s->conf.name,
                machine_event_name(event.id));
        return;
    }
    s->machine = out.machine;
    after_step(s, &before, &event);
    take_next_conf(s); /* before a mount is begun by it */
    for (uint32_t i = 0; i < out.actions_len; i++)
        supervisor_act(s, &out.actions[i]);
}

void supervisor_redefine(struct supervisor *s, struct config_mount *conf) {
    struct config_mount *next = malloc(sizeof *next);
    if (next == NULL) {
        log_put(&s->daemon->log, LOG_ERROR, "mount '%s': no memory to take the new definition",
                s->conf.name);
        config_mount_finish(conf);
        return;
    }
    *next = *conf;
    *conf = (struct config_mount){0};
    if (s->next_conf != NULL) {
        config_mount_finish(s->next_conf);
        free(s->next_conf);
    }
    s->next_conf = next;
    take_next_conf(s);
    supervisor_look(s); /* what is at the new mountpoint */
    supervisor_on(s, MACHINE_ON_REMOUNT_WANTED);
}

static void feed_all(struct supervisor *s) {
    while (s->queue_len > 0) {
        struct machine_event next = s->queue[0];
        memmove(s->queue, s->queue + 1, --s->queue_len * sizeof s->queue[0]);
        one_step(s, next);
    }
}

void supervisor_feed(struct supervisor *s, struct machine_event event) {
    struct machine_event queue[SUPERVISOR_QUEUE];
    if (s->feeding) {
        if (s->queue != NULL && s->queue_len < SUPERVISOR_QUEUE)
            s->queue[s->queue_len++] = event;
        else if (s->queue != NULL)
            log_put(&s->daemon->log, LOG_ERROR, "mount '%s': event queue overflow, %s lost (a bug)",
                    s->conf.name, machine_event_name(event.id));
        return;
    }
    queue[0] = event;
    s->queue = queue;
    s->queue_len = 1;
    s->feeding = true;
    feed_all(s);
    s->feeding = false;
    s->queue = NULL;
    waiters_check(s);
    daemon_due(s->daemon, s->machine.due_ms);
}

void supervisor_on(struct supervisor *s, enum machine_event_id id) {
    supervisor_feed(s, (struct machine_event){.id = id});
}

void supervisor_result(struct supervisor *s, enum machine_event_id id) {
    supervisor_feed(s, (struct machine_event){.id = id, .op_id = s->op_id});
}

bool supervisor_waits_for_server(const struct supervisor *s) {
    const struct machine *m = &s->machine;
    return (m->state == MACHINE_RECOVERING && m->awaiting) ||
           (m->state == MACHINE_FAILED && m->wanted && machine_reason_retry(m->reason) == 1);
}

void supervisor_peer_answered(struct supervisor *s, bool changed) {
    struct peer *peer = s->peer;
    bool answers = peer->verdict == SMBM_ANSWERS;
    if (changed) {
        const char *name = words_verdict(peer->verdict);
        supervisor_record(s, EVENT_SERVER, (uint64_t)peer->verdict, "%s: %s", name, peer->evidence);
        log_put(&s->daemon->log, answers ? LOG_INFO : LOG_WARNING, "mount '%s': server %s: %s: %s",
                s->conf.name, peer->host, name, peer->evidence);
    }
    if (s->mount_waits_for_peer) {
        s->mount_waits_for_peer = false;
        actions_mount_now(s);
        return;
    }
    if (answers ? changed || s->machine.awaiting : recovery_learns(s))
        supervisor_on(s, MACHINE_ON_SERVER_ANSWERS);
    else if (!answers && supervisor_waits_for_server(s))
        peer_watch(peer, false);
}

static uint64_t sooner(uint64_t a, uint64_t b) {
    if (a == 0 || b == 0)
        return a == 0 ? b : a;
    return a < b ? a : b;
}

uint64_t supervisor_tick(struct supervisor *s, uint64_t now_ms) {
    if (s->machine.due_ms != 0 && s->machine.due_ms <= now_ms)
        supervisor_on(s, MACHINE_ON_TIMER);
    if (s->removed && s->remove_due_ms <= now_ms) {
        s->remove_due_ms = now_ms + s->conf.failed_retry_ms;
        if (s->machine.state != MACHINE_UNMOUNTING)
            supervisor_feed(s, (struct machine_event){.id = MACHINE_ON_UNMOUNT_WANTED,
                                                      .reason = MACHINE_FOR_REMOVED});
    }
    bool mounted = s->machine.state == MACHINE_MOUNTED ||
                   (s->machine.state == MACHINE_FAILED && s->presence == MOUNT_OURS);
    if (mounted && s->probe_due_ms != 0 && s->probe_due_ms <= now_ms)
        rounds_start(s);
    if (mounted && s->glance_due_ms != 0 && s->glance_due_ms <= now_ms)
        glance_start(s);
    if (mounted && s->idle_due_ms != 0 && s->idle_due_ms <= now_ms)
        idle_check(s);
    uint64_t due = s->machine.due_ms;
    if (s->removed)
        due = sooner(due, s->remove_due_ms);
    if (mounted) {
        due = sooner(due, s->probe_due_ms);
        due = sooner(due, s->glance_due_ms);
        due = sooner(due, s->idle_due_ms);
    }
    return due;
}
