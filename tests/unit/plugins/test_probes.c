/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The probes of a mount, loaded as a host does, against mounts that every machine has. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/mountinfo.h"
#include "fake_host.h"

static struct fake_plugin plugin;
static struct mountinfo_entry entry;

/* /proc, which is mounted everywhere, as the daemon would see it. */
static struct smbm_mount proc_mount(void) {
    cr_assert_eq(mountinfo_find("/proc", &entry), 1);
    return (struct smbm_mount){.size = sizeof(struct smbm_mount),
                               .mounted = 1,
                               .name = "proc",
                               .mounter = "command",
                               .server = "",
                               .share = "",
                               .source = entry.source,
                               .fstype = "proc",
                               .mountpoint = "/proc",
                               .address = "",
                               .mount_id = entry.id,
                               .device = entry.device};
}

static struct smbm_report probe(const char *name, const struct smbm_mount *mount) {
    const char *error = fake_load(&plugin, name);

    cr_assert_null(error, "%s: %s", name, error);
    return fake_run(&plugin, mount, 1000, 5000);
}

static void expect(const char *name, const struct smbm_mount *mount, uint32_t verdict,
                   const char *words) {
    struct smbm_report r = probe(name, mount);

    cr_expect_eq(r.verdict, verdict, "%s: %s %s", name, fake_verdict_name(r.verdict), r.evidence);
    cr_expect(strstr(r.evidence, words), "%s: %s", name, r.evidence);
}

Test(device_id, ours_and_not_ours) {
    struct smbm_mount mount = proc_mount();

    expect("device-id", &mount, SMBM_HEALTHY, "in the mount table");
    mount.mount_id = mount.device = 0;
    expect("device-id", &mount, SMBM_HEALTHY, "in the mount table");
    mount.mount_id = entry.id + 1000000;
    expect("device-id", &mount, SMBM_DEAD, "another mount");
    mount.mount_id = 0;
    mount.device = entry.device ^ 1;
    expect("device-id", &mount, SMBM_DEAD, "another device");
    mount.source = "//nas/media";
    expect("device-id", &mount, SMBM_DEAD, "something else is mounted there");
    mount.source = entry.source;
    mount.fstype = "cifs";
    expect("device-id", &mount, SMBM_DEAD, "something else is mounted there");
    mount.mountpoint = "/proc/nothing-mounted-here";
    expect("device-id", &mount, SMBM_DEAD, "not in the mount table");
}

Test(statfs_fstype, right_and_wrong) {
    struct smbm_mount mount = proc_mount();

    expect("statfs-fstype", &mount, SMBM_HEALTHY, "statfs answered");
    mount.fstype = "cifs"; /* an SMB mount that is no longer on top */
    expect("statfs-fstype", &mount, SMBM_DEAD, "cifs should be");
    mount.fstype = "unheardof";
    mount.mountpoint = "/proc/self"; /* a folder in its parent's file system: nothing mounted */
    expect("statfs-fstype", &mount, SMBM_DEAD, "unheardof should be");
    mount.mountpoint = "/nowhere";
    expect("statfs-fstype", &mount, SMBM_DEAD, "No such file");
    mount.fstype = "cifs";
    expect("statfs-fstype", &mount, SMBM_GONE, "ms: the share is gone on the server");
}

Test(stat_timeout, answers) {
    struct smbm_mount mount = proc_mount();

    expect("stat-timeout", &mount, SMBM_HEALTHY, "statx answered in");
    mount.device ^= 1;
    expect("stat-timeout", &mount, SMBM_DEAD, "statx shows device");
    mount.mountpoint = "/nowhere";
    expect("stat-timeout", &mount, SMBM_DEAD, "statx failed after");
}

Test(options, ranges) {
    cr_assert_null(fake_load(&plugin, "stat-timeout"));
    cr_expect_eq(plugin.values[0].number, 5000);
    cr_expect_eq(fake_option(&plugin, "timeout_ms", "99"), -1);
    cr_expect_eq(fake_option(&plugin, "timeout_ms", "600000"), 0);
    cr_expect_eq(fake_option(&plugin, "timeout", "1000"), -1);
    cr_assert_null(fake_load(&plugin, "backoff"));
    cr_expect_eq(plugin.values[0].list_len, 5);
    cr_expect_eq(fake_option(&plugin, "schedule_sec", "[0, 86401]"), -1);
}

Test(kernel_status, without_cifs_is_blind) {
    struct smbm_mount mount = proc_mount();

    if (access("/proc/fs/cifs/DebugData", F_OK) == 0) {
        cr_skip("this kernel has cifs");
    }
    mount.server = "nas";
    mount.share = "media";
    expect("kernel-status", &mount, SMBM_BLIND, "cannot be read");
}
