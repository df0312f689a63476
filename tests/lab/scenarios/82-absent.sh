# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: what is not there yet, or no longer: share, name, port; all of it comes back by itself

hosts_know() {
    printf '127.0.0.1 localhost\n%s\n' "${1:-}" >/run/lab/hosts
}

# The share is taken from the configuration and its users are thrown out, as a NAS does it.
share_away() {
    sed -i 's/^\[other\]/[hidden]/' "/run/lab/server/$1/smb.conf"
    server_reload "$1"
    smbcontrol -s "/run/lab/server/$1/smb.conf" smbd close-share other
}
share_back() {
    sed -i 's/^\[hidden\]/[other]/' "/run/lab/server/$1/smb.conf"
    server_reload "$1"
}

# ms from the share's return to the first answer with the kernel alone; nothing when it never comes
absent_alone() {
    local mended back
    until_true 60 server_answers srv
    alone_mount srv other >&2 || return 1
    watch_start alone /mnt/alone
    until_true 10 answered_since alone 0
    share_away srv
    sleep "$1"
    mended=$(now_ms)
    share_back srv
    until_true 30 answered_since alone "$mended"
    back=$(first_answer alone "$mended")
    alone_end
    [ -z "$back" ] || echo $((back - mended))
    return 0
}

# not_there TEXT NAME CLASS WORDS BEGAN: what people are told meanwhile
not_there() {
    check "$1: failed for that reason" until_true 30 reason_is "$2" "$3"
    check "$1: status says so" grep -qE "$3: .*$4" <(smb status "$2")
    smb mount "$2" >/run/lab/told 2>&1
    equal "$1: mount fails, exit status 1" 1 $?
    check "$1: mount says why" grep -qE "^smbmounter: $3: .*$4" /run/lab/told
    check "$1: why says that it is tried again" grep -qiE "Now: failed \($3\): .*tried again" <(smb why "$2")
    smb why "$2" | tail -n 2 | sed 's/^/#   /'
}

# comes_back TEXT NAME BEGAN MENDED ALONE SECONDS DONE
comes_back() {
    check "$1: it comes back by itself" until_true "$6" state_is "$2" mounted
    report_fault "$1" "$3" "$(seen_after "$2" "$3")" "$(now_ms)" "$4" "$5" "$7"
}

play() {
    local began mended alone away=6 name
    server_create srv
    server_share srv late
    sed -i 's/^\[late\]/[later]/' /run/lab/server/srv/smb.conf
    server_kill srv
    server_start srv
    hosts_know
    mount --bind /run/lab/hosts /etc/hosts || return
    alone=$(absent_alone $away) || no_alone
    check "no such share: the kernel alone mounts nothing" not alone_mount srv late

    {
        config_head
        echo "  failed_retry_sec: 1"
        echo "mounts:"
        mount_entry late srv 'share: late'
        mount_entry other srv 'share: other'
        mount_entry named srv | sed 's/10.9.0.2/nas.lab/'
        mount_entry shut srv2
    } | config
    server_create srv2
    server_kill srv2
    check "port closed: the kernel alone mounts nothing" not alone_mount srv2

    began=$(now_ms)
    daemon_start || return
    await_state 20 other mounted || return
    not_there "no such share" late absent "no share 'late'"
    not_there "name not resolvable" named transient "cannot be resolved|not known|resol"
    not_there "port closed" shut transient "port 445 at .* is closed"
    equal "none of it disturbed the one that is there" mounted "$(status_of other state)"

    mended=$(now_ms)
    hosts_know "$(server_address srv) nas.lab"
    comes_back "name not resolvable at first" named "$began" "$mended" "" 40 "tried again by itself"
    mended=$(now_ms)
    server_start srv2
    comes_back "port closed at first" shut "$began" "$mended" "" 40 "tried again by itself"
    mended=$(now_ms)
    sed -i 's/^\[later\]/[late]/' /run/lab/server/srv/smb.conf
    server_reload srv
    comes_back "no such share at first" late "$began" "$mended" "" 60 "tried again by itself"
    check "with the kernel alone nothing was mounted" not is_mounted /mnt/alone

    began=$(now_ms)
    share_away srv
    check "share removed while mounted: failed for that reason" until_true 40 reason_is other absent
    check "share removed while mounted: status says so" grep -qE "absent: .*'other'" <(smb status other)
    equal "nothing of it is mounted" 0 "$(mounts_at /mnt/other)"
    sleep $away
    mended=$(now_ms)
    share_back srv
    comes_back "share removed while mounted" other "$began" "$mended" "$alone" 60 "$(steps_since other "$began")"
    for name in late named shut other; do told $name; done
    equal "the others never noticed" "mounted mounted" "$(status_of late state) $(status_of named state)"
    daemon_stop
    umount -l /etc/hosts
}
