/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* kernel-status: the verdict from DebugData as kernels printed it, and from what nobody printed. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel-status/judge.h"

#define MAX 16

struct reading {
    char *text;
    size_t len;
    struct debugdata_holder all[64], ours[MAX];
    size_t count;
};

static struct smbm_report report;

static void load(struct reading *r, const char *file) {
    char path[4096];
    FILE *f;

    snprintf(path, sizeof path, FIXTURES "/%s.txt", file);
    f = fopen(path, "r");
    cr_assert_not_null(f, "%s", path);
    r->text = malloc(1 << 20);
    r->len = fread(r->text, 1, 1 << 20, f);
    fclose(f);
}

static void find(struct reading *r, const char *host, const char *share) {
    const struct debugdata_share wanted = {.hosts = {host, "", NULL}, .share = share};
    size_t all = debugdata_parse(r->text, r->len, r->all, 64);

    r->count = debugdata_select(r->all, all, &wanted, r->ours, MAX);
}

static struct kernel_facts facts_of(const struct reading *r) {
    return (struct kernel_facts){.server = "nas", .holders = r->ours, .holders_len = r->count};
}

/* A reading of file, judged at now_ms; the carry words go on. */
static uint32_t judge_file(const char *file, const char *share, uint64_t now_ms) {
    struct reading r;
    struct kernel_facts facts;

    load(&r, file);
    find(&r, strstr(file, "6.12") ? "NAS.local" : "10.9.0.2", share);
    facts = facts_of(&r);
    report.verdict = 0;
    kernel_judge(&facts, now_ms, &report);
    free(r.text);
    cr_assert(report.evidence[0] && !strchr(report.evidence, '\n'));
    return report.verdict;
}

Test(kernel_status, healthy) {
    cr_expect_eq(judge_file("linux-6.1-healthy-one", "media", 1000), SMBM_HEALTHY);
    cr_expect_eq(judge_file("linux-6.1-healthy-one", "MEDIA", 1000), SMBM_HEALTHY);
    cr_expect_eq(judge_file("linux-6.1-healthy-three", "photos two", 1000), SMBM_HEALTHY);
    cr_expect_eq(judge_file("linux-6.1-healthy-three", "media/sub", 1000), SMBM_HEALTHY);
    cr_expect_eq(judge_file("linux-6.1-back", "media", 1000), SMBM_HEALTHY);
}

Test(kernel_status, not_listed_is_blind) {
    cr_expect_eq(judge_file("linux-6.1-none", "media", 1000), SMBM_BLIND);
    cr_expect_eq(judge_file("linux-6.1-healthy-three", "photos", 1000), SMBM_BLIND);
    cr_expect_eq(judge_file("linux-6.1-healthy-three", "edia", 1000), SMBM_BLIND);
    cr_expect_eq(judge_file("linux-6.1-healthy-three", "", 1000), SMBM_BLIND);
    cr_expect_eq(judge_file("linux-6.1-healthy-three", "IPC$", 1000), SMBM_BLIND);
}

Test(kernel_status, lost_connection_is_dead_at_once) {
    cr_expect_eq(judge_file("linux-6.1-kill", "media", 1000), SMBM_DEAD);
    cr_expect(strstr(report.evidence, "the kernel tries to make a new one"), "%s", report.evidence);
    cr_expect_eq(judge_file("linux-6.1-mute-11s", "photos two", 1000), SMBM_DEAD);
    cr_expect_eq(judge_file("linux-6.1-mute-3s", "media", 1000), SMBM_HEALTHY);
}

Test(kernel_status, refused_login_is_denied_after_a_second) {
    cr_expect_eq(judge_file("linux-6.1-password-refused", "media", 5000), SMBM_SUSPECT);
    cr_expect_eq(judge_file("linux-6.1-password-refused", "media", 5999), SMBM_SUSPECT);
    cr_expect_eq(judge_file("linux-6.1-password-login-in-progress", "media", 6000), SMBM_SUSPECT);
    cr_expect_eq(judge_file("linux-6.1-password-refused", "media", 6500), SMBM_DENIED);
    /* A login that worked wipes the slate. */
    cr_expect_eq(judge_file("linux-6.1-healthy-one", "media", 7000), SMBM_HEALTHY);
    cr_expect_eq(judge_file("linux-6.1-password-refused", "media", 9000), SMBM_SUSPECT);
}

Test(kernel_status, password_text_of_6_12) {
    cr_expect_eq(judge_file("linux-6.12-password-refused", "media", 5000), SMBM_SUSPECT);
    cr_expect_eq(judge_file("linux-6.12-password-refused", "media", 6000), SMBM_DENIED);
    cr_expect(strstr(report.evidence, "password no longer valid"), "%s", report.evidence);
}

/* An old mount that is still held, and a new one of the same share. */
Test(kernel_status, one_of_two_broken_is_never_dead) {
    const struct debugdata_holder holders[] = {
        {.tcp_status = 3, .session_status = 3, .need_reconnect = true},
        {.tcp_status = 1, .session_status = 1}};
    const struct kernel_facts facts = {.server = "nas", .holders = holders, .holders_len = 2};

    kernel_judge(&facts, 1000, &report);
    cr_expect_eq(report.verdict, SMBM_SUSPECT);
    kernel_judge(&facts, 10999, &report);
    cr_expect_eq(report.verdict, SMBM_SUSPECT);
    kernel_judge(&facts, 11000, &report);
    cr_expect_eq(report.verdict, SMBM_BLIND);
}

static const struct debugdata_holder good = {.tcp_status = 1, .session_status = 1};

static uint32_t judge_sockets(const struct diag_socket *sockets, size_t len, uint64_t now_ms) {
    const struct kernel_facts facts = {.server = "nas",
                                       .holders = &good,
                                       .holders_len = 1,
                                       .sockets = sockets,
                                       .sockets_len = len};

    report.flags = 0;
    kernel_judge(&facts, now_ms, &report);
    return report.verdict;
}

Test(kernel_status, silence) {
    const struct diag_socket silent = {
        .state = 1, .unacked = 1, .retransmits = 2, .backoff = 2, .last_data_recv_ms = 2700};
    const struct diag_socket fine = {.state = 1, .last_data_recv_ms = 1999};
    const struct diag_socket idle = {.state = 1, .retransmits = 3, .last_data_recv_ms = 4000};
    const struct diag_socket both[] = {silent, fine};
    const struct diag_socket all[] = {silent, silent};

    cr_expect_eq(judge_sockets(&fine, 1, 1000), SMBM_HEALTHY);
    cr_expect_eq(report.flags, SMBM_REPORT_ALIVE);
    cr_expect_eq(judge_sockets(&idle, 1, 1000), SMBM_HEALTHY);
    cr_expect_eq(report.flags, SMBM_REPORT_ALIVE);
    cr_expect_eq(judge_sockets(&silent, 1, 1000), SMBM_SUSPECT);
    cr_expect_eq(judge_sockets(&silent, 1, 1799), SMBM_SUSPECT);
    cr_expect_eq(judge_sockets(&silent, 1, 1800), SMBM_DEAD);
    cr_expect_eq(judge_sockets(&fine, 1, 3000), SMBM_HEALTHY);
    cr_expect_eq(judge_sockets(both, 2, 4000), SMBM_SUSPECT);
    cr_expect_eq(judge_sockets(both, 2, 9000), SMBM_SUSPECT);
    cr_expect_eq(judge_sockets(both, 2, 14000), SMBM_BLIND);
    cr_expect_eq(judge_sockets(all, 2, 14100), SMBM_DEAD);
}

#define ALIVE SMBM_REPORT_ALIVE
#define DATA SMBM_REPORT_PROGRESS

/* Two connections; the words of one reading are carried to the next. */
Test(kernel_status, signs_of_life) {
    static const struct row {
        uint64_t now_ms, bytes[2];
        uint32_t silent_ms[2], flags;
    } rows[] = {
        {100000, {5000, 9000}, {100, 2000}, ALIVE},   /* no reading to compare with */
        {102000, {5250, 9250}, {100, 100}, ALIVE},    /* echoes */
        {104000, {5250, 9250}, {2100, 2100}, ALIVE},  /* nothing */
        {106000, {5250, 70000}, {4100, 100}, DATA},   /* one of them works */
        {118000, {5500, 70250}, {100, 100}, DATA},    /* a moment ago */
        {118100, {5500, 70250}, {200, 200}, ALIVE},   /* not any more */
        {120000, {5500, 90000}, {12001, 10}, 0},      /* one is silent: it may be ours */
        {122000, {5500, 90000}, {12000, 2010}, DATA}, /* within two echoes and the slack */
        {124000, {100, 300}, {10, 10}, DATA},         /* others, the old ones have gone */
        {150000, {100, 300}, {10, 10}, ALIVE},        /* a long while without a reading */
        {190000, {1100, 1300}, {10, 10}, ALIVE},      /* so many echoes fit into it */
    };
    struct diag_socket sockets[2] = {{.state = 1}, {.state = 1}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int k = 0; k < 2; k++) {
            sockets[k].bytes = rows[i].bytes[k];
            sockets[k].last_data_recv_ms = rows[i].silent_ms[k];
        }
        cr_expect_eq(judge_sockets(sockets, 2, rows[i].now_ms), SMBM_HEALTHY);
        cr_expect_eq(report.flags, rows[i].flags, "row %zu: %u, %s", i, report.flags,
                     report.evidence);
    }
}

/* The kernel waits for an answer, and will give the connection up by itself. */
Test(kernel_status, an_unanswered_request_is_told) {
    struct diag_socket one = {.state = 1,
                              .ownerless = true,
                              .received = 4000,
                              .last_data_recv_ms = 7000,
                              .last_data_sent_ms = 400};

    cr_expect_eq(judge_sockets(&one, 1, 1000), SMBM_HEALTHY);
    cr_expect_eq(report.flags, ALIVE | SMBM_REPORT_UNANSWERED);
    one.last_data_recv_ms = 20000;
    cr_expect_eq(judge_sockets(&one, 1, 1000), SMBM_HEALTHY);
    cr_expect_eq(report.flags, SMBM_REPORT_UNANSWERED);
    one.last_data_recv_ms = 300;
    cr_expect_eq(judge_sockets(&one, 1, 1000), SMBM_HEALTHY);
    cr_expect_eq(report.flags, ALIVE);
}

/* An echo every minute, as the kernel does without being told otherwise. */
Test(kernel_status, a_slow_echo_is_no_silence) {
    const struct diag_socket one = {.state = 1, .last_data_recv_ms = 110000};
    struct kernel_facts facts = {.server = "nas",
                                 .holders = &good,
                                 .holders_len = 1,
                                 .sockets = &one,
                                 .sockets_len = 1,
                                 .echo_interval_ms = 60000};

    kernel_judge(&facts, 1000, &report);
    cr_expect_eq(report.flags, ALIVE);
    facts.echo_interval_ms = 5000;
    report.flags = 0;
    kernel_judge(&facts, 1000, &report);
    cr_expect_eq(report.flags, 0);
    cr_expect(strstr(report.evidence, "said nothing for 110 s"), "%s", report.evidence);
}

/* Cut anywhere, or with any byte changed, the text gives some answer and no crash; run under ASan.
 */
Test(kernel_status, hostile_text) {
    struct reading r, copy;
    unsigned seed = 1;

    load(&r, "linux-6.1-healthy-three");
    for (size_t i = 0; i < r.len; i++) {
        copy.len = r.len - i;
        copy.text = malloc(copy.len);
        memcpy(copy.text, r.text, copy.len);
        seed = seed * 1103515245u + 12345u;
        copy.text[seed / 65536 % copy.len] = "\n\t\0\\1) :"[i % 8];
        find(&copy, "10.9.0.2", "media");
        struct kernel_facts facts = facts_of(&copy);
        kernel_judge(&facts, 1000, &report);
        cr_assert_neq(report.verdict, SMBM_UNKNOWN);
        free(copy.text);
    }
    free(r.text);
}

Test(kernel_status, more_shares_than_room) {
    struct reading r;
    struct debugdata_holder one[1];

    load(&r, "linux-6.1-healthy-three");
    cr_expect_eq(debugdata_parse(r.text, r.len, one, 1), 1);
    free(r.text);
}
