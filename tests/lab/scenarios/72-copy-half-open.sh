# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: a large copy is running while the connection goes half open: it ends, and it is whole
# guest: qemu

sum_of() { sha256sum <"$1" | cut -d' ' -f1; }
store=/run/lab/server/srv/share

# fault_in_copy FROM TO GROWS: half open when 8 MiB of 64 are there; "status ms", from then on.
fault_in_copy() {
    local began
    rm -f /run/lab/copied
    (
        cp "$1" "$2" && sync -f "$2"
        echo "$? $(now_ms)" >/run/lab/copied
    ) &
    until_true 60 part_is_there "$3"
    server_half_open srv
    began=$(now_ms)
    echo "$began" >/run/lab/began
    until_true 240 test -s /run/lab/copied
    awk -v began="$began" '{print $1, $2 - began}' /run/lab/copied
}
part_is_there() { [ "$(stat -c %s "$1" 2>/dev/null || echo 0)" -ge $((8 << 20)) ]; }

# The kernel does not repeat a write that was cut in the midst of being sent, and tells the program.
# So a copy to the share may fail, with the kernel alone as well, but never silently.
honest() { # WHO STATUS
    local same=no
    check "$1: the copy to the share ended" test -n "$2" || return
    [ "$(sum_of "$store/big")" != "$(sum_of "$store/copy")" ] || same=yes
    say "$1, a copy to the share ended with status $2; whole: $same"
    check "$1: no write was lost in silence" test "$2 $same" != "0 no"
    rm -f "$store/copy"
}

play() {
    local alone id began result seen
    server_create srv
    check "the link is as slow as a disk" server_link srv 64mbit
    dd if=/dev/urandom of="$store/big" bs=1M count=64 status=none
    cp "$store/big" /run/lab/big
    alone_mount srv || {
        no_alone
        return
    }
    result=$(fault_in_copy /mnt/alone/big /run/lab/copy /run/lab/copy)
    alone=${result#* }
    say "the kernel alone: the copy from the share ended with status ${result% *}"
    server_whole srv
    rm /run/lab/copy
    result=$(fault_in_copy /run/lab/big /mnt/alone/copy "$store/copy")
    server_whole srv
    umount -l /mnt/alone
    until_true 60 no_connection
    honest "the kernel alone" "${result% *}"

    { config_head; echo "mounts:"; mount_entry media srv; } | config
    daemon_start || return
    await_state 60 media mounted || return
    until_true 30 health_is media healthy
    id=$(mount_id /mnt/media)
    result=$(fault_in_copy /mnt/media/big /run/lab/copy /run/lab/copy)
    began=$(cat /run/lab/began)
    await_state 60 media mounted
    seen=$(seen_after media "$began")
    report_fault "half open during a copy, to its end" "$began" "$seen" "$((began + ${result#* }))" "" \
        "$alone" "$(steps_since media "$began")"
    check "the copy was still under way" test "${result#* }" -gt 1000
    equal "the copy ended well" 0 "${result% *}"
    equal "it is whole" "$(sum_of "$store/big")" "$(sum_of /run/lab/copy)"
    equal "nothing was remounted" "$id" "$(mount_id /mnt/media)"
    check "all the time" never_remounted media "$began"
    at_most "the connection is cut once" 1 "$(event_count media "$began" '^step [0-9]+ [^:]*: reconnect')"
    check "healthy again" until_true 60 health_is media healthy
    server_whole srv

    result=$(fault_in_copy /run/lab/big /mnt/media/copy "$store/copy")
    server_whole srv
    await_state 60 media mounted
    honest "with smbmounter" "${result% *}"
    equal "nothing was remounted then either" "$id" "$(mount_id /mnt/media)"
    daemon_stop
}
