/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "built.h"

static const char *const base = MEDIA ", username: u}\n";

static void becomes(const char *other, enum config_change expected) {
    struct built a = build_good(base), b = build_good(other);
    enum config_change change = config_compare(&a.config.mounts[0], &b.config.mounts[0]);
    cr_expect_eq(change, expected, "%s: %d", other, (int)change);
    cr_expect_eq(config_compare(&b.config.mounts[0], &a.config.mounts[0]), expected);
    drop(&a);
    drop(&b);
}

Test(config_compare, what_needs_a_new_mount) {
    becomes(MEDIA ", username: u}\n", CONFIG_SAME);
    becomes("# moved\n\n" MEDIA ", username: u, probe_interval_sec: 60}\n", CONFIG_SAME);
    becomes(MEDIA ", username: u, mount_options: [soft]}\n", CONFIG_SAME);
    becomes(MEDIA ", username: u, probe_interval_sec: 61}\n", CONFIG_PROBES_CHANGED);
    becomes(MEDIA ", username: u, probes: [device-id]}\n", CONFIG_PROBES_CHANGED);
    becomes(MEDIA ", username: u, recover_backoff_sec: 7}\n", CONFIG_PROBES_CHANGED);
    becomes(MEDIA ", username: u, idle_unmount_min: 5}\n", CONFIG_PROBES_CHANGED);
    becomes(MEDIA ", username: u, mount_at_startup: false}\n", CONFIG_PROBES_CHANGED);
    becomes(MEDIA ", username: v}\n", CONFIG_MOUNT_CHANGED);
    becomes(MEDIA ", username: u, domain: D}\n", CONFIG_MOUNT_CHANGED);
    becomes(MEDIA ", username: u, local_user: floof}\n", CONFIG_MOUNT_CHANGED);
    becomes(MEDIA ", username: u, mount_options: [soft, seal]}\n", CONFIG_MOUNT_CHANGED);
    becomes(MEDIA ", username: u, mount_options: [soft, port=446]}\n", CONFIG_MOUNT_CHANGED);
    becomes(MEDIA ", username: u, credential: {file: /x}}\n", CONFIG_MOUNT_CHANGED);
    becomes(MEDIA ", username: u, credential: {command: [/x]}}\n", CONFIG_MOUNT_CHANGED);
    becomes("mounts:\n- {name: media, server: nas2, share: media, mountpoint: /mnt/media,"
            " username: u}\n",
            CONFIG_MOUNT_CHANGED);
    becomes("mounts:\n- {name: media, mounter: command, mountpoint: /mnt/media, fstype: cifs,"
            " mount_command: [/a], unmount_command: [/b]}\n",
            CONFIG_MOUNT_CHANGED);
}

Test(config_compare, a_copy_outlives_its_configuration) {
    struct built b = build_good(MEDIA ", credential: {command: [/x, y]}}\n");
    struct config_mount copy;
    cr_assert_eq(config_mount_copy(&copy, &b.config.mounts[0]), 0);
    cr_assert_eq(config_compare(&copy, &b.config.mounts[0]), CONFIG_SAME);
    drop(&b);
    cr_assert_str_eq(copy.source, "//nas/media");
    cr_assert_str_eq(copy.credential_command.items[1], "y");
    cr_assert_str_eq(copy.probes->items[0].name, "device-id");
    config_mount_finish(&copy);
}
