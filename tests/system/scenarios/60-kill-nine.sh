# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: kill -9 of the daemon, its hosts and helpers with slow mount and unmount commands

slow_commands() {
    cat >/run/lab/slow-mount <<'X'
#!/bin/sh
sleep 3
exec /run/lab/job/bin/testfs a /run/lab/testfs/a /mnt/a
X
    cat >/run/lab/slow-umount <<'X'
#!/bin/sh
sleep 3
exec /usr/bin/umount /mnt/a
X
    chmod 0755 /run/lab/slow-mount /run/lab/slow-umount
    fuse_head
    echo "mounts:"
    fuse_entry a | sed 's|mount_command: \[/run.*|mount_command: [/run/lab/slow-mount]|
        s|unmount_command: .*|unmount_command: [/run/lab/slow-umount]|'
}

# again STATE: a new daemon must come to exactly one mount, and keep it
again() {
    daemon_start || return
    await_state 30 a mounted
    sleep 4 # what the killed one had begun may still come to its end
    check "killed while $1: mounted in the end" await_state 30 a mounted
    equal "killed while $1: exactly one mount, one server" "1 1" "$(mounts_at /mnt/a) $(our_pids '^[^ ]*testfs ' | wc -l)"
    equal "killed while $1: it answers" "hello from a" "$(timeout 5 cat /mnt/a/file)"
}

play() {
    local id pid
    slow_commands | config
    daemon_start || return
    until_true 10 helper_seen
    sleep 1
    daemon_kill
    again "mounting"
    id=$(mount_id /mnt/a)
    daemon_kill
    again "mounted"
    equal "killed while mounted: adopted" "$id" "$(mount_id /mnt/a)"
    for pid in $(host_pids); do kill -KILL "$pid"; done
    check "hosts killed: probes go on" until_true 10 smb probe a
    equal "hosts killed: same mount" "$id" "$(mount_id /mnt/a)"

    (smb unmount a >/dev/null 2>&1 &)
    until_true 5 helper_seen
    sleep 1
    daemon_kill
    again "unmounting"

    fuse_kill a
    until_true 20 helper_seen
    daemon_kill
    again "recovering"

    smb unmount a >/dev/null
    (smb mount a >/dev/null 2>&1 &)
    until_true 5 helper_seen
    sleep 1
    for pid in $(helper_pids); do kill -KILL "$pid"; done
    sleep 4
    smb mount a >/dev/null 2>&1
    check "helper killed: mounted in the end" await_state 70 a mounted
    equal "helper killed: exactly one mount" 1 "$(mounts_at /mnt/a)"
    daemon_stop
    equal "nothing is left" 0 "$(mounts_at /mnt/a)"
}
helper_seen() { [ -n "$(helper_pids)" ]; }
