# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# Accounts and shares of a server: what it lets in, and how often it did not.

# server_share SERVER SHARE [LINE...]: one more share; its folder is there, and a file in it.
server_share() {
    local dir=/run/lab/server/$1 share=$2
    shift 2
    mkdir -p "$dir/$share"
    chmod 0777 "$dir/$share"
    echo "hello from $share" >"$dir/$share/file"
    {
        printf '[%s]\n path = %s\n read only = no\n' "$share" "$dir/$share"
        for line in "$@"; do printf ' %s\n' "$line"; done
    } >>"$dir/smb.conf"
}

# share_users SERVER SHARE USER: who may use it from now on; for new connections, as a server does.
share_users() {
    sed -i "/^\[$2\]/,/^\[/ s/^ valid users = .*/ valid users = $3/" "/run/lab/server/$1/smb.conf"
    server_reload "$1"
}

# The server has taken in its configuration: its main process answers after the order to read it.
server_reload() {
    smbcontrol -s "/run/lab/server/$1/smb.conf" smbd reload-config
    smbcontrol -s "/run/lab/server/$1/smb.conf" -t 10 smbd ping >/dev/null
}

# refused_logins SERVER: how many logins it has refused so far, by its own log.
refused_logins() { grep -a 'Auth: ' "/run/lab/server/$1/log" | grep -avc 'status \[NT_STATUS_OK\]'; }

# told NAME: what people are shown of a mount, for the eye of whoever reads the run
told() {
    say "status $1:"
    smb status "$1" 2>&1 | sed 's/^/#   /'
    say "why $1:"
    smb why "$1" 2>&1 | sed 's/^/#   /'
}

# reason_is NAME CLASS: failed for that reason
reason_is() { state_is "$1" failed && [ "$(status_of "$1" reason | cut -d: -f1)" = "$2" ]; }
