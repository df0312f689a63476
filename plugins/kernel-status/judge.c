/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * DebugData does not say which local port belongs to a connection. So a stalled socket is pinned to
 * a mount only when all sockets to the server are stalled; and when one share hangs in several
 * connections (mounted twice, or an old mount that a process still holds after a lazy unmount) only
 * what holds for all of them counts. Otherwise the mount is suspect for a while, and then nothing
 * is said: a wrong DEAD would disturb a mount that works, and a probe of the share itself will
 * know.
 *
 * The same holds for signs of life. When no socket is stalled and each has heard from the server as
 * lately as its echoes must bring it, ours is alive, whichever it is. When more than echoes moved
 * on any of them, the server is at work: late answers of the share are load, and to take the mount
 * down would only lead to the same server.
 */
#include "judge.h"

#include <string.h>

#include "common/knock.h"
#include "common/report.h"

#define LOGIN_SETTLE_MS 1000  /* a reconnect logs in again within this */
#define SILENCE_SETTLE_MS 800 /* seen again after this: no single lost packet */
#define AMBIGUOUS_MS 10000    /* how long a contradiction makes a mount suspect */
#define ECHO_DEFAULT_MS 5000u /* as the daemon mounts */
#define ECHO_SLACK_MS 2000u
#define ECHO_BYTES 512u /* question and answer, encrypted: 250 */

enum word {
    HELD = 0,  /* since when, and which condition */
    BYTES = 1, /* moved on all sockets, plus one */
    BYTES_AT_MS = 2,
    DATA_AT_MS = 3, /* more than echoes was seen moving */
};
enum condition { LOGIN = 1, SILENCE = 2, AMBIGUOUS = 3 };
#define CONDITIONS 4u

/* One judgement: the words of last time, and the report, whose words are zero until they are used.
 */
struct judgement {
    const struct kernel_facts *facts;
    uint64_t now_ms;
    uint64_t before[SMBM_CARRY_WORDS];
    struct smbm_report *report;
};

/* How long a condition has held, remembering its beginning; 0 at first sight. */
static uint64_t held(struct judgement *j, enum condition condition) {
    uint64_t since = j->before[HELD] / CONDITIONS;

    if (j->before[HELD] % CONDITIONS != condition || since > j->now_ms) {
        since = j->now_ms;
    }
    j->report->carry[HELD] = since * CONDITIONS + condition;
    return j->now_ms - since;
}

static bool lost_tcp(const struct debugdata_holder *h) {
    return h->tcp_status >= 0 && h->tcp_status != DEBUGDATA_GOOD;
}

static bool lost_login(const struct debugdata_holder *h) {
    return !lost_tcp(h) && h->session_status >= 0 && h->session_status != DEBUGDATA_GOOD;
}

static bool lost_share(const struct debugdata_holder *h) {
    return !lost_tcp(h) && !lost_login(h) && h->need_reconnect;
}

static size_t count_holders(const struct kernel_facts *facts,
                            bool (*is)(const struct debugdata_holder *)) {
    size_t n = 0;

    for (size_t i = 0; i < facts->holders_len; i++) {
        n += is(&facts->holders[i]);
    }
    return n;
}

/* The socket that repeats most, with the number of stalled ones. */
static const struct diag_socket *worst_socket(const struct kernel_facts *facts, size_t *stalled) {
    const struct diag_socket *worst = NULL;

    *stalled = 0;
    for (size_t i = 0; i < facts->sockets_len; i++) {
        const struct diag_socket *s = &facts->sockets[i];
        if (inet_diag_stalled(s)) {
            (*stalled)++;
            worst = !worst || s->retransmits > worst->retransmits ? s : worst;
        }
    }
    return worst;
}

/* All holders agree that the login is lost. */
static void judge_login(struct judgement *j) {
    const struct debugdata_holder *h = &j->facts->holders[0];
    uint64_t since = held(j, LOGIN);

    /* The kernel tries to log in once a second: in setup (4) it may just succeed. */
    if (since < LOGIN_SETTLE_MS || h->session_status != DEBUGDATA_NEED_SETUP) {
        report_set(j->report, SMBM_SUSPECT, "the kernel logs in again at %s (session status %d)",
                   j->facts->server, h->session_status);
    } else {
        report_set(j->report, SMBM_DENIED,
                   "the server no longer accepts our login (session status %d for %llu ms%s)",
                   h->session_status, (unsigned long long)since,
                   h->password_invalid ? ", password no longer valid" : "");
    }
}

static void judge_silence(struct judgement *j, const struct diag_socket *worst, size_t stalled) {
    const struct kernel_facts *facts = j->facts;
    uint64_t since = held(j, SILENCE);

    j->report->flags |= SMBM_REPORT_STALLED;
    if (stalled < facts->sockets_len && since >= AMBIGUOUS_MS) {
        report_set(j->report, SMBM_BLIND,
                   "%zu of %zu connections to %s are silent; cannot tell whether ours is", stalled,
                   facts->sockets_len, facts->server);
    } else if (stalled < facts->sockets_len || since < SILENCE_SETTLE_MS) {
        report_set(j->report, SMBM_SUSPECT,
                   "%zu of %zu connections to %s silent for %u ms, %u retransmits%s", stalled,
                   facts->sockets_len, facts->server, worst->last_data_recv_ms, worst->retransmits,
                   stalled < facts->sockets_len ? " (perhaps not ours)" : "");
    } else {
        report_set(j->report, SMBM_DEAD,
                   "the connection to %s is dead: silent for %u ms, "
                   "%u retransmits",
                   facts->server, worst->last_data_recv_ms, worst->retransmits);
    }
}

static void judge_contradiction(struct judgement *j, size_t bad) {
    uint64_t since = held(j, AMBIGUOUS);

    report_set(j->report, since < AMBIGUOUS_MS ? SMBM_SUSPECT : SMBM_BLIND,
               "%zu of %zu connections with this share are broken; cannot tell which is ours", bad,
               j->facts->holders_len);
}

/* How long ago the last word came on the socket that has heard nothing for longest, and on the one
 * that heard last. False without an established socket. */
static bool silences(const struct kernel_facts *facts, uint32_t *longest, uint32_t *least) {
    *longest = 0;
    *least = UINT32_MAX;
    for (size_t i = 0; i < facts->sockets_len; i++) {
        const struct diag_socket *s = &facts->sockets[i];
        /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): an element of an array */
        if (s->state == 1) {
            *longest = s->last_data_recv_ms > *longest ? s->last_data_recv_ms : *longest;
            *least = s->last_data_recv_ms < *least ? s->last_data_recv_ms : *least;
        }
    }
    return *least != UINT32_MAX;
}

/* The kernel looks every interval whether the last answer is older than one: at most two. */
static uint64_t echo_limit(const struct kernel_facts *facts) {
    return 2u * (facts->echo_interval_ms ? facts->echo_interval_ms : ECHO_DEFAULT_MS) +
           ECHO_SLACK_MS;
}

/* Count the bytes of all sockets; returns those that moved since the last reading, 0 when a socket
 * has gone. */
static uint64_t count_bytes(struct judgement *j) {
    uint64_t sum = 1;

    for (size_t i = 0; i < j->facts->sockets_len; i++) {
        sum += j->facts->sockets[i].bytes;
    }
    j->report->carry[BYTES] = sum;
    j->report->carry[BYTES_AT_MS] = j->now_ms;
    return j->before[BYTES] != 0 && sum > j->before[BYTES] ? sum - j->before[BYTES] : 0;
}

/* More than echoes moved since the last reading, or did so a moment ago. */
static bool data_moves(struct judgement *j) {
    uint64_t limit = echo_limit(j->facts), at = j->before[DATA_AT_MS];
    uint64_t moved = count_bytes(j), last_ms = j->before[BYTES_AT_MS];
    uint64_t echoes = 1 + (j->now_ms > last_ms ? j->now_ms - last_ms : 0) / limit;

    if (moved > j->facts->sockets_len * ECHO_BYTES * echoes) {
        at = j->now_ms;
    }
    j->report->carry[DATA_AT_MS] = at;
    return at != 0 && at <= j->now_ms && j->now_ms - at <= limit;
}

static void judge_healthy(struct judgement *j) {
    const char *server = j->facts->server;
    uint32_t longest, least, silent;
    bool data = data_moves(j);
    enum knock knock = knock_judge(j->facts->sockets, j->facts->sockets_len, &silent);

    if (knock == KNOCK_WAITS || knock == KNOCK_MUTE) {
        j->report->flags |= SMBM_REPORT_UNANSWERED;
    }
    if (!silences(j->facts, &longest, &least)) {
        report_set(j->report, SMBM_HEALTHY, "connected to %s", server);
    } else if (longest > echo_limit(j->facts)) {
        report_set(j->report, SMBM_HEALTHY,
                   "connected to %s, which takes what is sent but has said nothing for %u s",
                   server, longest / 1000);
    } else {
        j->report->flags |= data ? SMBM_REPORT_PROGRESS : SMBM_REPORT_ALIVE;
        report_set(j->report, SMBM_HEALTHY, "connected to %s, last %s %u.%u s ago", server,
                   data ? "data" : "word", least / 1000, least % 1000 / 100);
    }
}

/* The verdict when not all holders are good; false when they are. */
static bool judge_holders(struct judgement *j) {
    const struct kernel_facts *facts = j->facts;
    size_t tcp = count_holders(facts, lost_tcp), login = count_holders(facts, lost_login);
    size_t share = count_holders(facts, lost_share), all = facts->holders_len;

    if (tcp == all) {
        j->report->flags |= SMBM_REPORT_RECONNECTS;
        report_set(j->report, SMBM_DEAD,
                   "the connection to %s is lost, the kernel tries to make a new one",
                   facts->server);
    } else if (login == all) {
        judge_login(j);
    } else if (share == all) {
        report_set(j->report, SMBM_SUSPECT, "the kernel has to connect to the share again");
    } else if (tcp + login + share > 0) {
        judge_contradiction(j, tcp + login + share);
    }
    return tcp + login + share > 0;
}

void kernel_judge(const struct kernel_facts *facts, uint64_t now_ms, struct smbm_report *report) {
    struct judgement j = {.facts = facts, .now_ms = now_ms, .report = report};
    const struct diag_socket *worst;
    size_t stalled;

    memcpy(j.before, report->carry, sizeof j.before);
    memset(report->carry, 0, sizeof report->carry);
    if (facts->holders_len == 0) {
        report_set(report, SMBM_BLIND, "the kernel does not list the share among its connections");
        return;
    }
    if (judge_holders(&j)) {
        return;
    }
    worst = worst_socket(facts, &stalled);
    if (worst) {
        judge_silence(&j, worst, stalled);
    } else {
        judge_healthy(&j);
    }
}
