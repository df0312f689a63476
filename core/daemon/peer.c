/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/peer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/str.h"
#include "daemon/plugin_faults.h"
#include "daemon/supervisor.h"
#include "daemon/verdicts.h"
#include "daemon/words.h"
#include "machine/policy.h"

#define PEER_PROBE "smb-negotiate"

struct peer *peer_ref(struct daemon *daemon, const char *host, uint16_t port) {
    for (struct peer *p = daemon->peers; p != NULL; p = p->next) {
        if (p->port == port && strcasecmp(p->host, host) == 0) {
            p->references++;
            return p;
        }
    }
    struct peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL)
        return NULL;
    peer->host = strdup(host);
    if (peer->host == NULL) {
        free(peer);
        return NULL;
    }
    peer->daemon = daemon;
    peer->port = port;
    peer->references = 1;
    peer->next = daemon->peers;
    daemon->peers = peer;
    return peer;
}

void peer_unref(struct peer *peer) {
    if (peer == NULL || --peer->references > 0)
        return;
    struct daemon *daemon = peer->daemon;
    for (struct peer **at = &daemon->peers; *at != NULL; at = &(*at)->next) {
        if (*at == peer) {
            *at = peer->next;
            break;
        }
    }
    if (peer->job != 0)
        pool_cancel(daemon->pool, peer->job);
    option_values_finish(&peer->options);
    free(peer->host);
    free(peer);
}

enum smbm_verdict peer_news(const struct peer *peer, uint64_t now_ms) {
    return now_ms - peer->checked_ms <= PEER_NEWS_MS ? peer->verdict : SMBM_UNKNOWN;
}

bool peer_is_bad(const struct peer *peer) {
    return peer->verdict != SMBM_ANSWERS && peer->verdict != SMBM_UNKNOWN;
}

bool peer_is_known(const struct peer *peer, uint64_t now_ms) {
    uint64_t age = now_ms - peer->checked_ms;
    if (peer->verdict == SMBM_UNKNOWN)
        return false;
    return peer->job != 0 || age <= (peer_is_bad(peer) ? PEER_NEWS_MS : PEER_ECHO_MS);
}

static void schedule(struct peer *peer, uint64_t now_ms) {
    if (peer->verdict == SMBM_ANSWERS) {
        peer->due_ms = 0;
        peer->tries = 0;
        return;
    }
    if (peer->due_ms == 0)
        return;
    /* The report may be that of a mount's own look. */
    bool early = peer->job != 0 && now_ms - peer->away_ms < PEER_POLL_EARLY_MS;
    uint64_t from_ms = early ? peer->asked_ms : now_ms;
    peer->due_ms = from_ms + policy_poll_delay_ms(peer->tries++, PEER_POLL_CAP_MS,
                                                  daemon_random(peer->daemon));
    if (peer->due_ms < now_ms + PEER_POLL_LEAST_MS)
        peer->due_ms = now_ms + PEER_POLL_LEAST_MS;
    daemon_due(peer->daemon, peer->due_ms);
}

bool peer_has_moved(const struct peer *peer, const char *address) {
    return peer->verdict == SMBM_ANSWERS && address[0] != '\0' &&
           strcmp(peer->moved_from, address) == 0;
}

/* Mounts of one server may use different addresses of it. */
static void note_move(struct peer *peer, const struct smbm_report *report, const char *address) {
    if ((report->flags & SMBM_REPORT_MOVED) != 0)
        str_copy(peer->moved_from, sizeof peer->moved_from, address);
    else if (strcmp(peer->moved_from, address) == 0)
        peer->moved_from[0] = '\0';
}

void peer_report(struct peer *peer, const struct smbm_report *report, const char *address) {
    enum smbm_verdict verdict = (enum smbm_verdict)report->verdict;
    if (!words_is_server_verdict(verdict))
        return;
    uint64_t now = clock_boot_ms();
    bool changed = verdict != peer->verdict;
    peer->checked_ms = now;
    note_move(peer, report, address);
    str_copy(peer->evidence, sizeof peer->evidence, report->evidence);
    if (verdict == SMBM_ANSWERS || peer->away_ms == 0)
        peer->away_ms = verdict == SMBM_ANSWERS ? 0 : now;
    if (changed) {
        peer->verdict = verdict;
        peer->since_ms = now;
    }
    schedule(peer, now);
    struct daemon *daemon = peer->daemon;
    peer->references++; /* a mount that takes a new definition lets go of it */
    for (size_t i = 0; i < daemon->mounts_len; i++)
        if (daemon->mounts[i]->peer == peer)
            supervisor_peer_answered(daemon->mounts[i], changed);
    peer_unref(peer);
}

static void on_report(void *context, size_t call, enum pool_end end,
                      const struct smbm_report *report, const struct smbm_decision *decision) {
    (void)call;
    (void)decision;
    struct peer *peer = context;
    struct smbm_report late = *report;
    /* A host that hung while asking did so in the name lookup: the server was not reached. One that
     * crashed, or could not be started, says nothing of the server. */
    if (end == POOL_LATE)
        late.verdict = SMBM_UNREACHABLE;
    const struct descriptor *plugin =
        registry_find(peer->daemon->registry, SMBM_KIND_PROBE, PEER_PROBE);
    if (plugin != NULL)
        plugin_faults_note(&peer->daemon->plugin_faults, plugin, end, peer->host, report->evidence,
                           clock_wall_ms());
    memcpy(peer->carry, report->carry, sizeof peer->carry);
    peer_report(peer, &late, peer->asked_about);
}

/* A question without an answer (the probe could not look): whoever waits for it tries the mount,
 * which finds out by itself. */
static void on_done(void *context, bool reaped) {
    (void)reaped;
    struct peer *peer = context;
    struct daemon *daemon = peer->daemon;
    peer->job = 0;
    peer->references++;
    for (size_t i = 0; i < daemon->mounts_len; i++) {
        struct supervisor *s = daemon->mounts[i];
        if (s->peer == peer && s->mount_waits_for_peer) {
            peer->verdict = SMBM_UNKNOWN;
            supervisor_peer_answered(s, false);
        }
        if (s->peer == peer)
            verdicts_server_asked(s);
    }
    peer_unref(peer);
}

void peer_options_changed(struct peer *peer) {
    option_values_finish(&peer->options);
    peer->options = (struct option_values){0};
    peer->options_ready = false;
}

/* The address that a mount which waits for the server is bound to: the kernel keeps it for life. */
static const char *address_in_use(const struct peer *peer) {
    const struct daemon *daemon = peer->daemon;
    for (size_t i = 0; i < daemon->mounts_len; i++) {
        const struct supervisor *s = daemon->mounts[i];
        if (s->peer == peer && s->presence == MOUNT_OURS && s->machine.state == MACHINE_RECOVERING)
            return s->address;
    }
    return "";
}

/* The plugin that asks, its options as they are without any setting; NULL when there is none. */
static const struct descriptor *prepare(struct peer *peer) {
    const struct descriptor *plugin =
        registry_find(peer->daemon->registry, SMBM_KIND_PROBE, PEER_PROBE);
    if (plugin == NULL || !plugin->ok)
        return NULL;
    if (!peer->options_ready) {
        struct yaml_problems none = {0};
        peer->options_ready =
            schema_check(plugin->options, NULL, PEER_PROBE, &peer->options, &none) == 0;
        yaml_problems_finish(&none);
    }
    return peer->options_ready ? plugin : NULL;
}

bool peer_asks_as(struct peer *peer, const struct descriptor *plugin,
                  const struct option_values *options) {
    return prepare(peer) == plugin && option_values_equal(&peer->options, options);
}

bool peer_ask(struct peer *peer, const char *about) {
    struct daemon *daemon = peer->daemon;
    const struct descriptor *plugin = prepare(peer);
    if (plugin == NULL || peer->job != 0)
        return plugin != NULL;
    str_copy(peer->asked_about, sizeof peer->asked_about,
             about != NULL ? about : address_in_use(peer));
    struct pool_job job = {
        .kind = POOL_ALL,
        .mount = {.size = sizeof job.mount,
                  .name = peer->host,
                  .mounter = "cifs",
                  .server = peer->host,
                  .share = "",
                  .source = "",
                  .fstype = "cifs",
                  .mountpoint = "",
                  .address = peer->asked_about,
                  .port = peer->port},
        .calls = {{.plugin = plugin,
                   .options = &peer->options,
                   .timeout_ms = words_timeout_ms(plugin, &peer->options, 2000) + 500u}},
        .calls_len = 1,
        .on_report = on_report,
        .on_done = on_done,
        .context = peer,
    };
    memcpy(job.calls[0].carry, peer->carry, sizeof peer->carry);
    peer->asked_ms = clock_boot_ms();
    peer->job = pool_submit(daemon->pool, &job);
    return peer->job != 0;
}

void peer_watch(struct peer *peer, bool from_now) {
    uint64_t now = clock_boot_ms();
    if (from_now)
        peer->tries = 0;
    if (peer->due_ms != 0 && !from_now)
        return;
    bool fresh = peer->checked_ms != 0 && now - peer->checked_ms < 250u;
    peer->due_ms = fresh ? now + 1000u : now;
    daemon_due(peer->daemon, peer->due_ms);
}

static bool is_awaited(const struct peer *peer) {
    const struct daemon *daemon = peer->daemon;
    for (size_t i = 0; i < daemon->mounts_len; i++)
        if (daemon->mounts[i]->peer == peer && supervisor_waits_for_server(daemon->mounts[i]))
            return true;
    return false;
}

uint64_t peer_tick(struct peer *peer, uint64_t now_ms) {
    if (peer->due_ms == 0 || peer->due_ms > now_ms)
        return peer->due_ms;
    if (!is_awaited(peer)) {
        peer->due_ms = 0;
        return 0;
    }
    if (peer->job == 0 && !peer_ask(peer, NULL)) {
        peer->due_ms = 0; /* nobody can ask: the mounts retry by their own clock */
        return 0;
    }
    /* If the answer should never come, ask again by the schedule. */
    peer->due_ms = now_ms + PEER_POLL_LATE_MS * 2u;
    return peer->due_ms;
}
