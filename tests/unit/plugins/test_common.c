/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* plugins/common: the errno table, mount table lines, addresses, socket counters. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/errno_verdict.h"
#include "common/inet_diag.h"
#include "common/mountinfo.h"
#include "common/numeric.h"

Test(errno_table, verdicts) {
    static const struct {
        int error;
        uint64_t ms;
        uint32_t smb, other;
    } rows[] = {
        {EPERM, 1, SMBM_BLIND, SMBM_BLIND},         {EACCES, 1, SMBM_BLIND, SMBM_BLIND},
        {ENOENT, 1, SMBM_GONE, SMBM_DEAD},          {EREMCHG, 1, SMBM_GONE, SMBM_DEAD},
        {ENOTCONN, 0, SMBM_DEAD, SMBM_DEAD},        {ECONNABORTED, 0, SMBM_DEAD, SMBM_DEAD},
        {ESTALE, 0, SMBM_DEAD, SMBM_DEAD},          {EIO, 0, SMBM_DEAD, SMBM_DEAD},
        {ENXIO, 0, SMBM_DEAD, SMBM_DEAD},           {EHOSTDOWN, 40, SMBM_SUSPECT, SMBM_DEAD},
        {EHOSTDOWN, 5000, SMBM_SUSPECT, SMBM_DEAD}, {EHOSTDOWN, 10100, SMBM_DEAD, SMBM_DEAD},
        {ETIMEDOUT, 1, SMBM_SUSPECT, SMBM_SUSPECT}, {EAGAIN, 1, SMBM_SUSPECT, SMBM_SUSPECT},
        {ENOMEM, 1, SMBM_SUSPECT, SMBM_SUSPECT},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct smbm_report r = {.size = sizeof r};
        errno_report(&r, "statx", rows[i].error, rows[i].ms * 1000, true);
        cr_expect_eq(r.verdict, rows[i].smb, "%s: %s", strerror(rows[i].error), r.evidence);
        cr_expect_eq(r.os_errno, rows[i].error);
        errno_report(&r, "statx", rows[i].error, rows[i].ms * 1000, false);
        cr_expect_eq(r.verdict, rows[i].other, "%s: %s", strerror(rows[i].error), r.evidence);
    }
}

Test(errno_report, a_share_that_the_kernel_gave_up_is_dead_at_the_third_look) {
    struct smbm_report r = {.size = sizeof r};
    const uint32_t want[] = {SMBM_SUSPECT, SMBM_SUSPECT, SMBM_DEAD, SMBM_DEAD};

    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        errno_report(&r, "statfs", EAGAIN, 100, true);
        cr_expect_eq(r.verdict, want[i], "look %zu: %s", i, r.evidence);
    }
    cr_expect(strstr(r.evidence, "let go of the share"));
    errno_report(&r, "statfs", EACCES, 100, true);
    errno_report(&r, "statfs", EAGAIN, 100, true);
    cr_expect_eq(r.verdict, SMBM_SUSPECT, "counted in a row only");
    for (int i = 0; i < 5; i++) {
        errno_report(&r, "statfs", EAGAIN, 4900000, true);
        cr_expect_eq(r.verdict, SMBM_SUSPECT, "what was under way when the connection broke");
        errno_report(&r, "statfs", EAGAIN, 100, false);
        cr_expect_eq(r.verdict, SMBM_SUSPECT, "not the SMB client");
    }
}

static const char table[] =
    "24 1 0:20 / / rw shared:1 master:2 - ext4 /dev/vda1 rw\n"
    "45 24 0:25 / /mnt/a\\040b rw,relatime shared:9 - cifs //10.9.0.2/photos\\040two rw\n"
    "46 24 0:26 / /mnt/media rw - cifs //NAS/media rw\n"
    "47 46 0:27 / /mnt/media rw - tmpfs none rw\n"
    "nonsense\n"
    "48 46 0:28 / /mnt/media rw shared:3\n"
    "x 46 0:28 / /mnt/media rw - cifs //nas/media rw\n"
    "50 24 0:29 / /mnt/cut rw - cifs //nas/cut rw";

Test(mountinfo, topmost_and_decoded) {
    struct mountinfo_entry e;

    cr_assert(mountinfo_top(table, sizeof table - 1, "/mnt/a b", &e));
    cr_expect_eq(e.id, 45);
    cr_expect_eq(e.device, 25);
    cr_expect_str_eq(e.fstype, "cifs");
    cr_expect_str_eq(e.source, "//10.9.0.2/photos two");
    cr_assert(mountinfo_top(table, sizeof table - 1, "/mnt/media", &e));
    cr_expect_eq(e.id, 47);
    cr_expect_str_eq(e.fstype, "tmpfs");
    cr_assert(mountinfo_top(table, sizeof table - 1, "/mnt/cut", &e));
    cr_expect_not(mountinfo_top(table, sizeof table - 1, "/mnt", &e));
    cr_expect_not(mountinfo_top(table, sizeof table - 1, "/mnt/a", &e));
    cr_expect_not(mountinfo_top("", 0, "/", &e));
}

Test(mountinfo, cut_anywhere) {
    for (size_t i = 0; i < sizeof table; i++) {
        struct mountinfo_entry e;
        char *copy = malloc(i + 1);
        memcpy(copy, table, i);
        mountinfo_top(copy, i, "/mnt/media", &e);
        mountinfo_top(copy, i, "/mnt/a b", &e);
        free(copy);
    }
}

Test(mountinfo, overlong_source_is_skipped) {
    struct mountinfo_entry e;
    char *line = malloc(20000);
    int head = sprintf(line, "5 1 0:3 / /mnt/x rw - cifs ");

    memset(line + head, 'a', 10000);
    strcpy(line + head + 10000, " rw\n");
    cr_expect_not(mountinfo_top(line, strlen(line), "/mnt/x", &e));
    free(line);
}

Test(mountinfo, the_kernels_own) {
    static char text[1 << 20];
    struct mountinfo_entry e, top;
    char path[4096];
    FILE *file = fopen("/proc/self/mountinfo", "r");

    cr_assert_not_null(file);
    size_t len = fread(text, 1, sizeof text, file);
    rewind(file);
    while (fscanf(file, "%*u %*u %*s %*s %4095s%*[^\n]", path) == 1) {
        if (!strchr(path, '\\')) {
            cr_assert_eq(mountinfo_find(path, &e), 1, "%s", path);
            cr_assert(mountinfo_top(text, len, path, &top));
            cr_expect(e.id == top.id && e.device == top.device, "%s", path);
            cr_expect_str_eq(e.source, top.source);
        }
    }
    fclose(file);
    cr_assert_eq(mountinfo_find("/proc", &e), 1);
    cr_expect_str_eq(e.fstype, "proc");
    cr_expect_eq(mountinfo_find("/no such mount", &e), 0);
}

Test(mountinfo, same_source) {
    cr_expect(mountinfo_same_source("cifs", "//NAS/media", "//nas/media"));
    cr_expect_not(mountinfo_same_source("cifs", "//nas/media", "//nas/media2"));
    cr_expect_not(mountinfo_same_source("cifs", "//nas/media", "//nas2/media"));
    cr_expect_not(mountinfo_same_source("tmpfs", "//NAS/media", "//nas/media"));
}

Test(numeric, spellings) {
    struct numeric a, b;

    cr_assert(numeric_parse("::ffff:10.9.0.2", &a) && numeric_parse("10.9.0.2", &b));
    cr_expect(numeric_equal(&a, &b));
    cr_assert(numeric_parse("fe80::1%eth0", &a) && numeric_parse("fe80:0::1", &b));
    cr_expect(numeric_equal(&a, &b));
    cr_expect_not(numeric_parse("nas.local", &a));
    cr_expect_not(numeric_parse("", &a));
    cr_expect_not(
        numeric_parse("1.2.3.4.5.6.7.8.9.0.1.2.3.4.5.6.7.8.9.0.1.2.3.4.5.6.7.8.9.0.1", &a));
}

/* A connection to ourselves is found, by its port alone, in the family that it has. */
static void find_own(const char *address, const struct sockaddr *a, socklen_t len) {
    int server = socket(a->sa_family, SOCK_STREAM, 0),
        client = socket(a->sa_family, SOCK_STREAM, 0);
    struct sockaddr_storage bound;
    struct diag_socket sockets[8];
    struct numeric numeric;
    size_t count;
    socklen_t size = sizeof bound;

    cr_assert(numeric_parse(address, &numeric));
    if (bind(server, a, len)) {
        cr_skip("no %s here", address);
    }
    cr_assert_eq(listen(server, 1), 0);
    getsockname(server, (struct sockaddr *)&bound, &size);
    cr_assert_eq(connect(client, (struct sockaddr *)&bound, size), 0);
    uint16_t port = ntohs(a->sa_family == AF_INET ? ((struct sockaddr_in *)&bound)->sin_port
                                                  : ((struct sockaddr_in6 *)&bound)->sin6_port);
    cr_assert_eq(inet_diag_read(&numeric, port, sockets, 8, &count), 0);
    cr_assert_eq(count, 1);
    cr_expect_eq(sockets[0].state, 1);
    cr_expect_not(inet_diag_stalled(&sockets[0]));
    cr_assert_eq(inet_diag_read(&numeric, (uint16_t)(port ^ 1), sockets, 8, &count), 0);
    cr_expect_eq(count, 0);
    close(client);
    close(server);
}

Test(inet_diag, ipv4) {
    const struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    find_own("127.0.0.1", (const struct sockaddr *)&a, sizeof a);
}

Test(inet_diag, ipv6) {
    const struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};

    find_own("::1", (const struct sockaddr *)&a, sizeof a);
}
