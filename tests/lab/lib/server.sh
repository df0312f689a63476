# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# Samba servers, each in a network namespace of its own: "srv" is 10.9.0.2, "srv2" 10.9.1.2. The
# client is this machine. Share "media" of each, user root; passwords are per server.

server_address() {
    case $1 in
    srv) echo 10.9.0.2 ;;
    srv2) echo 10.9.1.2 ;;
    esac
}

# server_create NAME [PASSWORD]
server_create() {
    local name=$1 password=${2:-secret} dir=/run/lab/server/$1 address
    address=$(server_address "$name")
    ip netns add "$name"
    ip link add "c-$name" type veth peer name eth0 netns "$name"
    ip addr add "${address%.*}.1/24" dev "c-$name"
    ip link set "c-$name" up
    ip -n "$name" addr add "$address/24" dev eth0
    ip -n "$name" link set eth0 up
    ip -n "$name" link set lo up
    mkdir -p "$dir"/{private,lock,state,cache,pid,ncalrpc,share,other}
    chmod 0777 "$dir/share" "$dir/other"
    echo "hello from $name" >"$dir/share/file"
    cat >"$dir/smb.conf" <<X
[global]
 server role = standalone server
 server string = $name
 smb ports = 445
 disable netbios = yes
 private dir = $dir/private
 lock directory = $dir/lock
 state directory = $dir/state
 cache directory = $dir/cache
 pid directory = $dir/pid
 ncalrpc dir = $dir/ncalrpc
 log file = $dir/log
 load printers = no
 printing = bsd
[media]
 path = $dir/share
 read only = no
[other]
 path = $dir/other
 read only = no
X
    server_password "$name" "$password"
    server_start "$name"
}

# server_password NAME PASSWORD: of the share's user
server_password() {
    printf '%s\n%s\n' "$2" "$2" |
        smbpasswd -c "/run/lab/server/$1/smb.conf" -a -s root >/dev/null 2>&1
}

server_listens() { ip netns exec "$1" ss -ltnH 2>/dev/null | grep -q ':445 '; }

server_start() {
    ip netns exec "$1" smbd -D -s "/run/lab/server/$1/smb.conf"
    until_true 10 server_listens "$1"
}

server_pids() { ip netns pids "$1" | tr '\n' ' '; }

server_signal() {
    local pids
    pids=$(server_pids "$2")
    # shellcheck disable=SC2086 # a list of numbers
    [ -z "$pids" ] || kill "-$1" $pids 2>/dev/null || true # a child may have ended meanwhile
}

# The server dies: its connections are reset, its port is closed.
server_kill() {
    server_signal KILL "$1"
    until_true 5 server_gone "$1"
}
server_gone() { [ -z "$(ip netns pids "$1")" ]; }

server_mute() { server_signal STOP "$1"; }      # TCP is accepted, nothing is answered
server_thaw() { server_signal CONT "$1"; }
server_cut() { ip -n "$1" link set eth0 down; } # packets vanish
server_join() { ip -n "$1" link set eth0 up; }

server_destroy() {
    [ -d "/run/lab/server/$1" ] || return 0
    server_signal CONT "$1"
    server_kill "$1"
    ip link del "c-$1" 2>/dev/null
    ip netns del "$1"
    rm -rf "/run/lab/server/$1"
}
