# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: reload with changed, added and removed mounts, a new plugin, and a bad configuration

play() {
    local kept added name
    server_create srv
    server_create srv2
    { config_head; echo "mounts:"; mount_entry kept srv; mount_entry changed srv 'share: other'; mount_entry removed srv2; } | config
    daemon_start || return
    for name in kept changed removed; do await_state 20 $name mounted || return; done
    kept=$(mount_id /mnt/kept)
    hold_start user /mnt/kept/held # while it is open, no other mount can get the same id

    {
        config_head
        echo "mounts:"
        mount_entry kept srv 'probe_interval_sec: 7'
        mount_entry changed srv2 'share: other'
        mount_entry added srv2
    } | config
    check "reload works" smb reload
    check "what was added is mounted" await_state 20 added mounted
    check "what changed is mounted again" until_true 20 grep -q ' /mnt/changed .*//10.9.1.2/other' /proc/self/mountinfo
    await_state 20 changed mounted
    equal "what got another probe interval only was not touched" "$kept" "$(mount_id /mnt/kept)"
    check "what is gone is unmounted" until_true 20 not is_mounted /mnt/removed
    smb status removed >/dev/null 2>&1
    equal "and unknown" 5 $?

    { config_head; echo "mounts:"; mount_entry kept srv 'mountpiont: /x' 'probe_interval_sec: banana'; echo "  - name: kept"; } | config
    smb reload >/run/lab/out 2>&1
    equal "a bad configuration is refused with status 7" 7 $?
    check "its errors are named" grep -q mountpiont /run/lab/out
    check "all of them" grep -q probe_interval_sec /run/lab/out
    check "with their places" grep -qE 'smbmounter.yaml:[0-9]+:[0-9]+' /run/lab/out
    added=$(smb --json status | jq -r '[.. | objects | select(has("state")) | .state] | join(" ")')
    equal "and nothing was lost" "mounted mounted mounted" "$added"
    equal "nor remounted" "$kept" "$(mount_id /mnt/kept)"
    equal "the open file never noticed" "0 0" "$(hold_write user | cut -d' ' -f1,2)"

    cc -shared -fPIC -O2 -I/usr/local/include -o /usr/local/lib/smbmounter/plugins/fresh.so /run/lab/plugin.c ||
        say "no compiler in the guest"
    { config_head; echo "  probes: [device-id, fresh]"; echo "mounts:"; mount_entry kept srv; } | config
    check "a new plugin is picked up by reload" smb reload
    check "it is listed" grep -q fresh <(smb plugins)
    check "it is asked" grep -q 'fresh.*says hello' <(smb probe kept)
    equal "and the mount was not touched" "$kept" "$(mount_id /mnt/kept)"

    printf 'this is no shared object' >/usr/local/lib/smbmounter/plugins/broken.so
    check "a broken plugin does not stop a reload" smb reload
    check "it is listed with its reason" grep -q broken <(smb plugins)
    hold_end user >/dev/null
    rm /usr/local/lib/smbmounter/plugins/{fresh,broken}.so
    daemon_stop
}

# The plugin of the README, written outside of the tree.
cat >/run/lab/plugin.c <<'X'
#include <smbmounter/plugin.h>
#include <stdio.h>

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    (void)instance;
    (void)call;
    report->verdict = SMBM_HEALTHY;
    snprintf(report->evidence, sizeof report->evidence, "%s says hello", mount->name);
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "fresh", .summary = "says hello",
                      .version = "1"},
           .run = run);
X
