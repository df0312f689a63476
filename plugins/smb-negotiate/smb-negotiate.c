/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Probe of the server: a TCP connection and one SMB2 NEGOTIATE in user space, with its own limit.
 * It touches no mount, so it answers while the kernel's client hangs.
 */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "common/numeric.h"
#include "common/report.h"
#include "common/smb2_ask.h"

#define ADDRESSES_MAX 8
#define SMB_PORT 445

static const struct smbm_option options[] = {
    {"timeout_ms", SMBM_OPT_INT, 0, 100, 30000, "2000", NULL,
     "how long the server may take to answer, over all its addresses"},
    SMBM_OPTIONS_END,
};

struct targets {
    struct sockaddr_storage address[ADDRESSES_MAX];
    socklen_t len[ADDRESSES_MAX];
    size_t count;
    bool has_known; /* the address of the mount is among them */
};

static void add(struct targets *t, const struct addrinfo *info, const struct numeric *known) {
    struct numeric numeric;

    if (t->count == ADDRESSES_MAX || info->ai_addrlen > sizeof t->address[0]) {
        return;
    }
    memcpy(&t->address[t->count], info->ai_addr, info->ai_addrlen);
    t->len[t->count] = info->ai_addrlen;
    if (known && numeric_from_sockaddr(info->ai_addr, &numeric) && numeric_equal(&numeric, known)) {
        t->has_known = true;
    }
    t->count++;
}

/* 0 or a code of getaddrinfo. */
static int resolve(const char *host, uint32_t port, int flags, const struct numeric *known,
                   struct targets *t) {
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
    struct addrinfo *list;
    char service[16];
    int rc;

    snprintf(service, sizeof service, "%u", port ? port : SMB_PORT);
    rc = getaddrinfo(host, service, &hints, &list);
    if (rc) {
        return rc;
    }
    for (const struct addrinfo *i = list; i; i = i->ai_next) {
        add(t, i, known);
    }
    freeaddrinfo(list);
    return 0;
}

static void spell(const struct sockaddr_storage *address, char text[NUMERIC_TEXT_MAX]) {
    struct sockaddr_storage copy = *address;
    struct numeric numeric;

    numeric_from_sockaddr((const struct sockaddr *)&copy, &numeric);
    numeric_text(&numeric, text);
}

static void describe_knock(const struct smb2_answer *a, const char *at,
                           struct smbm_report *report) {
    report->took_us = a->took_us;
    if (a->result == SMB2_ANSWERED) {
        report_set(report, SMBM_ANSWERS, "it answers the kernel's client at %s", at);
    } else {
        report_set(report, SMBM_MUTE,
                   "%s takes what the kernel's client sends, but has said nothing for %u.%u s", at,
                   a->silent_ms / 1000, a->silent_ms % 1000 / 100);
    }
}

static void describe(const struct smb2_answer *a, const char *at, uint32_t port,
                     struct smbm_report *report) {
    unsigned long long ms = a->took_us / 1000;

    report->os_errno = a->error;
    report->took_us = a->took_us;
    switch (a->result) {
    case SMB2_ANSWERED:
        report_set(report, SMBM_ANSWERS, "%s in %llu ms at %s", smb2_dialect_name(a->reply.dialect),
                   ms, at);
        break;
    case SMB2_GARBAGE:
        report_set(report, SMBM_MUTE, "port %u at %s answers, but not SMB 2 or newer", port, at);
        break;
    case SMB2_CLOSED:
        report_set(report, SMBM_MUTE, "%s hung up after %llu ms without an answer", at, ms);
        break;
    case SMB2_SILENT:
        report_set(report, SMBM_MUTE, "%s accepts TCP, but said %s in %llu ms", at,
                   a->received ? "only part of an answer" : "nothing", ms);
        break;
    case SMB2_PORT_CLOSED:
        report_set(report, SMBM_REFUSED, "port %u at %s is closed", port, at);
        break;
    case SMB2_NO_PACKET:
        report_set(report, SMBM_UNREACHABLE, "%s: %s after %llu ms", at, strerror(a->error), ms);
        break;
    }
}

/* Ask each address, sharing out the time that is left; the first that speaks SMB wins, else the one
 * that came furthest. */
static void ask_all(const struct targets *t, uint32_t port, uint64_t until_us,
                    struct smbm_report *report) {
    struct smb2_answer best = {.result = SMB2_NO_PACKET, .error = ETIMEDOUT};
    size_t of = 0;

    for (size_t i = 0; i < t->count && best.result != SMB2_ANSWERED; i++) {
        struct sockaddr_storage address = t->address[i];
        struct smb2_answer answer;
        uint64_t now = monotonic_us(), left = until_us > now ? until_us - now : 0;

        smb2_ask((const struct sockaddr *)&address, t->len[i], now + left / (t->count - i),
                 &answer);
        if (i == 0 || answer.result > best.result) {
            best = answer;
            of = i;
        }
    }
    char at[NUMERIC_TEXT_MAX];
    spell(&t->address[of], at);
    if (best.by_kernel) {
        describe_knock(&best, at, report);
    } else {
        describe(&best, at, port, report);
    }
}

static void append(struct smbm_report *report, const char *what, const char *name) {
    size_t len = strlen(report->evidence);

    snprintf(report->evidence + len, sizeof report->evidence - len, " (%s%s)", what, name);
}

/* Had it the time to answer? */
static bool heard_out(const struct smb2_answer *answer, uint64_t given_us, uint64_t least_us) {
    bool waited = answer->result == SMB2_SILENT ||
                  (answer->result == SMB2_NO_PACKET && answer->error == ETIMEDOUT);

    return !waited || given_us >= least_us;
}

/* The name leads elsewhere now, but the kernel stays with the mount's address while it can: does
 * the server still answer there? */
static void ask_known(const struct smbm_mount *mount, uint64_t until_us, uint64_t least_us,
                      struct smbm_report *report) {
    struct targets old = {.count = 0};
    struct smb2_answer answer = {.result = SMB2_NO_PACKET};
    uint64_t now = monotonic_us(), left = until_us > now ? until_us - now : 0;

    /* Whoever is slow at one address is so at the other one, and not gone. */
    least_us = least_us > 2 * report->took_us ? least_us : 2 * report->took_us;
    if (report->verdict == SMBM_ANSWERS &&
        resolve(mount->address, mount->port, AI_NUMERICHOST, NULL, &old) == 0 && old.count > 0) {
        smb2_ask((const struct sockaddr *)&old.address[0], old.len[0], until_us, &answer);
    }
    if (report->verdict != SMBM_ANSWERS) {
        append(report, "address changed, was ", mount->address);
    } else if (answer.result == SMB2_ANSWERED) {
        append(report, "address changed, and still answers at ", mount->address);
    } else if (!heard_out(&answer, left, least_us)) {
        append(report, "address changed, no time left to ask at ", mount->address);
    } else {
        report->flags |= SMBM_REPORT_MOVED;
        append(report, "address changed, no answer any more at ", mount->address);
    }
}

static uint64_t limit_us(const struct smbm_call *call) {
    uint64_t ms = (uint64_t)call->options[0].number;

    if (call->timeout_ms && call->timeout_ms < ms) {
        ms = call->timeout_ms;
    }
    return (ms - ms / 10) * 1000; /* the caller's clock began before ours */
}

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    const uint64_t limit = limit_us(call), until_us = monotonic_us() + limit;
    struct targets targets = {.count = 0};
    struct numeric numeric;
    const bool known = numeric_parse(mount->address, &numeric);
    int rc;

    (void)instance;
    rc = resolve(mount->server, mount->port, 0, known ? &numeric : NULL, &targets);
    if (rc && known) { /* a name service that is down need not take the share down */
        resolve(mount->address, mount->port, AI_NUMERICHOST, &numeric, &targets);
    }
    if (targets.count == 0) {
        report->os_errno = rc == EAI_SYSTEM ? errno : 0;
        report_set(report, SMBM_UNREACHABLE, "the name %.100s does not resolve: %s", mount->server,
                   rc ? gai_strerror(rc) : "no address");
        return;
    }
    ask_all(&targets, mount->port ? mount->port : SMB_PORT, until_us, report);
    if (rc) {
        append(report, "its name does not resolve: ", gai_strerror(rc));
    } else if (known && !targets.has_known) {
        ask_known(mount, until_us, limit / 4, report);
    }
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "smb-negotiate",
                      .summary = "does the server speak SMB, asked in user space", .version = "1",
                      .options = options},
           .subject = SMBM_ON_SERVER, .flags = SMBM_PROBE_SMB_ONLY, .timeout_ms = 2000, .run = run);
