# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# The same fault with the kernel alone: the share mounted by hand with the options that the daemon
# would use, and nobody looking after it.

# alone_mount SERVER [SHARE [NAME]]
alone_mount() {
    local name=${3:-alone}
    mkdir -p "/mnt/$name"
    credential alone
    mount.cifs "//$(server_address "$1")/${2:-media}" "/mnt/$name" \
        -o credentials=/run/lab/etc/credentials/alone,soft,nosharesock,echo_interval=5,port=445,iocharset=utf8,nosuid,nodev
}

# alone_beside SERVER: both of its shares mounted and one of them used, as they are beside the daemon:
# what that costs the guest's one processor is not the daemon's.
alone_beside() {
    alone_mount "$1" media beside && alone_mount "$1" other beside-too && watch_start beside /mnt/beside
}

# Its connections must be gone as well: the next mount's would be taken for one of them.
alone_end() {
    watch_stop alone
    umount -l /mnt/alone
    if [ -d /mnt/beside ]; then
        watch_stop beside
        umount -l /mnt/beside /mnt/beside-too
        rmdir /mnt/beside /mnt/beside-too
    fi
    until_true 40 no_connection
}
no_connection() { ! ss -tnH state established dst :445 | grep -q .; }

# alone_fault SERVER BREAK SECONDS MEND [FILE]: prints the time from the end of the fault to the first
# answer in ms, with a user asking all the time, and another who has written FILE and holds it open, as
# beside the daemon: a server that lost such a client has more to do. Nothing when it did not come back
# in 60 s. Fails when there was nothing to break.
alone_fault() {
    local mended back
    until_true 60 server_answers "$1"
    alone_mount "$1" >&2 || return 1
    watch_start alone /mnt/alone
    until_true 10 answered_since alone 0
    [ -z "${5-}" ] || {
        hold_start alone "/mnt/alone/$5"
        hold_write alone >/dev/null
    }
    "$2" "$1" >&2
    sleep "$3"
    "$4" "$1" >&2
    mended=$(now_ms)
    until_true 60 answered_since alone "$mended"
    back=$(first_answer alone "$mended")
    [ -z "${5-}" ] || hold_end alone >/dev/null
    alone_end >/dev/null 2>&1
    [ -z "$back" ] || echo $((back - mended))
    return 0
}
no_alone() { miss "the kernel alone mounts the share"; }
