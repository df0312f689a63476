/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/listings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "control/story.h"
#include "daemon/plugin_faults.h"
#include "daemon/supervisor.h"
#include "daemon/words.h"

#ifndef SMBMOUNTER_VERSION
#define SMBMOUNTER_VERSION "0"
#endif

/* One section of rows, or the error when memory ran out on the way. */
static void send_rows(struct server_call *call, enum record record, const void *rows, size_t len) {
    struct control_reply reply;
    control_reply_init(&reply);
    bool failed = control_reply_begin(&reply, server_call_id(call), 1) != 0 ||
                  control_reply_section(&reply, record, len) != 0;
    for (size_t i = 0; i < len && !failed; i++)
        failed = control_reply_row(&reply, record,
                                   (const char *)rows + i * record_table[record].size) != 0;
    if (failed)
        server_error(call, CONTROL_FAILED, "no memory for the answer");
    else
        server_reply(call, &reply);
    control_reply_finish(&reply);
}

static const char *const health_names[MACHINE_EVENT_COUNT] = {
    [MACHINE_ON_PROBE_HEALTHY] = "healthy", [MACHINE_ON_PROBE_SUSPECT] = "suspect",
    [MACHINE_ON_PROBE_SLOW] = "slow",       [MACHINE_ON_PROBE_BLIND] = "blind",
    [MACHINE_ON_PROBE_DEAD] = "dead",       [MACHINE_ON_PROBE_DENIED] = "denied",
    [MACHINE_ON_PROBE_GONE] = "gone",
};

static const char *health_words(const struct supervisor *s) {
    if (s->presence != MOUNT_OURS)
        return "-";
    if (s->machine.state == MACHINE_RECOVERING)
        return s->recovery != NULL ? words_verdict(s->recovery->verdict) : "dead";
    const char *words = health_names[s->health];
    return words != NULL ? words : "unknown";
}

/* What there is to say beside the state: nothing while all is well. */
static void reason_words(const struct supervisor *s, char *text, size_t size) {
    const struct machine *m = &s->machine;
    const char *words = machine_reason_words(m->reason);
    text[0] = '\0';
    if (m->state == MACHINE_FAILED)
        snprintf(text, size, "%s: %s", machine_reason_name(m->reason),
                 s->failure != NULL ? s->failure : words);
    else if (m->state == MACHINE_RECOVERING && s->peer != NULL && peer_is_bad(s->peer))
        snprintf(text, size, "the server does not answer (%s); the mount is left alone",
                 s->peer->evidence);
    else if (m->state == MACHINE_RECOVERING)
        str_copy(text, size, s->recovery != NULL ? s->recovery->evidence : words);
    else if (m->state == MACHINE_UNMOUNTED && words[0] != '\0')
        snprintf(text, size, "%s; mount it again with: smbmounter mount %s", words, s->conf.name);
    else if (m->state == MACHINE_MOUNTED && s->next_conf != NULL)
        str_copy(text, size, "in use: its new definition waits until no program uses it");
    else if (m->state == MACHINE_MOUNTED && m->reason == MACHINE_FOR_BUSY)
        str_copy(text, size, s->failure != NULL ? s->failure : words);
    else if (m->state == MACHINE_MOUNTED && s->health != MACHINE_ON_PROBE_HEALTHY &&
             s->health_text != NULL)
        str_copy(text, size, s->health_text);
}

/* The mount's own texts, and reason as room for what is put together; all as long as it stands. */
static struct status_view view_status(const struct supervisor *s, uint64_t now, uint64_t wall,
                                      char reason[FIELD_TEXT_MAX]) {
    reason_words(s, reason, FIELD_TEXT_MAX);
    return (struct status_view){
        .name = s->conf.name,
        .state = machine_state_name(s->machine.state),
        .health = health_words(s),
        .mountpoint = s->conf.mountpoint,
        .source = s->conf.source[0] != '\0' ? s->conf.source : s->kernel_source,
        .recoveries = s->recoveries,
        .since_ms = s->since_wall_ms,
        .reason = reason,
        .wanted = s->machine.wanted ? "mounted" : "unmounted",
        .fstype = s->kernel_fstype,
        .address = s->address,
        .session = s->session != NULL && s->presence == MOUNT_OURS ? s->session : "",
        .server = s->peer != NULL ? words_verdict(s->peer->verdict) : "",
        .last_probe_ms = s->last_probe_ms,
        .next_try_ms = s->machine.due_ms > now ? wall + (s->machine.due_ms - now) : 0,
        .strikes = s->machine.strikes,
        .stuck = s->round != NULL && s->round->hung_job != 0,
        .stale = s->machine.state == MACHINE_RECOVERING,
    };
}

void listings_status(struct daemon *daemon, struct server_call *call,
                     const struct supervisor *only) {
    struct control_reply reply;
    size_t len = only != NULL ? 1 : daemon->mounts_len;
    uint64_t now = clock_boot_ms(), wall = clock_wall_ms();
    control_reply_init(&reply);
    bool failed = control_reply_begin(&reply, server_call_id(call), 1) != 0 ||
                  control_reply_section(&reply, RECORD_STATUS, len) != 0;
    for (size_t i = 0; i < len && !failed; i++) {
        char reason[FIELD_TEXT_MAX];
        struct status_view row =
            view_status(only != NULL ? only : daemon->mounts[i], now, wall, reason);
        failed = control_reply_view(&reply, RECORD_STATUS, &row) != 0;
    }
    if (failed)
        server_error(call, CONTROL_FAILED, "no memory for the answer");
    else
        server_reply(call, &reply);
    control_reply_finish(&reply);
}

static bool chain_has(const struct config_chain *chain, const char *name) {
    for (size_t i = 0; i < chain->len; i++)
        if (strcmp(chain->items[i].name, name) == 0)
            return true;
    return false;
}

/* "failing": the last call of it went wrong, and that is its own fault. */
static void fill_faults(const struct plugin_faults *faults, const struct descriptor *d,
                        struct plugin_record *row) {
    if (faults == NULL || !d->ok)
        return;
    row->late = faults->late;
    row->crashed = faults->crashed;
    row->refused = faults->refused;
    row->last_fault_ms = faults->last_ms;
    plugin_faults_words(faults, row->error, sizeof row->error);
    if (plugin_faults_own(faults, d))
        str_copy(row->state, sizeof row->state, "failing");
}

static void fill_plugin(const struct daemon *daemon, const struct descriptor *d,
                        struct plugin_record *row) {
    *row = (struct plugin_record){0};
    str_copy(row->name, sizeof row->name, d->name[0] != '\0' ? d->name : d->file);
    str_copy(row->kind, sizeof row->kind,
             d->kind == SMBM_KIND_PROBE      ? "probe"
             : d->kind == SMBM_KIND_RECOVERY ? "recovery"
                                             : "?");
    str_copy(row->version, sizeof row->version, d->version);
    str_copy(row->state, sizeof row->state, d->ok ? "ok" : "broken");
    str_copy(row->summary, sizeof row->summary, d->ok ? d->summary : d->error);
    str_copy(row->file, sizeof row->file, d->file);
    str_copy(row->error, sizeof row->error, d->error);
    fill_faults(plugin_faults_find(daemon->plugin_faults, d), d, row);
    snprintf(row->abi, sizeof row->abi, "%u.%u", d->abi_major, d->abi_minor);
    for (size_t i = 0; i < daemon->mounts_len; i++) {
        const struct config_mount *c = &daemon->mounts[i]->conf;
        row->used_by += chain_has(d->kind == SMBM_KIND_PROBE ? c->probes : c->recovery, d->name);
    }
}

void listings_option(const struct smbm_option *o, struct option_record *row) {
    static const char *const types[] = {"?", "true/false", "number", "text", "choice", "numbers"};
    *row = (struct option_record){0};
    str_copy(row->option, sizeof row->option, o->name);
    str_copy(row->type, sizeof row->type, o->type <= SMBM_OPT_INT_LIST ? types[o->type] : "?");
    if (o->type == SMBM_OPT_CHOICE)
        str_copy(row->allowed, sizeof row->allowed, o->choices);
    else if (o->type != SMBM_OPT_BOOL)
        snprintf(row->allowed, sizeof row->allowed, "%lld to %lld", (long long)o->min,
                 (long long)o->max);
    str_copy(row->preset, sizeof row->preset, o->def != NULL ? o->def : "must be given");
    str_copy(row->help, sizeof row->help, o->help != NULL ? o->help : "");
}

/* One plugin with its options: two sections. */
static void show_plugin(struct daemon *daemon, struct server_call *call,
                        const struct descriptor *d) {
    struct control_reply reply;
    struct plugin_record plugin;
    size_t len = d->ok ? schema_len(d->options) : 0;
    fill_plugin(daemon, d, &plugin);
    control_reply_init(&reply);
    bool failed = control_reply_begin(&reply, server_call_id(call), 2) != 0 ||
                  control_reply_section(&reply, RECORD_PLUGIN, 1) != 0 ||
                  control_reply_row(&reply, RECORD_PLUGIN, &plugin) != 0 ||
                  control_reply_section(&reply, RECORD_OPTION, len) != 0;
    for (size_t i = 0; i < len && !failed; i++) {
        struct option_record option;
        listings_option(&d->options[i], &option);
        failed = control_reply_row(&reply, RECORD_OPTION, &option) != 0;
    }
    if (failed)
        server_error(call, CONTROL_FAILED, "no memory for the answer");
    else
        server_reply(call, &reply);
    control_reply_finish(&reply);
}

void listings_plugins(struct daemon *daemon, struct server_call *call, const char *name) {
    const struct registry *r = daemon->registry;
    for (size_t i = 0; i < r->len && name[0] != '\0'; i++) {
        const struct descriptor *d = &r->items[i];
        if (strcmp(d->name, name) == 0 || strcmp(d->file, name) == 0) {
            show_plugin(daemon, call, d);
            return;
        }
    }
    if (name[0] != '\0') {
        server_error(call, CONTROL_FAILED, "no plugin '%s' in %s; see: smbmounter plugins", name,
                     r->directory);
        return;
    }
    struct plugin_record *rows = calloc(r->len + 1, sizeof *rows);
    for (size_t i = 0; i < r->len && rows != NULL; i++)
        fill_plugin(daemon, &r->items[i], &rows[i]);
    if (rows != NULL)
        send_rows(call, RECORD_PLUGIN, rows, r->len);
    else
        server_error(call, CONTROL_FAILED, "no memory for the answer");
    free(rows);
}

/* The events do not tell how the mount answers at this moment. */
static void tell_doubt(const struct supervisor *s, struct story_record *last) {
    static const char healthy[] = "Now: mounted and healthy";
    bool slow = s->health == MACHINE_ON_PROBE_SLOW;
    if (s->health_text == NULL || strncmp(last->text, healthy, sizeof healthy - 1) != 0)
        return;
    snprintf(last->text, sizeof last->text, "Now: mounted, but %s: %.300s. %s", health_words(s),
             s->health_text,
             slow ? "Slow is not dead: nothing is done about it." : "It is asked again.");
}

void listings_why(struct supervisor *s, struct server_call *call) {
    struct event *events = calloc(EVENTS_MAX, sizeof *events);
    struct story_record *lines = calloc(STORY_LINES_MAX, sizeof *lines);
    if (events != NULL && lines != NULL) {
        size_t len = event_ring_list(&s->events, events, EVENTS_MAX);
        size_t told = story_tell(s->conf.name, s->conf.server, events, len, clock_wall_ms(), lines,
                                 STORY_LINES_MAX);
        if (told > 0)
            tell_doubt(s, &lines[told - 1]);
        send_rows(call, RECORD_STORY, lines, told);
    } else {
        server_error(call, CONTROL_FAILED, "no memory for the answer");
    }
    free(events);
    free(lines);
}

static int by_time(const void *a, const void *b) {
    const struct event_record *x = a, *y = b;
    return (x->wall_ms > y->wall_ms) - (x->wall_ms < y->wall_ms);
}

#define EVENTS_LISTED_MAX 2000u

/* Make room: only the newest stay. */
static size_t keep_newest(struct event_record *rows, size_t len) {
    qsort(rows, len, sizeof *rows, by_time);
    if (len <= EVENTS_LISTED_MAX)
        return len;
    memmove(rows, rows + len - EVENTS_LISTED_MAX, EVENTS_LISTED_MAX * sizeof *rows);
    return EVENTS_LISTED_MAX;
}

static size_t collect(const struct supervisor *s, uint64_t since, struct event *scratch,
                      struct event_record *rows) {
    size_t len = event_ring_list(&s->events, scratch, EVENTS_MAX), kept = 0;
    for (size_t i = 0; i < len; i++) {
        if (scratch[i].wall_ms < since)
            continue;
        struct event_record *row = &rows[kept++];
        *row = (struct event_record){.wall_ms = scratch[i].wall_ms, .number = scratch[i].number};
        str_copy(row->mount, sizeof row->mount, s->conf.name);
        str_copy(row->kind, sizeof row->kind, event_kind_name(scratch[i].kind));
        str_copy(row->text, sizeof row->text, scratch[i].text);
    }
    return kept;
}

void listings_events(struct daemon *daemon, struct server_call *call,
                     const struct supervisor *only) {
    struct event *scratch = calloc(EVENTS_MAX, sizeof *scratch);
    struct event_record *rows = calloc(2u * EVENTS_LISTED_MAX + EVENTS_MAX, sizeof *rows);
    size_t len = 0;
    uint64_t since = 0;
    if (scratch == NULL || rows == NULL) {
        server_error(call, CONTROL_FAILED, "no memory for the answer");
    } else {
        for (size_t i = 0; i < daemon->mounts_len; i++) {
            if (only != NULL && only != daemon->mounts[i])
                continue;
            if (len > 2u * EVENTS_LISTED_MAX) {
                len = keep_newest(rows, len);
                since = rows[0].wall_ms;
            }
            len += collect(daemon->mounts[i], since, scratch, rows + len);
        }
        len = keep_newest(rows, len);
        send_rows(call, RECORD_EVENT, rows, len);
    }
    free(scratch);
    free(rows);
}

void listings_version(struct daemon *daemon, struct server_call *call) {
    struct pool_stats stats = pool_stats(daemon->pool);
    struct version_record row = {
        .pid = (uint64_t)getpid(),
        .started_ms = daemon->started_wall_ms,
        .hosts = stats.hosts,
        .stuck = stats.stuck + daemon->helpers_stuck,
    };
    str_copy(row.program, sizeof row.program, "smbmounter daemon");
    str_copy(row.version, sizeof row.version, SMBMOUNTER_VERSION);
    snprintf(row.abi, sizeof row.abi, "%d.%d", SMBM_ABI_MAJOR, SMBM_ABI_MINOR);
    send_rows(call, RECORD_VERSION, &row, 1);
}
