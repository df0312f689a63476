# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: passwords with every awkward character, and a wrong one

play() {
    # Everything that can be typed, blanks at both ends, and more than ASCII.
    local awkward=$' !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~ \xc3\xa4\xe2\x82\xac,,end '
    server_create srv "$awkward"
    credential media "$awkward"
    credential wrong "not it"
    { config_head; echo "mounts:"; mount_entry media srv; mount_entry wrong srv 'share: other'; } | config
    daemon_start || return
    check "mounted with the awkward password" await_state 20 media mounted
    await_state 20 wrong failed
    check "the reason says that the login was refused" grep -qiE 'login|password|auth' <<<"$(status_of wrong reason)"
    local began
    began=$(now_ms)
    sleep 8
    equal "a refused login is never tried again by itself" 0 "$(event_count wrong "$began" '^(mount-error|step )')"
    credential wrong "$awkward"
    check "a command tries again, with the credential as it is now" smb mount wrong
    check "the password is nowhere in the log" not grep -qF '()*+' "$daemon_log"
    check "nor in the kernel's table" not grep -qF '()*+' /proc/mounts
    daemon_stop
}
