# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: every row of the command table asked by nobody, by members of the admin group, by root

nobody=65534
stranger=4711
ask=/run/lab/job/bin/ask

# rows TEXT RIGHT COMMAND...: every method of the table; those that RIGHT does not cover are denied.
rows() {
    local text=$1 right=$2 name access result expected count=0
    shift 2
    while read -r name access result; do
        expected=denied
        case $right:$access in *:anyone | admin:admin | root:*) expected=allowed ;; esac
        equal "$text: $name (for $access) is $expected" $expected "$result"
        count=$((count + 1))
    done <<<"$("$@" "$ask" /run/smbmounter.sock rows nowhere)"
    at_most "$text: rows of the table are at least 9" "$count" 9
}

play() {
    local group
    group=$(getent group sudo | cut -d: -f3)
    { echo "control: {admin_group: sudo}"; fuse_head; echo "mounts:"; fuse_entry a; } | config
    daemon_start || return
    await_state 10 a mounted || return
    rows nobody none setpriv --reuid $nobody --regid $nobody --clear-groups
    rows "a stranger in other groups" none setpriv --reuid $stranger --regid $stranger --groups 1,2,3,100
    rows "a member by a supplementary group" admin setpriv --reuid $stranger --regid $stranger --groups "$group"
    rows "a member by the primary group" admin setpriv --reuid $stranger --regid "$group" --clear-groups
    rows "the last of 200 groups" admin setpriv --reuid $stranger --regid $stranger --groups "$(seq -s, 5000 5198),$group"
    rows root root env
    # The identity is that of connect, not what the caller says or was.
    rows "root's process as nobody" none setpriv --euid $nobody --clear-groups
    equal "and nothing happened to the mount" "mounted 1" "$(status_of a state) $(mounts_at /mnt/a)"
    daemon_stop
}
