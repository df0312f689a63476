# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# Samba servers, each in a network namespace of its own: "srv" is 10.9.0.2, "srv2" 10.9.1.2. The
# client is this machine. Share "media" of each, user root; passwords are per server. Any other name
# stands for itself, as in a configuration.

server_address() {
    case $1 in
    srv) echo 10.9.0.2 ;;
    srv2) echo 10.9.1.2 ;;
    *) echo "$1" ;;
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
 log level = 1 auth_audit:3
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
    until_true 60 server_answers "$name"
}

# server_password NAME PASSWORD: of the share's user
server_password() {
    printf '%s\n%s\n' "$2" "$2" |
        smbpasswd -c "/run/lab/server/$1/smb.conf" -a -s root >/dev/null 2>&1
}

server_listens() { ip netns exec "$1" ss -ltnH 2>/dev/null | grep -q ':445 '; }

server_start() {
    # Not "ip netns exec": its private mount namespace would keep our mounts after we unmount them.
    nsenter --net="/run/netns/$1" smbd -D -s "/run/lab/server/$1/smb.conf"
    until_true 10 server_listens "$1"
}

# It says something, at last: the first process that a new server starts for a connection can take
# longer than the kernel's client waits.
server_answers() {
    python3 - "$(server_address "$1")" <<'X'
import socket
import struct
import sys

header = b"\xfeSMB" + struct.pack("<HHIHHIIQIIQ16s", 64, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, b"")
negotiate = struct.pack("<HHHHI16sQHH", 36, 2, 1, 0, 0, b"", 0, 0x0202, 0x0210)
with socket.create_connection((sys.argv[1], 445), 5) as server:
    server.settimeout(30)
    server.sendall(struct.pack(">I", len(header + negotiate)) + header + negotiate)
    sys.exit(0 if server.recv(8)[4:8] == b"\xfeSMB" else 1)
X
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

server_mute() { server_signal STOP "$1"; } # TCP is accepted, nothing is answered
server_thaw() { server_signal CONT "$1"; }

# Packets vanish both ways without a word: what a firewall or a cable without carrier drops is told
# to the sender's TCP, which then tries twice a second, without end; what netem loses is not.
server_lose() {
    { tc qdisc replace dev "c-$1" root netem loss 100% &&
        ip netns exec "$1" tc qdisc replace dev eth0 root netem loss 100%; } ||
        miss "$1 loses packets (tc)"
}
server_found() {
    server_near "$1"
    ip netns exec "$1" tc qdisc del dev eth0 root
}

# The client's port of the newest connection to a server.
client_port() {
    ss -tnH state established dst "$(server_address "$1"):445" |
        awk '{n=split($3,a,":"); print a[n]}' | tail -n 1
}

# Half open: the existing connection is black-holed, new ones work. Needs nf_tables.
server_half_open() {
    local port
    port=$(client_port "$1")
    ip netns exec "$1" nft -f - <<X || miss "$1 is half open (nft)"
table inet lab {
    chain out { type filter hook output priority 0; tcp dport $port drop; }
    chain in { type filter hook input priority 0; tcp sport $port drop; }
}
X
}
server_whole() { ip netns exec "$1" nft delete table inet lab 2>/dev/null; }

# server_link NAME RATE: no faster than that, both ways, as tc writes it
server_link() {
    ip netns exec "$1" tc qdisc replace dev eth0 root tbf rate "$2" burst 64kb latency 200ms &&
        tc qdisc replace dev "c-$1" root tbf rate "$2" burst 64kb latency 200ms
}

# server_far NAME MS: everything that is sent to it takes so much longer; server_near NAME
server_far() { tc qdisc replace dev "c-$1" root netem delay "$2ms"; }
server_near() { tc qdisc del dev "c-$1" root; }

# The processes that serve connections now.
server_workers() {
    ip netns exec "$1" ss -tnpH state established sport = :445 2>/dev/null |
        grep -oE 'pid=[0-9]+' | cut -d= -f2 | sort -u | tr '\n' ' '
}

# Slow for as long as the process runs: works for a fraction of a second, then nothing for 6 s, which
# is later than the probes wait and sooner than the kernel loses patience.
server_be_slow() {
    local pids
    while :; do
        pids=$(server_workers "$1")
        # shellcheck disable=SC2086 # a list of numbers
        kill -STOP $pids 2>/dev/null
        sleep 6
        # shellcheck disable=SC2086
        kill -CONT $pids 2>/dev/null
        sleep 0.3
    done
}

server_destroy() {
    [ -d "/run/lab/server/$1" ] || return 0
    server_signal CONT "$1"
    server_kill "$1"
    ip link del "c-$1" 2>/dev/null
    ip netns del "$1"
    rm -rf "/run/lab/server/$1"
}
