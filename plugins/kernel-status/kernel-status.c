/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Probe: what the kernel's own SMB client says of the mount, without touching the share. Never
 * blocks, sends no packet, and sees a dead connection within 2 or 3 seconds.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/report.h"
#include "judge.h"

#define DEBUGDATA_PATH "/proc/fs/cifs/DebugData"
/* One reading for all mounts that are asked within this; none from before a connection was cut for
 * the first look after that (await-server: 300 ms). */
#define FRESH_US 250000
#define NEWER_US 20000     /* for one that it lacks: perhaps it was mounted since */
#define REST_FACTOR 10u    /* and no reading for so often what the last one took, whoever asks */
#define READING_US 1000000 /* of DebugData, at most */
#define READING_MAX (32u << 20) /* bytes: some 28,000 connections */
#define HOLDERS_MAX 16384       /* shares in one reading */
#define HOLDERS_OF_SHARE_MAX 64
#define SOCKETS_MAX 256

/* The last reading of DebugData. */
static struct {
    uint64_t at_us; /* 0: never */
    uint64_t took_us;
    int error;
    char *text;
    size_t len, room;
    struct debugdata_holder holders[HOLDERS_MAX];
    size_t holders_len;
} cache;

/* The last reading of the sockets to one server. */
static struct {
    uint64_t at_us;
    struct numeric address;
    uint16_t port;
    int error;
    struct diag_socket sockets[SOCKETS_MAX];
    size_t len;
} diag;

static int make_room(void) {
    size_t room = cache.room ? cache.room * 2 : 65536;
    char *text = room <= READING_MAX ? realloc(cache.text, room) : NULL;

    if (!text) {
        return room <= READING_MAX ? -ENOMEM : -EFBIG;
    }
    cache.text = text;
    cache.room = room;
    return 0;
}

static int read_text(int fd, uint64_t until_us) {
    cache.len = 0;
    for (;;) {
        if (cache.len == cache.room) {
            int rc = make_room();
            if (rc) {
                return rc;
            }
        }
        ssize_t n = read(fd, cache.text + cache.len, cache.room - cache.len);
        if (n <= 0) {
            return n < 0 ? -errno : 0;
        }
        cache.len += (size_t)n;
        if (monotonic_us() > until_us) {
            return -ETIMEDOUT;
        }
    }
}

static void refresh(uint64_t now_us, uint64_t fresh_us) {
    uint64_t rest_us = REST_FACTOR * cache.took_us;
    int fd;

    if (cache.at_us && now_us - cache.at_us < (rest_us > fresh_us ? rest_us : fresh_us)) {
        return;
    }
    cache.at_us = now_us;
    cache.holders_len = 0;
    fd = open(DEBUGDATA_PATH, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        cache.error = errno;
        return;
    }
    cache.error = -read_text(fd, now_us + READING_US);
    cache.took_us = monotonic_us() - now_us;
    close(fd);
    if (cache.error == 0) {
        cache.holders_len = debugdata_parse(cache.text, cache.len, cache.holders, HOLDERS_MAX);
    }
}

static void refresh_sockets(uint64_t now_us, const char *address, uint16_t port) {
    struct numeric numeric;

    if (!numeric_parse(address, &numeric)) {
        diag.at_us = 0;
        diag.len = 0;
    } else if (!diag.at_us || now_us - diag.at_us >= FRESH_US || diag.port != port ||
               !numeric_equal(&diag.address, &numeric)) {
        diag.at_us = now_us;
        diag.address = numeric;
        diag.port = port;
        diag.error = inet_diag_read(&numeric, port, diag.sockets, SOCKETS_MAX, &diag.len);
        diag.len = diag.error ? 0 : diag.len;
    }
}

/* The host of "//host/share". */
static const char *source_host(const char *source, char *host, size_t size) {
    size_t len = strncmp(source, "//", 2) ? 0 : strcspn(source + 2, "/");

    if (len >= size) {
        len = 0;
    }
    memcpy(host, source + 2 * (len > 0), len);
    host[len] = '\0';
    return host;
}

static size_t find_holders(const struct smbm_mount *mount, struct debugdata_holder *found) {
    char host[256];
    const struct debugdata_share share = {
        .hosts = {source_host(mount->source, host, sizeof host), mount->server, mount->address},
        .share = mount->share};

    return debugdata_select(cache.holders, cache.holders_len, &share, found, HOLDERS_OF_SHARE_MAX);
}

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    struct debugdata_holder found[HOLDERS_OF_SHARE_MAX];
    struct kernel_facts facts = {
        .server = mount->server, .holders = found, .echo_interval_ms = mount->echo_interval_ms};
    const char *address = mount->address;
    uint64_t now_us = monotonic_us();

    (void)instance;
    refresh(now_us, FRESH_US);
    facts.holders_len = find_holders(mount, found);
    if (facts.holders_len == 0 && !cache.error) {
        refresh(now_us, NEWER_US);
        facts.holders_len = find_holders(mount, found);
    }
    if (cache.error) {
        report->os_errno = cache.error;
        report_set(report, SMBM_BLIND, DEBUGDATA_PATH " cannot be read: %s", strerror(cache.error));
        return;
    }
    if (!address[0] && facts.holders_len > 0) {
        address = found[0].address;
    }
    refresh_sockets(now_us, address, (uint16_t)(mount->port ? mount->port : 445));
    facts.sockets = diag.sockets;
    facts.sockets_len = diag.len;
    kernel_judge(&facts, call->now_ms, report);
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "kernel-status",
                      .summary = "what the kernel's SMB client says, without touching the share",
                      .version = "1"},
           .subject = SMBM_ON_MOUNT, .flags = SMBM_PROBE_PASSIVE | SMBM_PROBE_SMB_ONLY,
           .interval_ms = 2000, .timeout_ms = 2000, .run = run);
