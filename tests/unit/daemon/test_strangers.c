/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The table need not be read for mounts that are none of ours, and is for all others. */
#include "daemon/strangers.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "os/arrivals.h"
#include "rig.h"

static struct {
    struct os_arrival told[300];
    size_t len, at;
    unsigned asked;
} script;

size_t os_arrivals_read(int fd, struct os_arrival *arrivals, size_t max) {
    size_t n = 0;
    cr_assert_eq(fd, 7);
    while (n < max && script.at < script.len)
        arrivals[n++] = script.told[script.at++];
    return n;
}

/* 1 and 2: where ours are; 3: it is gone; others: elsewhere. */
int os_mountpoint_of(uint64_t id, char *path, size_t size) {
    script.asked++;
    if (id == 3)
        return -ENOENT;
    snprintf(path, size, "%s", id == 1 ? "/mnt/a" : id == 2 ? "/mnt/b" : "/mnt/a/below");
    return 0;
}

static void tells(enum os_arrival_kind kind, uint64_t id) {
    if (script.at == script.len)
        script.at = script.len = 0;
    script.told[script.len++] = (struct os_arrival){.kind = kind, .id = id};
}

static bool alone(void) {
    return strangers_alone(&d, 7);
}

static void set_up(void) {
    rig_start(2, "");
}

TestSuite(strangers, .init = set_up, .fini = rig_finish);

Test(strangers, one_comes_and_goes) {
    cr_assert(alone(), "nothing was told");
    tells(OS_MOUNT_CAME, 10);
    cr_assert(alone());
    tells(OS_MOUNT_WENT, 10);
    cr_assert(alone());
    tells(OS_MOUNT_WENT, 10);
    cr_assert_not(alone(), "it is not known any more");
}

Test(strangers, ours_are_none) {
    tells(OS_MOUNT_CAME, 1);
    cr_assert_not(alone());
    tells(OS_MOUNT_CAME, 2);
    cr_assert_not(alone());
    tells(OS_MOUNT_WENT, 2);
    cr_assert_not(alone(), "it was there before");
}

Test(strangers, what_cannot_be_told_may_be_ours) {
    tells(OS_MOUNT_CAME, 3);
    cr_assert_not(alone());
    tells(OS_MOUNT_UNSURE, 0);
    cr_assert_not(alone());
}

Test(strangers, one_of_ours_among_them_is_seen_and_all_is_read) {
    for (uint64_t id = 100; id < 250; id++)
        tells(id == 160 ? OS_MOUNT_WENT : OS_MOUNT_CAME, id);
    cr_assert_not(alone());
    cr_assert_eq(script.at, script.len);
    cr_assert_eq(script.asked, 60, "no more is asked after it");
}

Test(strangers, of_more_than_can_be_kept_nothing_is_known) {
    for (uint64_t id = 100; id < 100 + STRANGERS_MAX; id++)
        tells(OS_MOUNT_CAME, id);
    cr_assert(alone());
    tells(OS_MOUNT_CAME, 100 + STRANGERS_MAX);
    cr_assert_not(alone());
    tells(OS_MOUNT_WENT, 100 + STRANGERS_MAX);
    cr_assert_not(alone());
    for (uint64_t id = 100; id < 100 + STRANGERS_MAX; id++)
        tells(OS_MOUNT_WENT, id);
    cr_assert(alone());
    cr_assert_eq(d.strangers.len, 0);
}

Test(strangers, a_mount_of_ours_that_is_elsewhere_now_may_be_one_of_them) {
    tells(OS_MOUNT_CAME, 10);
    cr_assert(alone());
    struct config config =
        rig_config("", "- {name: a, server: nas, share: a, mountpoint: /mnt/a/below}\n");
    supervisor_redefine(rig_mount(0), &config.mounts[0]);
    config_finish(&config);
    cr_assert_str_eq(rig_mount(0)->mountpoint, "/mnt/a/below");
    tells(OS_MOUNT_WENT, 10);
    cr_assert_not(alone());
}
