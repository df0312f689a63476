# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: mount, status, probe, unmount, remount

play() {
    server_create srv
    { config_head; echo "mounts:"; mount_entry media srv; mount_entry spare srv 'share: other' 'mount_at_startup: false'; } | config
    check "the configuration is accepted" smbmounter check-config "$daemon_config"
    local began
    began=$(now_ms)
    daemon_start || return
    await_state 20 media mounted || return
    say "mounted $(seconds $(($(now_ms) - began))) after the daemon's start"
    equal "the kernel mounted it" cifs "$(mount_type /mnt/media)"
    equal "its file is read" "hello from srv" "$(cat /mnt/media/file)"
    check "nosuid and nodev are set" grep -qE ' /mnt/media [^ ]*nosuid,nodev|/mnt/media [^ ]*nodev,nosuid' /proc/self/mountinfo
    equal "the source is the configured one" //10.9.0.2/media "$(status_of media source)"
    check "it is found healthy" until_true 15 health_is media healthy
    equal "what shall not be mounted at the start is not" unmounted "$(status_of spare state)"
    check "plain status prints both" grep -q spare <(smb status)

    local probes
    probes=$(smb --json probe media | jq -r '.. | objects | select(has("verdict")) | "\(.probe) \(.verdict)"')
    say "probe: $(paste -sd, <<<"$probes")"
    for probe in device-id statfs-fstype stat-timeout kernel-status; do
        check "probe $probe says healthy" grep -qx "$probe healthy" <<<"$probes"
    done
    check "probe smb-negotiate says that the server answers" grep -qx "smb-negotiate answers" <<<"$probes"

    while smb probe media >/dev/null; do :; done & # so that a reading of a moment ago is at hand
    check "a second share is mounted" smb mount spare
    check "and found healthy" until_true 15 health_is spare healthy
    kill $!
    equal "the kernel's client knew it at the first look" 0 \
        "$(event_count spare 0 '^verdict [0-9]+ kernel-status: blind')" ||
        smb events spare | grep kernel-status | sed 's/^/#   /'
    check "unmount works" smb unmount media
    equal "nothing is mounted" 0 "$(mounts_at /mnt/media)"
    sleep 3
    equal "and it stays down" "unmounted 0" "$(status_of media state) $(mounts_at /mnt/media)"
    check "mount brings it back" smb mount media
    equal "one mount" 1 "$(mounts_at /mnt/media)"
    check "a second mount command is no second mount" smb mount media
    equal "still one mount" 1 "$(mounts_at /mnt/media)"

    hold_start user /mnt/media/held
    hold_write user >/dev/null
    smb unmount media >/tmp/out 2>&1
    equal "a busy mount is not taken away, exit status 8" 8 $?
    check "the reason says that it is in use" grep -qiE 'busy|in use|open' /tmp/out
    equal "it is still mounted" 1 "$(mounts_at /mnt/media)"
    check "unmount -f takes it out of the tree" smb unmount -f media
    equal "gone" 0 "$(mounts_at /mnt/media)"
    equal "and the program with the open file lost nothing" "kept 2" "$(hold_write user >/dev/null; hold_end user)"
    check "mount again" smb mount media

    smb status nonsuch >/dev/null 2>&1
    equal "an unknown name is exit status 5" 5 $?
    check "why tells a story" grep -q . <(smb why media)
    check "no password in the log, the events or the process list" \
        not grep -rqs secret "$daemon_log" <(smb events) /proc/mounts
    daemon_stop
    equal "SIGTERM unmounts" 0 "$(mounts_at /mnt/media)"
}
