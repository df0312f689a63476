/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* smb-negotiate against servers of every kind of manners, on the loopback. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/report.h"
#include "common/smb2.h"
#include "common/smb2_held.h"
#include "fake_host.h"

/* A reply to NEGOTIATE: 3.1.1, with a security blob of 8 bytes. */
#define MESSAGE (64 + 64 + 8)
static size_t make_reply(uint8_t *b, uint32_t status, uint16_t dialect) {
    memset(b, 0, 4 + MESSAGE);
    b[3] = MESSAGE;
    memcpy(b + 4, "\xfeSMB", 4);
    b[8] = 64;
    for (int i = 0; i < 4; i++) {
        b[12 + i] = (uint8_t)(status >> (8 * i));
    }
    b[20] = 1; /* from the server */
    b[68] = status ? 9 : 65;
    b[72] = (uint8_t)dialect;
    b[73] = (uint8_t)(dialect >> 8);
    return 4 + MESSAGE;
}

enum manner {
    SILENT,
    CLOSING,
    GARBAGE,
    DRIP,
    PARTIAL,
    VALID,
    ERROR_STATUS,
    SMB1,
    HUGE_LENGTH,
    SLOW,   /* answers after 1.1 s */
    WAKING, /* answers when it is woken */
    LOSING  /* drops the connection when it is woken, and answers the next */
};

static int wake[2]; /* a pipe to the server */

static void serve(int fd, enum manner manner) {
    uint8_t reply[4 + MESSAGE], request[512];
    size_t len = make_reply(reply, manner == ERROR_STATUS ? 0xc000000d : 0, 0x0311);
    ssize_t n = recv(fd, request, sizeof request, 0);

    (void)n;
    if (manner == WAKING || manner == LOSING) {
        n = read(wake[0], request, 1);
    }
    switch (manner) {
    case SILENT:
        break;
    case CLOSING:
    case LOSING:
        return;
    case GARBAGE:
        send(fd, "SSH-2.0-OpenSSH_9.2\r\n", 21, MSG_NOSIGNAL);
        break;
    case DRIP: /* a byte every 20 ms: 2.8 s for a whole reply */
        for (size_t i = 0; i < len && send(fd, reply + i, 1, MSG_NOSIGNAL) == 1; i++) {
            usleep(20000);
        }
        break;
    case PARTIAL:
        send(fd, reply, 40, MSG_NOSIGNAL);
        break;
    case SMB1:
        reply[4] = 0xff;
        send(fd, reply, len, MSG_NOSIGNAL);
        break;
    case HUGE_LENGTH:
        reply[1] = 0xff;
        send(fd, reply, len, MSG_NOSIGNAL);
        break;
    case SLOW:
        usleep(1100000);
        __attribute__((fallthrough));
    case VALID:
    case WAKING:
    case ERROR_STATUS:
        send(fd, reply, 7, MSG_NOSIGNAL); /* in two pieces, as networks do */
        usleep(5000);
        send(fd, reply + 7, len - 7, MSG_NOSIGNAL);
        break;
    }
    pause();
}

static pid_t child;

/* At INADDR_ANY two questions are answered, else one. */
static uint32_t start_at(uint32_t address, enum manner manner) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
    socklen_t len = sizeof a;
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    cr_assert_eq(pipe(wake), 0);
    cr_assert_eq(bind(listener, (struct sockaddr *)&a, sizeof a), 0);
    cr_assert_eq(listen(listener, 4), 0);
    getsockname(listener, (struct sockaddr *)&a, &len);
    child = fork();
    cr_assert_geq(child, 0);
    setpgid(child, child);
    if (child == 0) {
        pid_t second = address == INADDR_ANY ? fork() : -1;
        alarm(20);
        (void)second;
        int fd = accept(listener, NULL, NULL);
        serve(fd, manner);
        if (manner == LOSING) {
            close(fd);
            serve(accept(listener, NULL, NULL), VALID);
        }
        _exit(0);
    }
    close(listener);
    return ntohs(a.sin_port);
}

static uint32_t start(enum manner manner) {
    return start_at(INADDR_LOOPBACK, manner);
}

static void stop(void) {
    if (child > 0) {
        kill(-child, SIGKILL);
        waitpid(child, NULL, 0);
    }
}

static uint64_t took_ms; /* of the last call of ask */

static struct smbm_report ask(const char *server, const char *address, uint32_t port,
                              const char *timeout_ms) {
    static struct fake_plugin plugin;
    const struct smbm_mount mount = {.size = sizeof mount,
                                     .name = "media",
                                     .mounter = "cifs",
                                     .server = server,
                                     .share = "media",
                                     .source = "",
                                     .fstype = "cifs",
                                     .mountpoint = "/mnt",
                                     .address = address,
                                     .port = port};
    const char *error = fake_load(&plugin, "smb-negotiate");
    struct smbm_report report;
    uint64_t begin;

    cr_assert_null(error, "%s", error);
    cr_assert_eq(fake_option(&plugin, "timeout_ms", timeout_ms), 0);
    begin = monotonic_us();
    report = fake_run(&plugin, &mount, 1000, (uint32_t)atoi(timeout_ms));
    took_ms = (monotonic_us() - begin) / 1000;
    return report;
}

static void expect(enum manner manner, uint32_t verdict, const char *words) {
    struct smbm_report r = ask("127.0.0.1", "", start(manner), "2000");

    cr_expect_eq(r.verdict, verdict, "%s: %s", fake_verdict_name(r.verdict), r.evidence);
    cr_expect(strstr(r.evidence, words), "%s", r.evidence);
    cr_expect_lt(took_ms, 2000, "took %llu ms of 2000", (unsigned long long)took_ms);
}

TestSuite(smb_negotiate, .fini = stop, .timeout = 20);

Test(smb_negotiate, valid) {
    expect(VALID, SMBM_ANSWERS, "SMB 3.1.1 in ");
}
Test(smb_negotiate, any_status_is_smb) {
    expect(ERROR_STATUS, SMBM_ANSWERS, "at 127.0.0.1");
}
Test(smb_negotiate, silent) {
    expect(SILENT, SMBM_MUTE, "said nothing");
}
Test(smb_negotiate, closing) {
    expect(CLOSING, SMBM_MUTE, "hung up");
}
Test(smb_negotiate, garbage) {
    expect(GARBAGE, SMBM_MUTE, "not SMB");
}
Test(smb_negotiate, drip) {
    expect(DRIP, SMBM_MUTE, "only part of an answer");
}
Test(smb_negotiate, partial) {
    expect(PARTIAL, SMBM_MUTE, "only part of an answer");
}
Test(smb_negotiate, smb1_only) {
    expect(SMB1, SMBM_MUTE, "not SMB 2");
}
Test(smb_negotiate, huge_length) {
    expect(HUGE_LENGTH, SMBM_MUTE, "not SMB");
}

Test(smb_negotiate, refused) {
    uint32_t port = start(SILENT);
    struct smbm_report r;

    stop();
    child = 0;
    r = ask("127.0.0.1", "", port, "2000");
    cr_expect_eq(r.verdict, SMBM_REFUSED, "%s", r.evidence);
}

Test(smb_negotiate, unreachable_says_which) {
    struct smbm_report r = ask("255.255.255.255", "", 445, "2000");

    cr_expect_eq(r.verdict, SMBM_UNREACHABLE, "%s", r.evidence);
    cr_expect(r.os_errno, "%s", r.evidence);
    r = ask("no such name", "", 445, "2000");
    cr_expect_eq(r.verdict, SMBM_UNREACHABLE, "%s", r.evidence);
    cr_expect(strstr(r.evidence, "does not resolve"), "%s", r.evidence);
}

static void mute_then(enum manner manner) {
    uint32_t port = start(manner);
    struct smbm_report r = ask("127.0.0.1", "", port, "300");

    cr_assert_eq(r.verdict, SMBM_MUTE, "%s", r.evidence);
    r = ask("127.0.0.1", "", port, "300");
    cr_assert_eq(r.verdict, SMBM_MUTE, "%s", r.evidence);
    cr_assert_eq(write(wake[1], "x", 1), 1);
    r = ask("127.0.0.1", "", port, "2000");
    cr_assert_eq(r.verdict, SMBM_ANSWERS, "%s", r.evidence);
}

/* It serves one connection only: whoever asks anew is not answered. */
Test(smb_negotiate, a_mute_server_is_asked_once) {
    mute_then(WAKING);
}
Test(smb_negotiate, a_lost_question_is_asked_anew) {
    mute_then(LOSING);
}

/* A question that was kept is taken up again while its answer, if there is one, must be news. */
static bool is_taken_up(uint64_t after_us, bool answered) {
    const struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(445)};
    const struct sockaddr *address = (const struct sockaddr *)&a;
    uint64_t since = 0;
    int ends[2], fd;

    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    smb2_held_keep(ends[0], address, sizeof a, 1000000, 3000000);
    cr_assert(!answered || write(ends[1], "x", 1) == 1);
    fd = smb2_held_take(address, sizeof a, 3000000 + after_us, &since);
    cr_assert_eq(since, 1000000);
    cr_assert_eq(smb2_held_take(address, sizeof a, 3000000, &since), -1, "once");
    close(ends[1]);
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

Test(smb_negotiate, an_answer_that_nobody_heard_is_no_news) {
    cr_expect(is_taken_up(2000000, false));
    cr_expect(is_taken_up(2000000, true));
    cr_expect(is_taken_up(20000000, false));
    cr_expect_not(is_taken_up(20000000, true));
    cr_expect_not(is_taken_up(30000000, false));
}

/* A connection of root's that has sent a request and got no answer: as the kernel's client. */
static uint32_t knock_at(enum manner manner) {
    uint32_t port = start(manner);
    const struct sockaddr_in a = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    static const char request[220];
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    cr_assert_eq(connect(fd, (const struct sockaddr *)&a, sizeof a), 0);
    cr_assert_eq(send(fd, request, sizeof request, 0), (ssize_t)sizeof request);
    return port;
}

/* It serves one connection only, so whoever asked besides was not answered. */
Test(smb_negotiate, while_the_kernel_knocks_nobody_else_does) {
    struct smbm_report r = ask("127.0.0.1", "", knock_at(SLOW), "4000");

    cr_expect_eq(r.verdict, geteuid() == 0 ? SMBM_ANSWERS : SMBM_MUTE, "%s", r.evidence);
    cr_expect(geteuid() || strcmp(r.evidence, "it answers the kernel's client at 127.0.0.1") == 0,
              "%s", r.evidence);
}

Test(smb_negotiate, the_kernel_knocks_in_vain) {
    struct smbm_report r = ask("127.0.0.1", "", knock_at(SILENT), "300");

    cr_expect_eq(r.verdict, SMBM_MUTE, "%s", r.evidence);
    cr_expect(geteuid() || strstr(r.evidence, "takes what the kernel's client sends, but has said "
                                              "nothing for "),
              "%s", r.evidence);
}

Test(smb_negotiate, changed_address_is_told) {
    struct smbm_report r = ask("127.0.0.1", "127.0.0.9", start(VALID), "2000");

    cr_expect_eq(r.verdict, SMBM_ANSWERS, "%s", r.evidence);
    cr_expect(strstr(r.evidence, "no answer any more at 127.0.0.9"), "%s", r.evidence);
    cr_expect_eq(r.flags, SMBM_REPORT_MOVED);
}

/* The kernel stays where it is, and may: nothing is to be moved. */
Test(smb_negotiate, answers_at_both_addresses) {
    struct smbm_report r = ask("127.0.0.1", "127.0.0.9", start_at(INADDR_ANY, VALID), "2000");

    cr_expect_eq(r.verdict, SMBM_ANSWERS, "%s", r.evidence);
    cr_expect(strstr(r.evidence, "still answers at 127.0.0.9"), "%s", r.evidence);
    cr_expect_eq(r.flags, 0);
}

/* Whoever is slow at one address is as slow at the other one, and must not be thought gone. */
Test(smb_negotiate, slow_at_both_addresses) {
    struct smbm_report r = ask("127.0.0.1", "127.0.0.9", start_at(INADDR_ANY, SLOW), "2000");

    cr_expect_eq(r.verdict, SMBM_ANSWERS, "%s", r.evidence);
    cr_expect(strstr(r.evidence, "no time left to ask at 127.0.0.9"), "%s", r.evidence);
    cr_expect_eq(r.flags, 0);
}

Test(smb_negotiate, known_address_when_the_name_is_lost) {
    struct smbm_report r = ask("no such name", "127.0.0.1", start(VALID), "2000");

    cr_expect_eq(r.verdict, SMBM_ANSWERS, "%s", r.evidence);
    cr_expect(strstr(r.evidence, "does not resolve"), "%s", r.evidence);
}

Test(smb2, parse_every_prefix_and_every_flip) {
    uint8_t good[4 + MESSAGE], bad[4 + MESSAGE];
    size_t len = make_reply(good, 0, 0x0302);
    struct smb2_reply reply;

    for (size_t i = 0; i < len; i++) {
        cr_expect_eq(smb2_parse(good, i, &reply), SMB2_PARTIAL, "%zu", i);
    }
    cr_expect_eq(smb2_parse(good, len, &reply), SMB2_WHOLE);
    cr_expect_str_eq(smb2_dialect_name(reply.dialect), "SMB 3.0.2");
    for (size_t i = 0; i < 8; i++) {
        memcpy(bad, good, len);
        bad[i] ^= 0x80;
        cr_expect_neq(smb2_parse(bad, len, &reply), SMB2_WHOLE, "byte %zu", i);
    }
    make_reply(bad, 0, 0x0399);
    cr_expect_eq(smb2_parse(bad, len, &reply), SMB2_NOT_SMB);
}

Test(smb2, request) {
    uint8_t out[SMB2_REQUEST_MAX], salt[SMB2_SALT_LEN] = {1}, guid[16] = {2};
    size_t len = smb2_request(out, salt, guid);

    cr_expect_eq(len, 4u + (size_t)out[2] * 256 + out[3]);
    cr_expect_eq((out[4 + 64 + 28] | out[4 + 64 + 29] << 8) % 8, 0);
    cr_expect_leq(len, SMB2_REQUEST_MAX);
}
