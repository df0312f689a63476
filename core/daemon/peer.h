/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * An SMB server as all its mounts share it: one verdict, one question at a time, one schedule of
 * asking while somebody waits for it.
 */
#ifndef DAEMON_PEER_H
#define DAEMON_PEER_H

#include "daemon/daemon.h"
#include "daemon/refusals.h"

#define PEER_FRESH_MS 2000u     /* a verdict younger than that is believed before a mount */
#define PEER_POLL_CAP_MS 2000u  /* asking costs one TCP connection, about 0.2 ms of work */
#define PEER_POLL_LEAST_MS 100u /* between the end of a question and the next */
/* Until it has been away for so long the schedule counts from the beginning of a question, then
 * from its end: a server that stays away would keep a plugin host busy. */
#define PEER_POLL_EARLY_MS 60000u
#define PEER_POLL_LATE_MS 5000u /* an answer that is later than twice that never comes */

struct peer {
    struct peer *next;
    struct daemon *daemon;
    char *host;
    uint16_t port;
    unsigned references;
    enum smbm_verdict verdict; /* SMBM_UNKNOWN: never asked */
    char evidence[SMBM_TEXT_MAX];
    uint64_t since_ms;   /* in this verdict */
    uint64_t away_ms;    /* it has not answered since; 0 it does */
    uint64_t checked_ms; /* last answer */
    uint64_t asked_ms;   /* last question */
    uint64_t job;        /* question under way */
    uint32_t tries;
    uint64_t due_ms;      /* next question; 0: nobody waits */
    char moved_from[64];  /* it answers at another address, and no longer at this one; "" */
    char asked_about[64]; /* the mount's address that the question under way is about */
    uint64_t carry[SMBM_CARRY_WORDS];
    struct option_values options;
    bool options_ready;
    struct refusals refusals;
};

/* The peer of host and port, counted; NULL without memory. */
struct peer *peer_ref(struct daemon *daemon, const char *host, uint16_t port);
void peer_unref(struct peer *peer);

/* Ask now unless a question is under way; about: the address of the mount that it is about, NULL:
 * of one that recovers. The answer goes to every mount of the peer by supervisor_peer_answered, the
 * end by verdicts_server_asked. False when there is no probe that could ask. */
bool peer_ask(struct peer *peer, const char *about);

/* Its question is the one that a chain asks with this plugin and these options. */
bool peer_asks_as(struct peer *peer, const struct descriptor *plugin,
                  const struct option_values *options);

/* Keep asking until it answers; from_now: forget the slowed-down schedule. */
void peer_watch(struct peer *peer, bool from_now);

/* A verdict from a mount's own round of probes; address: that of the mount, "" unknown. */
void peer_report(struct peer *peer, const struct smbm_report *report, const char *address);

/* It has left the address for another one. */
bool peer_has_moved(const struct peer *peer, const char *address);

/* Called when due; returns the next due time or 0. */
uint64_t peer_tick(struct peer *peer, uint64_t now_ms);

/* The plugins are others now. */
void peer_options_changed(struct peer *peer);

/* The verdict as far as it is news: SMBM_UNKNOWN when it is older than PEER_NEWS_MS. Nothing is
 * done to a connection because of what a server said a minute ago. */
#define PEER_NEWS_MS 5000u
#define PEER_ECHO_MS 1000u /* a good answer may be out of date sooner */
enum smbm_verdict peer_news(const struct peer *peer, uint64_t now_ms);

bool peer_is_bad(const struct peer *peer);

/* It was asked a moment ago, or did not answer lately: a mount's own round need not ask as well.
 * Each question to a mute server waits in its queue, in front of the kernel's. */
bool peer_is_known(const struct peer *peer, uint64_t now_ms);

#endif
