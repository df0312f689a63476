/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "stage.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>

#include "mount/table.h"
#include "place.h"

struct helper_request request;
struct play done;

void stage_set_up(void) {
    static char name[] = "media", at[] = AT, fstype[] = "tmpfs", source[] = "nas", up[] = "/run/up";
    static char *command[] = {up};
    place_set_up();
    mkdir("/run/m", 0755);
    mkdir("/run/lock", 0755);
    play_request(&request, HELPER_MOUNT);
    request.mount.name = name;
    request.mount.mountpoint = at;
    request.mount.fstype = fstype;
    request.mount.source = source;
    request.mount.mounter = CONFIG_COMMAND;
    request.mount.mount_command = (struct config_words){command, 1};
    strcpy(request.runtime_directory, "/run/lock");
    place_script(up, "exec mount -t tmpfs nas \"$SMBMOUNTER_MOUNTPOINT\"");
}

enum helper_class stage_do(enum helper_op op) {
    request.op = op;
    cr_assert_eq(play(&request, &done), 0);
    cr_assert_eq(done.status, 0);
    return done.result.class;
}

size_t stage_depth(void) {
    struct mount_table t;
    cr_assert_eq(mount_table_read(&t, NULL), 0);
    size_t n = mount_table_depth(&t, AT);
    mount_table_finish(&t);
    return n;
}

void stage_mount_ours(void) {
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_OK, "%s", done.result.text);
    cr_assert_eq(stage_depth(), 1);
}
