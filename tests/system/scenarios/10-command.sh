# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: mount, probe, busy unmount refused, unmount -f, on_stop

play() {
    { fuse_head; echo "mounts:"; fuse_entry a; fuse_entry b 'mount_at_startup: false'; } | config
    check "the configuration is accepted" smbmounter check-config "$daemon_config"
    daemon_start || return
    await_state 10 a mounted || return
    equal "mounted" "fuse.testfs hello from a" "$(mount_type /mnt/a) $(cat /mnt/a/file)"
    check "healthy" until_true 10 health_is a healthy
    check "probe says so" grep -q healthy <(smb probe a)
    equal "b is left alone" "unmounted 0" "$(status_of b state) $(mounts_at /mnt/b)"
    check "mount b" smb mount b
    check "unmount b" smb unmount b
    equal "b is gone" 0 "$(mounts_at /mnt/b)"
    check "mount b again" smb mount b

    hold_start user /mnt/a/file
    smb unmount a >/run/lab/out 2>&1
    equal "busy: refused with exit status 8" 8 $?
    equal "busy: still mounted" 1 "$(mounts_at /mnt/a)"
    check "unmount -f works" smb unmount -f a
    equal "gone" 0 "$(mounts_at /mnt/a)"
    hold_end user >/dev/null
    check "mount again" smb mount a
    daemon_stop
    equal "SIGTERM unmounts everything" "0 0" "$(mounts_at /mnt/a) $(mounts_at /mnt/b)"

    { echo "on_stop: keep"; fuse_head; echo "mounts:"; fuse_entry a; } | config
    daemon_start || return
    await_state 10 a mounted
    daemon_stop
    equal "on_stop: keep leaves it mounted" 1 "$(mounts_at /mnt/a)"
    local id
    id=$(mount_id /mnt/a)
    daemon_start
    await_state 10 a mounted
    equal "and the next daemon adopts it" "$id 1" "$(mount_id /mnt/a) $(mounts_at /mnt/a)"

    { fuse_head; echo "mounts:"; fuse_entry a; fuse_entry b; } | config
    check "reload" smb reload
    hold_start user /mnt/a/file
    daemon_stop
    equal "SIGTERM: busy mounts stay, others go" "1 0" "$(mounts_at /mnt/a) $(mounts_at /mnt/b)"
    check "and are named in the log" grep -qE 'a.*(busy|in use|open)' "$daemon_log"
    hold_end user >/dev/null
}
