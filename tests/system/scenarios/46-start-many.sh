# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: starting with many mounts that take their time: so many at once, the others wait their turn

many=150
at_once=128 # MOUNTS_MAX, each with the guard of its command

slow_mounts() {
    local i
    fuse_head 5
    echo "mounts:"
    for ((i = 0; i < many; i++)); do
        mkdir -p "/mnt/m$i"
        printf '  - {name: m%d, mounter: command, mountpoint: /mnt/m%d, fstype: tmpfs, ' "$i" "$i"
        printf 'source: m%d, mount_command: ' "$i"
        printf '[/bin/sh, -c, "sleep 1; exec mount -t tmpfs m%d /mnt/m%d"]}\n' "$i" "$i"
    done
}

mounted() { [ "$(smb --json status | jq '[.[] | select(.state == "mounted")] | length')" = "$1" ]; }
left() { all_mounts | grep -c '^/mnt/m[0-9]'; }
helpers() { helper_pids | wc -l; }

# The most helpers that were there at once, while the mounts come.
most_helpers() {
    local most=0 now
    until mounted $((many - 1)); do
        now=$(helpers)
        ((now > most)) && most=$now
        [ "$(now_ms)" -lt "$1" ] || break
    done
    echo "$most"
}

play() {
    local most last=m$((many - 1))
    slow_mounts | config
    daemon_start || return
    equal "the last one waits" mounting "$(status_of $last state)"
    at_most "it can be called off while it waits, ms" 3000 "$(took_ms smb unmount $last)"
    most=$(most_helpers $(($(now_ms) + 60000)))
    check "all others are mounted" mounted $((many - 1))
    at_most "so many helpers at once" $at_once "$most"
    check "and more than a few" test "$most" -gt 32
    equal "what was called off stayed down" "unmounted 0" \
        "$(status_of $last state) $(mounts_at /mnt/$last)"
    check "until it is asked for" smb mount $last
    daemon_stop
    equal "a stop leaves nothing" 0 "$(left)"

    daemon_start || return
    check "some are there" until_true 20 mounted_some
    daemon_stop
    equal "a stop in the middle of it leaves nothing" 0 "$(left)"
    equal "and no helper" 0 "$(helpers)"
}
mounted_some() { [ "$(left)" -ge 10 ]; }
