# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# The daemon under test: its configuration, its start and end, and what it says.

daemon_config=/run/lab/etc/smbmounter.yaml
daemon_log=/run/lab/daemon.log
daemon_pid=
mount_table=/proc/self/mountinfo

smb() { timeout 60 smbmounter "$@"; }

# config <<X: the whole configuration
config() {
    install -d -m 0755 /run/lab/etc
    cat >"$daemon_config.new"
    chmod 0644 "$daemon_config.new"
    mv "$daemon_config.new" "$daemon_config"
}

# credential NAME [PASSWORD [USER]]: a credentials file as mount.cifs reads it
credential() {
    install -d -m 0700 /run/lab/etc/credentials
    (umask 077 && printf 'username=%s\npassword=%s\n' "${3:-root}" "${2:-secret}" \
        >"/run/lab/etc/credentials/$1")
}

# mount_entry NAME SERVER [LINE...]: one entry of mounts:, with further lines such as "share: x"
mount_entry() {
    local name=$1 server=$2 line share=media
    shift 2
    for line in "$@"; do
        case $line in share:*) share= ;; esac
    done
    printf '  - name: %s\n    server: %s\n' "$name" "$(server_address "$server")"
    [ -z "$share" ] || printf '    share: %s\n' "$share"
    printf '    mountpoint: /mnt/%s\n    username: root\n' "$name"
    printf '    credential: {file: /run/lab/etc/credentials/%s}\n' "$name"
    for line in "$@"; do printf '    %s\n' "$line"; done
    mkdir -p "/mnt/$name"
    [ -e "/run/lab/etc/credentials/$name" ] || credential "$name"
}

# Head of a configuration for tests: looks often.
config_head() {
    cat <<X
defaults:
  mount_options: [soft, nodev, nosuid]
  probe_interval_sec: ${1:-5}
  mount_at_startup: true
  log_level: debug
X
}

daemon_start() {
    smbmounter daemon --config "$daemon_config" >>"$daemon_log" 2>&1 &
    daemon_pid=$!
    until_true 30 smbmounter version || {
        miss "the daemon starts"
        tail -n 20 "$daemon_log" | sed 's/^/#   /'
        return 1
    }
}

# Wait for the process, but not for ever.
daemon_gone() { ! kill -0 "$daemon_pid" 2>/dev/null; }
# What it tells of the faults, for whoever reads the output of a scenario.
tell_why() {
    local name told
    for name in $(smb --json status 2>/dev/null | jq -r '.. | objects | select(has("state")) | .name'); do
        told=$(smb why "$name")
        [[ $told == Nothing\ has\ gone\ wrong* ]] || printf '# $ smbmounter why %s\n%s\n' "$name" \
            "$(sed 's/^/#   /' <<<"$told")"
    done
}
daemon_stop() {
    [ -n "$daemon_pid" ] || return 0
    [ "$LAB_DEMO" = yes ] || tell_why
    kill -TERM "$daemon_pid" 2>/dev/null
    if ! until_true 30 daemon_gone; then
        miss "the daemon ends within 30 s of SIGTERM"
        kill -KILL "$daemon_pid"
    fi
    wait "$daemon_pid" 2>/dev/null
    daemon_pid=
}
daemon_kill() {
    kill -KILL "$daemon_pid"
    wait "$daemon_pid" 2>/dev/null
    daemon_pid=
}

# status_of NAME FIELD
status_of() {
    smb --json status "$1" |
        jq -r --arg name "$1" "[.. | objects | select(.name? == \$name and has(\"state\"))][0].$2"
}
state_is() { [ "$(status_of "$1" state)" = "$2" ]; }
health_is() { [ "$(status_of "$1" health)" = "$2" ]; }

# await_state SECONDS NAME STATE. On a machine that does much else a mount may need more than its
# 8 s, and is tried again after 30.
await_state() {
    until_true $(($1 > 60 ? $1 : 60)) state_is "$2" "$3" || {
        miss "$2 is $3 within $1 s (it is '$(status_of "$2" state)': $(status_of "$2" reason))"
        return 1
    }
}

# events_of NAME SINCE: one line each, "wall_ms kind text"
events_of() {
    smb --json events "$1" | jq -r --argjson since "${2:-0}" \
        '[.. | objects | select(has("wall_ms") and has("kind"))] | .[] | select(.wall_ms >= $since)
         | "\(.wall_ms) \(.kind) \(.number // 0) \(.text)"'
}
has_event() { events_of "$1" "$2" | cut -d ' ' -f 2- | grep -qE "$3"; }
# event_count NAME SINCE PATTERN: "unknown" when they cannot be had
event_count() {
    local all
    all=$(
        set -o pipefail
        events_of "$1" "$2"
    ) || {
        echo unknown
        return 1
    }
    cut -d ' ' -f 2- <<<"$all" | grep -cE "$3"
}

# seen_after NAME SINCE: ms from SINCE to the first event that speaks of trouble
seen_after() {
    local at
    at=$(events_of "$1" "$2" | awk '$2=="verdict"||$2=="server"||$2=="table"||$2=="incident"||$2=="state"{print $1; exit}')
    [ -z "$at" ] || echo $((at - $2))
}
# steps_since NAME SINCE: the recovery's steps in one line
steps_since() {
    local steps
    steps=$(events_of "$1" "$2" | sed -nE 's/^[0-9]+ step [0-9]+ [^:]*: ([^:]*).*/\1/p
        s/^[0-9]+ recovered [0-9]+ (.*)/(\1)/p' | uniq | paste -sd ' ')
    echo "${steps:-nothing, the kernel healed by itself}"
}

# longest_gap NAME PROBE: ms between two answers of a probe, from the daemon's log (level debug)
longest_gap() {
    awk -v what="mount '$1': $2:" 'index($0, what) {
        split($2, t, ":"); now = int(((t[1]*60 + t[2])*60 + t[3]) * 1000)
        if (seen) { gap = (now - last + 86400000) % 86400000; if (gap > most) most = gap }
        last = now; seen++ }
        END {if (seen > 1) print most}' "$daemon_log"
}

# Kernels before 6.8 give a new mount the id of an old one. An unchanged id proves something only
# while a file is open on the mount (hold_start), or together with this.
never_remounted() { [ "$(event_count "$1" "$2" '^state [0-9]+ (mounting|unmounting|unmounted)')" = 0 ]; }

# How many mounts stand at PATH, and the id of the topmost.
mounts_at() { awk -v at="$1" '$5==at' "$mount_table" | wc -l; }
mount_id() { awk -v at="$1" '$5==at {id=$1} END {print id}' "$mount_table"; }
mount_type() {
    awk -v at="$1" '$5==at {for (i=6;i<NF;i++) if ($i=="-") type=$(i+1)} END {print type}' \
        "$mount_table"
}
is_mounted() { [ "$(mounts_at "$1")" -ge 1 ]; }
all_mounts() { awk '{for (i=6;i<NF;i++) if ($i=="-") print $5, $(i+1)}' /proc/self/mountinfo; }

# our_pids PATTERN: processes whose command line matches, words joined by blanks. Starts no
# process: in a guest each one costs 20 ms.
our_pids() {
    local dir words line
    for dir in /proc/[0-9]*; do
        mapfile -d '' -t words 2>/dev/null <"$dir/cmdline" || continue
        line="${words[*]} "
        [[ $line =~ $1 ]] && echo "${dir#/proc/}"
    done 2>/dev/null
    return 0
}
host_pids() { our_pids '^[^ ]*smbmounter-plugin-host'; }
helper_pids() { our_pids '^[^ ]*smbmounter mount-helper'; }

# Processes of ours that are waiting in the kernel (state D) now, with how often they have waited.
waiting_pids() {
    local pid line
    for pid in $(our_pids '^[^ ]*smbmounter'); do
        read -r line 2>/dev/null <"/proc/$pid/stat" || continue
        case ${line##*) } in D*) echo "$pid:$(waits_of "$pid")" ;; esac
    done
}
waits_of() {
    local key value
    while read -r key value; do
        [ "$key" != voluntary_ctxt_switches: ] || echo "$value"
    done 2>/dev/null <"/proc/$1/status"
}
# How many of them are in the same wait half a second later: an answer of a healthy share is a short
# one, too, and a plugin host may be seen in two of them.
stuck_count() {
    local before
    before=" $(waiting_pids | tr '\n' ' ')"
    sleep 0.5
    waiting_pids | while read -r pid; do [[ $before == *" $pid "* ]] && echo "$pid"; done | wc -l
}

# What must not happen while something hangs. observe_start notes once a second how long status
# took, how long a command takes that asks nobody (so much is the machine's), and what is stuck.
observe_start() {
    while :; do
        echo "$(took_ms smbmounter status) $(took_ms smbmounter --version) $(stuck_count)"
        sleep 0.5
    done >/run/lab/observed &
    observe_pid=$!
}
observed() { sort -n -k "$1,$1" /run/lab/observed | awk -v c="$1" '{a[NR]=$c} END {print a[int((NR+1)*'"$2"')]}'; }
# observe_end COUNT [SLOWEST_MS]: stop, and judge; at least COUNT looks
# The figures are printed; what is asserted is only that nothing hangs, on however busy a machine.
observe_end() {
    kill "$observe_pid"
    wait "$observe_pid" 2>/dev/null
    say "status took $(observed 1 .5) ms, at most $(observed 1 .999); a command that asks nobody $(observed 2 .5) ms"
    check "it was looked at often" test "$(wc -l </run/lab/observed)" -ge "$1"
    local ours
    ours=$(($(observed 1 .5) - $(observed 2 .5)))
    at_most "status answered, ms besides starting a process" 1000 $((ours > 0 ? ours : 0))
    at_most "status answered at the slowest, ms" "${2:-3000}" "$(observed 1 .999)"
    at_most "processes of ours stuck at a time" 1 "$(observed 3 .999)"
}
