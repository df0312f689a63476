# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: logins and shares that the server refuses: one try for all mounts of an account, no retry, the right hint

shares="a b c media other"

# refused_case TEXT MOUNT CLASS WORDS BREAK MEND: MOUNT is down; BREAK and MEND are functions. What a
# person sees, that nothing is tried by itself, and that one command brings it back.
refused_case() {
    local text=$1 name=$2 class=$3 words=$4 break=$5 mend=$6 began seen before mended back
    smb unmount "$name" >/dev/null
    "$break"
    check "$text: the kernel alone mounts nothing" not alone_mount srv "$name"
    before=$(refused_logins srv)
    began=$(now_ms)
    smb mount "$name" >/run/lab/told 2>&1
    equal "$text: mount fails, exit status 1" 1 $?
    seen=$(($(now_ms) - began))
    check "$text: mount says why and what to do" grep -qE "^smbmounter: $class: .*$words" /run/lab/told
    check "$text: it is failed for that reason" reason_is "$name" "$class"
    check "$text: status says so" grep -qE "$class: .*$words" <(smb status "$name")
    check "$text: why says what to do" grep -qE "^ *Now: failed \($class\): .*What to do: .*smbmounter mount $name" <(smb why "$name")
    smb why "$name" | tail -n 2 | sed 's/^/#   /'
    sleep 5
    at_most "$text: it was tried once" 1 $(($(refused_logins srv) - before))
    equal "$text: and not by itself" 0 "$(event_count "$name" $((began + seen)) '^mount-error')"
    "$mend"
    sleep 2
    check "$text: with the kernel alone nobody tries again" not is_mounted /mnt/alone
    mended=$(now_ms)
    check "$text: mount brings it back" smb mount "$name"
    back=$(now_ms)
    report_fault "$text" "$began" "$seen" "$back" "$mended" "" "failed ($class), then mount"
}

account_off() { smbpasswd -c /run/lab/server/srv/smb.conf -d root >/dev/null; }
account_on() { smbpasswd -c /run/lab/server/srv/smb.conf -e root >/dev/null; }
must_change() { net -s /run/lab/server/srv/smb.conf sam set pwdmustchangenow root yes >/dev/null; }
need_not_change() {
    net -s /run/lab/server/srv/smb.conf sam set pwdmustchangenow root no >/dev/null
    server_password srv secret
}
close_share() { share_users srv a nobody; }
open_share() { share_users srv a root; }

all_are() {
    local name
    for name in $shares; do state_is "$name" "$1" || return 1; done
}

play() {
    local name began before mended
    server_create srv
    for name in a b c; do server_share srv $name 'valid users = root'; done
    server_kill srv
    server_start srv
    credential wrong "not it"
    {
        config_head
        echo "mounts:"
        for name in $shares; do mount_entry "$name" srv "share: $name"; done
    } | sed 's|credentials/[a-z]*}|credentials/wrong}|' | config

    began=$(now_ms)
    daemon_start || return
    check "five mounts of one account with a wrong password fail" until_true 30 all_are failed
    equal "and the server was asked once" 1 "$(refused_logins srv)"
    told media
    for name in a b; do smb mount $name >/dev/null 2>&1; done
    equal "a command is one real try, several at once are not more" 2 "$(refused_logins srv)"
    check "the others say that they were not tried" grep -q 'not tried again with the same password, lest the account be locked' <(smb status b)
    told b
    before=$(refused_logins srv)
    mended=$(now_ms)
    credential wrong secret
    check "with the right password one command" smb mount c
    check "brings all of them back" until_true 20 all_are mounted
    report_fault "wrong password of five mounts" "$began" "$(seen_after a "$began")" "$(now_ms)" "$mended" "" "one login, then setup and mount"
    equal "without one more refused login" 0 $(($(refused_logins srv) - before))

    refused_case "account disabled" b auth "is disabled.*Enable it there" account_off account_on
    refused_case "password must be changed" b auth "must change the password.*Change it there" must_change need_not_change
    refused_case "access to the share denied" a auth "not into share 'a'.*Give the user access" close_share open_share
    check "a refused share is no refused account: another one is mounted" smb unmount b
    close_share
    smb unmount a >/dev/null
    check "denied again" not smb mount a
    check "the other share of the account is mounted all the same" smb mount b
    told a
    daemon_stop
}
