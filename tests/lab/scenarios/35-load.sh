# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: the server is slow, then its disk stands still: slow is not dead, nothing is unmounted

# Share "other" lies on a disk that can be told to stand still.
disk_create() {
    server_create srv
    server_kill srv
    fuse_order disk ok
    "$fuse_program" disk /run/lab/testfs/disk /run/lab/server/srv/other
    server_start srv
}

why_says_slow() { smb why other | tee /run/lab/why | grep -q 'Now: mounted, but slow'; }
sum_of() { sha256sum <"$1" | cut -d' ' -f1; }

undisturbed() { # NAME SINCE ID
    equal "$1 stayed mounted" "$3" "$(mount_id "/mnt/$1")"
    check "$1 all the time" never_remounted "$1" "$2"
    equal "$1: no connection was cut" 0 "$(event_count "$1" "$2" '^step-done [0-9]+ ok: .*destroyed')"
}

# Every answer takes up to 6 s, for a minute, while a large file is copied. A look that begins in the
# first 4 s of a stop is late (probe_timeout_sec: 2); none of ten in a row is by less than one in 10^4.
play_slow() {
    local began id other slow copied
    dd if=/dev/urandom of=/run/lab/server/srv/share/big bs=1M count=48 status=none
    id=$(mount_id /mnt/media)
    other=$(mount_id /mnt/other)
    began=$(now_ms)
    server_be_slow srv &
    slow=$!
    (
        cp /mnt/media/big /run/lab/copy
        cp /run/lab/copy /mnt/media/back && sync -f /mnt/media/back
        echo $? >/run/lab/copied
    ) &
    copied=$!
    check "status calls it slow" until_true 50 health_is other slow
    check "and so does why" until_true 20 why_says_slow
    tail -n 1 /run/lab/why | sed 's/^/#   /'
    wait "$copied"
    say "the copy there and back took $(seconds $(($(now_ms) - began))) on the slow server"
    kill "$slow"
    server_thaw srv
    equal "the copy ended well" 0 "$(cat /run/lab/copied)"
    equal "it is whole" "$(sum_of /run/lab/server/srv/share/big)" "$(sum_of /run/lab/server/srv/share/back)"
    check "late answers were seen" has_event other "$began" '^verdict [0-9]+ [^:]*: suspect: no answer'
    undisturbed media "$began" "$id"
    undisturbed other "$began" "$other"
    equal "load is no outage" "0 0" \
        "$(event_count media "$began" '^incident') $(event_count other "$began" '^incident')"
    check "healthy again" until_true 20 health_is other healthy
}

# The disk starts up for 35 s. The server's process answers nothing meanwhile, not even an echo; the
# kernel's next connection waits as well, and so would one of a new mount.
play_disk() {
    local still=35 began mended back seen other alone
    alone=$1
    other=$(mount_id /mnt/other)
    watch_start other /mnt/other
    until_true 10 answered_since other 0
    fuse_order disk "late $((still * 1000))"
    check "a question waits at the disk" until_true 30 silent_for other 2500
    fuse_order disk ok
    began=$(last_answer other)
    mended=$((began + still * 1000))
    until_true $((still + 60)) asked_and_answered_since other "$mended"
    back=$(first_answer other "$mended")
    await_state 30 other mounted
    seen=$(seen_after other "$began")
    report_fault "the server's disk stands still for $still s" "$began" "$seen" "$back" "$mended" \
        "$alone" "$(steps_since other "$began")"
    undisturbed other "$began" "$other"
    check "the share answers" test -n "$back"
    check "healthy again" until_true 30 health_is other healthy
    watch_stop other
}

play() {
    disk_create
    {
        config_head
        echo "mounts:"
        mount_entry media srv
        mount_entry other srv 'share: other' 'probe_timeout_sec: 2'
    } | config
    daemon_start || return
    await_state 20 media mounted || return
    await_state 20 other mounted || return
    until_true 15 health_is media healthy
    until_true 15 health_is other healthy
    play_slow
    play_disk unplayed
    daemon_stop
}
