# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: mounts that somebody else made without nosuid and nodev are given both, a hung one too

mount_options() { awk -v at="/mnt/$1" '$5 == at { print $6 }' /proc/self/mountinfo; }
is_hard() { [[ ",$(mount_options "$1")," == *,nosuid,* && ",$(mount_options "$1")," == *,nodev,* ]]; }
# bare NAME...: as a mount of somebody who gave no flags
bare() {
    local name
    for name in "$@"; do
        mount -o remount,bind,suid,dev "/mnt/$name"
        is_hard "$name" && echo "$name cannot be made bare" && return 1
    done
    return 0
}
by_hand() { "$fuse_program" "$1" "/run/lab/testfs/$1" "/mnt/$1" && until_true 5 fuse_reads "$1"; }

play() {
    local id name
    {
        echo "on_stop: keep"
        fuse_head
        echo "mounts:"
        fuse_entry a
        fuse_entry b
        fuse_entry c
        fuse_entry d 'mount_at_startup: false'
    } | config
    for name in a b c; do by_hand "$name" || return; done
    check "three without the flags" bare a b || return
    check "one of them lacks only one" mount -o remount,bind,nosuid,dev /mnt/c
    id=$(mount_id /mnt/b)
    fuse_order b stall
    daemon_start || return
    check "a is given both" until_true 10 is_hard a
    check "c is given the other" until_true 10 is_hard c
    check "b, whose server hangs, is given both" until_true 10 is_hard b
    check "it is told of" until_true 5 grep -qE "mount 'a': .*without nosuid or nodev.*set now" "$daemon_log"
    check "and among the events" grep -q nosuid <(smb events a)
    fuse_order b ok

    equal "d is down" "unmounted" "$(status_of d state)"
    mkdir /run/lab/elsewhere
    check "d is mounted elsewhere" "$fuse_program" d /run/lab/testfs/d /run/lab/elsewhere
    mount -o remount,bind,suid,dev /run/lab/elsewhere
    check "and appears without the flags" mount --bind /run/lab/elsewhere /mnt/d
    check "d is given both" until_true 10 is_hard d
    await_state 10 d mounted
    equal "b is the same mount all the time" "$id" "$(mount_id /mnt/b)"
    daemon_stop
    for name in a b c d; do umount "/mnt/$name"; done
    umount /run/lab/elsewhere
}
