/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * DebugData does not say which local port belongs to a connection. So a stalled socket is pinned to
 * a mount only when all sockets to the server are stalled; and when one share hangs in several
 * connections (mounted twice, or an old mount that a process still holds after a lazy unmount) only
 * what holds for all of them counts. Otherwise the mount is suspect for a while, and then nothing
 * is said: a wrong DEAD would disturb a mount that works, and a probe of the share itself will
 * know.
 */
#include "judge.h"

#include <string.h>

#include "common/report.h"

#define LOGIN_SETTLE_MS 1000  /* a reconnect logs in again within this */
#define SILENCE_SETTLE_MS 800 /* seen again after this: no single lost packet */
#define AMBIGUOUS_MS 10000    /* how long a contradiction makes a mount suspect */
#define PROGRESS_MS 2000

enum word { LOGIN = 0, SILENCE = 1, AMBIGUOUS = 2 };

/* One judgement: the words of last time, and the report, whose words are zero until they are used.
 */
struct judgement {
    const struct kernel_facts *facts;
    uint64_t now_ms;
    uint64_t before[SMBM_CARRY_WORDS];
    struct smbm_report *report;
};

/* How long a condition has held, remembering its beginning; 0 at first sight. */
static uint64_t held(struct judgement *j, enum word word) {
    uint64_t since = j->before[word];

    if (since == 0 || since > j->now_ms) {
        since = j->now_ms ? j->now_ms : 1;
    }
    j->report->carry[word] = since;
    return j->now_ms > since ? j->now_ms - since : 0;
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

    if (stalled < facts->sockets_len && since >= AMBIGUOUS_MS) {
        report_set(j->report, SMBM_BLIND,
                   "%zu of %zu connections to %s are silent; cannot tell whether ours is", stalled,
                   facts->sockets_len, facts->server);
    } else if (stalled < facts->sockets_len || since < SILENCE_SETTLE_MS) {
        report_set(j->report, SMBM_SUSPECT,
                   "the connection has been silent for %u ms, %u retransmits (%zu of %zu to %s)",
                   worst->last_data_recv_ms, worst->retransmits, stalled, facts->sockets_len,
                   facts->server);
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

static void judge_healthy(const struct kernel_facts *facts, struct smbm_report *report) {
    uint32_t last = UINT32_MAX;

    for (size_t i = 0; i < facts->sockets_len; i++) {
        const struct diag_socket *s = &facts->sockets[i];
        /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): an element of an array */
        last = s->state == 1 && s->last_data_recv_ms < last ? s->last_data_recv_ms : last;
    }
    if (last == UINT32_MAX) {
        report_set(report, SMBM_HEALTHY, "connected to %s", facts->server);
        return;
    }
    /* With several sockets the data may have come on another one. */
    if (facts->sockets_len == 1 && last < PROGRESS_MS) {
        report->flags |= SMBM_REPORT_PROGRESS;
    }
    report_set(report, SMBM_HEALTHY, "connected to %s, last data %u.%u s ago", facts->server,
               last / 1000, last % 1000 / 100);
}

/* The verdict when not all holders are good; false when they are. */
static bool judge_holders(struct judgement *j) {
    const struct kernel_facts *facts = j->facts;
    size_t tcp = count_holders(facts, lost_tcp), login = count_holders(facts, lost_login);
    size_t share = count_holders(facts, lost_share), all = facts->holders_len;

    if (tcp == all) {
        report_set(j->report, SMBM_DEAD, "the kernel lost the connection to %s (TCP status %d)",
                   facts->server, facts->holders[0].tcp_status);
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
        judge_healthy(facts, report);
    }
}
