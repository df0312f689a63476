/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Probe: does statfs answer, and with the type of file system that we mounted? */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/statfs.h>

#include "common/errno_verdict.h"
#include "common/report.h"

struct magic {
    const char *fstype;
    uint32_t numbers[2];
};

static const struct magic magics[] = {
    {"cifs", {0xff534d42u, 0xfe534d42u}},
    {"smb3", {0xff534d42u, 0xfe534d42u}},
    {"fuse", {0x65735546u, 0x65735546u}},
    {"fuseblk", {0x65735546u, 0x65735546u}},
    {"nfs", {0x6969u, 0x6969u}},
    {"nfs4", {0x6969u, 0x6969u}},
    {"tmpfs", {0x01021994u, 0x01021994u}},
    {"ext4", {0xef53u, 0xef53u}},
    {"xfs", {0x58465342u, 0x58465342u}},
    {"btrfs", {0x9123683eu, 0x9123683eu}},
    {"overlay", {0x794c7630u, 0x794c7630u}},
};

static const struct magic *find(const char *fstype) {
    size_t len = strcspn(fstype, "."); /* "fuse.sshfs" is fuse */

    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        if (strlen(magics[i].fstype) == len && !strncmp(magics[i].fstype, fstype, len)) {
            return &magics[i];
        }
    }
    return NULL;
}

/* Is it the very file system that the mountpoint lies in, so that nothing is mounted there? */
static bool is_parents(const char *mountpoint, const struct statfs *mounted) {
    char parent[4096];
    const char *slash = strrchr(mountpoint, '/');
    size_t len = slash && slash > mountpoint ? (size_t)(slash - mountpoint) : 1;
    struct statfs s;

    if (!slash || len >= sizeof parent) {
        return false;
    }
    memcpy(parent, mountpoint, len);
    parent[len] = '\0';
    return !statfs(parent, &s) && s.f_type == mounted->f_type &&
           !memcmp(&s.f_fsid, &mounted->f_fsid, sizeof s.f_fsid);
}

static void judge(const struct smbm_mount *mount, const struct statfs *s, uint64_t took_us,
                  struct smbm_report *report) {
    const struct magic *magic = find(mount->fstype);
    uint32_t type = (uint32_t)s->f_type;
    bool wrong;

    if (magic) {
        wrong = type != magic->numbers[0] && type != magic->numbers[1];
    } else {
        wrong = is_parents(mount->mountpoint, s);
    }
    if (wrong) {
        report_set(report, SMBM_DEAD, "statfs shows type 0x%x where %.32s should be", type,
                   mount->fstype);
    } else {
        report_set(report, SMBM_HEALTHY, "statfs answered in %llu ms, type 0x%x",
                   (unsigned long long)(took_us / 1000), type);
    }
    report->took_us = took_us;
}

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    uint64_t begin = monotonic_us();
    struct statfs s;
    int rc = statfs(mount->mountpoint, &s), error = errno;
    uint64_t took_us = monotonic_us() - begin;

    (void)instance, (void)call;
    if (rc) {
        errno_report(report, "statfs", error, took_us, is_smb_fstype(mount->fstype));
    } else {
        report->carry[ERRNO_AGAIN_WORD] = 0;
        judge(mount, &s, took_us, report);
    }
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "statfs-fstype",
                      .summary = "does statfs answer with the right type of file system",
                      .version = "1"},
           .subject = SMBM_ON_MOUNT, .run = run);
