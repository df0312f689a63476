# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: the password is changed while mounted: the login storm stops, the new password brings all back

# What makes the kernel log in again: the server starts anew, with another password.
change_password() {
    server_password "$1" changed
    server_kill "$1"
    server_start "$1"
}

# The kernel alone: three mounts of one account, and nobody to stop them. Prints the refused logins.
storm_alone() {
    local share before
    credential alone
    for share in media other third; do
        mkdir -p "/mnt/alone-$share"
        mount.cifs "//$(server_address srv)/$share" "/mnt/alone-$share" \
            -o credentials=/run/lab/etc/credentials/alone,soft,nosharesock,echo_interval=5,port=445
    done
    change_password srv
    before=$(refused_logins srv)
    sleep "$1"
    echo $(($(refused_logins srv) - before))
    for share in media other third; do umount -l "/mnt/alone-$share"; done
    server_password srv secret
    server_kill srv
    server_start srv
}

why_names_the_writer() {
    grep -qE "holder\[[0-9]+\] \(writing /mnt/$1/held\)" <(smb why "$1")
}

play() {
    local watched=30 alone began mended back seen before after storm name
    server_create srv
    server_share srv third
    server_kill srv
    server_start srv
    alone=$(storm_alone $watched)

    # Nobody asks for anything meanwhile: each question would be one more login in both cases.
    # Two mounts share a credential, the third has its own.
    {
        config_head
        echo "mounts:"
        mount_entry media srv
        mount_entry other srv 'share: other' | sed 's|credentials/other|credentials/media|'
        mount_entry third srv 'share: third'
    } | config
    daemon_start || return
    for name in media other third; do await_state 20 $name mounted || return; done
    hold_start user /mnt/media/held
    hold_write user >/dev/null
    server_password srv changed
    sleep 3
    equal "a living session goes on with the old password" "mounted mounted mounted" \
        "$(for name in media other third; do status_of $name state; done | paste -sd ' ')"
    before=$(refused_logins srv)
    began=$(now_ms)
    change_password srv
    for name in media other third; do check "$name fails by its login" until_true 40 reason_is $name auth; done
    seen=$(seen_after media "$began")
    say "unmounted and failed $(seconds $(($(now_ms) - began))) after it began; refused so far: $(($(refused_logins srv) - before))"
    check "why names the program with the open file" until_true 10 why_names_the_writer media
    check "and what the kernel does for it" grep -q 'the kernel logs in for it' <(smb why media)
    say "the open file: $(hold_end user)"
    sleep 1
    after=$(refused_logins srv)
    sleep $((watched - ($(now_ms) - began) / 1000 > 5 ? watched - ($(now_ms) - began) / 1000 : 5))
    storm=$(($(refused_logins srv) - before))
    say "logins that the server refused in $watched s: $storm with smbmounter, $alone by the kernel alone"
    equal "when nobody has a file open there, the storm is over" 0 $(($(refused_logins srv) - after))
    check "the kernel alone does not stop" test "$alone" -gt "$storm"
    before=$(refused_logins srv)
    equal "nothing of ours is mounted" 0 "$(($(mounts_at /mnt/media) + $(mounts_at /mnt/other) + $(mounts_at /mnt/third)))"
    told media
    told other
    check "why says what to do" grep -qF 'smbmounter setup media, then: smbmounter mount media' <(smb why media)

    mended=$(now_ms)
    check "setup stores the new password" smb setup --config "$daemon_config" media < <(echo changed)
    check "mount brings it back" smb mount media
    watch_start media /mnt/media
    until_true 20 answered_since media "$mended"
    back=$(first_answer media "$mended")
    check "the other mount with this credential comes back by itself" await_state 20 other mounted
    sleep 2
    equal "the one with a credential of its own still has the old one" failed "$(status_of third state)"
    equal "which was not tried" 0 $(($(refused_logins srv) - before))
    credential third changed
    check "a new credential file will do, too" smb mount third
    report_fault "password changed while mounted" "$began" "$seen" "$back" "$mended" "" \
        "$(steps_since media "$began"); then setup and mount"
    watch_stop media
    told media
    daemon_stop
}
