# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: daemon, plugin host and helper are killed with -9 in every state

# restarted STATE: the daemon was killed in that state; a new one must end with exactly one mount.
restarted() {
    daemon_start || return
    check "killed while $1: the next daemon brings it to mounted" await_state 60 media mounted
    equal "killed while $1: exactly one mount" 1 "$(mounts_at /mnt/media)"
    equal "killed while $1: its file is read" "hello from srv" "$(timeout 20 cat /mnt/media/file)"
}

helper_seen() { [ -n "$(helper_pids)" ]; }

kill_all() {
    local pid
    for pid in $(our_pids '^[^ ]*smbmounter'); do kill -KILL "$pid" 2>/dev/null; done
    wait "$daemon_pid" 2>/dev/null
    daemon_pid=
}

play() {
    local id pid
    server_create srv
    { config_head; echo "mounts:"; mount_entry media srv; } | config
    daemon_start || return
    await_state 20 media mounted || return
    id=$(mount_id /mnt/media)
    hold_start user /mnt/media/held
    hold_write user >/dev/null

    daemon_kill
    equal "killed while mounted: the mount stays" "$id" "$(mount_id /mnt/media)"
    restarted mounted
    equal "killed while mounted: it was adopted, not remade" "$id" "$(mount_id /mnt/media)"
    equal "killed while mounted: the open file lives" "1 0" "$(hold_write user | cut -d' ' -f1,2)"

    for pid in $(host_pids); do kill -KILL "$pid"; done
    check "plugin hosts killed: probes go on" until_true 10 smb probe media
    equal "plugin hosts killed: same mount" "$id" "$(mount_id /mnt/media)"
    check "plugin hosts killed: new ones are there" test -n "$(host_pids)"

    server_mute srv
    sleep 12
    daemon_kill
    equal "killed while recovering: the mount stays" "$id" "$(mount_id /mnt/media)"
    server_thaw srv
    restarted recovering
    equal "killed while recovering: it was adopted, not remade" "$id" "$(mount_id /mnt/media)"
    equal "and nothing was lost" "kept 2" "$(hold_end user)"

    (smb unmount media >/dev/null 2>&1 &)
    until_true 5 helper_seen
    daemon_kill
    daemon_start
    sleep 2 # what the killed one had begun may still come to its end
    smb mount media >/dev/null
    daemon_kill
    restarted "unmounting, and again"

    umount -l /mnt/media
    until_true 5 helper_seen
    daemon_kill
    restarted mounting
    smb unmount media >/dev/null
    daemon_kill
    daemon_start
    sleep 5
    equal "killed while unmounted by hand: it stays so" "unmounted 0" "$(status_of media state) $(mounts_at /mnt/media)"
    check "until it is asked for" smb mount media

    smb unmount media >/dev/null
    (smb mount media >/dev/null 2>&1 &)
    until_true 5 helper_seen
    for pid in $(helper_pids); do kill -KILL "$pid"; done
    smb mount media >/dev/null 2>&1
    check "helper killed while mounting: mounted in the end" await_state 70 media mounted
    equal "helper killed while mounting: exactly one mount" 1 "$(mounts_at /mnt/media)"

    kill_all
    restarted "mounted, with everything of ours"
    daemon_stop
    equal "at the end nothing is left" 0 "$(mounts_at /mnt/media)"
}
