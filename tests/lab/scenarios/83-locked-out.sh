# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: the server's administrator locks the user out of the share's folder, and lets him in again

# As on a NAS: the server works for a user of its own, who may enter the folder or not.
server_of_nobody() {
    server_create srv
    server_kill srv
    sed -i "s|path = .*/share$|&\n force user = nobody|" /run/lab/server/srv/smb.conf
    chmod 0755 /run/lab/server /run/lab/server/srv
    server_start srv
}
lock_out() { chmod 0000 "/run/lab/server/$1/share"; }
let_in() { chmod 0755 "/run/lab/server/$1/share"; }

play() {
    local away=6 alone id began mended
    server_of_nobody
    alone=$(alone_fault srv lock_out $away let_in) || no_alone

    {
        config_head
        echo "mounts:"
        mount_entry media srv
        mount_entry other srv 'share: other'
    } | config
    daemon_start || return
    await_state 20 media mounted || return
    await_state 20 other mounted || return
    until_true 15 health_is media healthy
    id=$(mount_id /mnt/other)

    began=$(now_ms)
    lock_out srv
    check "it is failed for that reason" until_true 60 reason_is media auth
    check "status says so" grep -qE "auth: .*not into share 'media'" <(smb status media)
    check "why says what to do" grep -qE '^ *Now: failed \(auth\): .*What to do: .*access' <(smb why media)
    equal "nothing of it is mounted" 0 "$(mounts_at /mnt/media)"
    sleep 5
    at_most "it was tried once" 1 "$(event_count media "$began" '^mount-error')"

    let_in srv
    mended=$(now_ms)
    check "mount brings it back" smb mount media
    report_fault "locked out of the share's folder" "$began" "$(seen_after media "$began")" \
        "$(now_ms)" "$mended" "$alone" "$(steps_since media "$began"), then mount"
    equal "the share beside it never noticed" "$id 0" \
        "$(mount_id /mnt/other) $(event_count other "$began" '^(incident|state)')"
    check "healthy again" until_true 30 health_is media healthy
    daemon_stop
}
