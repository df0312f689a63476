# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# Time: all in milliseconds since 1970, as the daemon's events have it.

now_ms() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# took_ms COMMAND...: how long it took; its status is kept, its output dropped
took_ms() {
    local began status=0
    began=$(now_ms)
    "$@" >/dev/null 2>&1 || status=$?
    echo $(($(now_ms) - began))
    return $status
}

# seconds MS: for people
seconds() {
    [ -n "${1:-}" ] || {
        echo "never"
        return
    }
    local sign='' ms=$1
    [ "$ms" -ge 0 ] || { sign=-; ms=$((-ms)); }
    printf '%s%d.%02d s' "$sign" $((ms / 1000)) $((ms % 1000 / 10))
}

measure_cifs=ff534d42
measure_cifs3=fe534d42
measure_fuse=65735546

# watch_start NAME PATH [INTERVAL_MS]; watch_stop NAME
watch_start() {
    mkdir -p /run/lab/watch
    /run/lab/job/bin/watch "$2" "${3:-100}" >"/run/lab/watch/$1" &
    echo $! >"/run/lab/watch/$1.pid"
}

watch_stop() {
    local pid
    pid=$(cat "/run/lab/watch/$1.pid")
    kill "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    return 0
}

# As watch_start, but an answer that does not come is given up after 2 s: a question of before a new
# mount stays with the old one, as those of programs do.
watch_anew_start() {
    mkdir -p /run/lab/watch
    while :; do
        timeout -s KILL 2 /run/lab/job/bin/watch "$2" 100
    done >"/run/lab/watch/$1" 2>/dev/null &
    echo $! >"/run/lab/watch/$1.pid"
}

is_share_line="(\$3==\"$measure_cifs\"||\$3==\"$measure_cifs3\"||\$3==\"$measure_fuse\")&&\$4==0"

# first_answer NAME SINCE: when the first answer of the share itself came at or after SINCE
first_answer() { awk -v since="$2" "$is_share_line && \$2>=since {print \$2; exit}" "/run/lab/watch/$1"; }

# steady_answer NAME SINCE: as first_answer, but of a question asked after SINCE
steady_answer() { awk -v since="$2" "$is_share_line && \$1>=since {print \$2; exit}" "/run/lab/watch/$1"; }

answered_since() { [ -n "$(first_answer "$1" "$2")" ]; }
asked_and_answered_since() { [ -n "$(steady_answer "$1" "$2")" ]; }

# last_answer NAME: when the newest answer came; silent_for NAME MS: it is at least so long ago
last_answer() { awk 'END {print $2}' "/run/lab/watch/$1"; }
silent_for() { [ $(($(now_ms) - $(last_answer "$1"))) -ge "$2" ]; }

# longest_answer NAME SINCE UNTIL: the slowest good answer, and failures as "errors"
longest_answer() {
    awk -v since="$2" -v until="$3" "\$1>=since&&\$1<=until {
        if (!($is_share_line)) bad++; else if (\$2-\$1>max) max=\$2-\$1 }
        END {if (bad) print \"errors:\" bad; else print max+0}" "/run/lab/watch/$1"
}

# Programs with a file open: hold_start NAME FILE; hold_write NAME (prints "number errno ms");
# hold_end NAME (prints "kept N" or "lost").
hold_start() {
    mkdir -p /run/lab/hold
    rm -f "/run/lab/hold/$1.in"
    mkfifo "/run/lab/hold/$1.in"
    /run/lab/job/bin/holder "$2" <"/run/lab/hold/$1.in" >"/run/lab/hold/$1.out" 2>&1 &
    echo $! >"/run/lab/hold/$1.pid"
    exec {hold_fd}>"/run/lab/hold/$1.in"
    eval "hold_fd_$1=$hold_fd"
}

# hold_write NAME [SECONDS]
hold_write() {
    local lines fd_name=hold_fd_$1
    lines=$(wc -l <"/run/lab/hold/$1.out")
    echo go >&"${!fd_name}"
    until_true "${2:-30}" hold_has_more "$1" "$lines" || {
        echo "no answer"
        return 1
    }
    tail -n 1 "/run/lab/hold/$1.out"
}
hold_has_more() { [ "$(wc -l <"/run/lab/hold/$1.out")" -gt "$2" ]; }

hold_end() {
    local fd_name=hold_fd_$1
    echo end >&"${!fd_name}"
    until_true 30 grep -qE '^(kept|lost)' "/run/lab/hold/$1.out"
    tail -n 1 "/run/lab/hold/$1.out"
}

# The report of one fault, for people and for the runner's table at the end.
# report_fault TEXT BEGAN SEEN BACK MENDED ALONE DONE
#   BEGAN, BACK   when the fault began and when the share answered again
#   SEEN          ms until the daemon spoke of it, or ""
#   MENDED        when what was broken was put right from outside, or "" when nobody did
#   ALONE         ms until the share answers with the kernel alone, from MENDED on; "" for never,
#                 "unplayed" when that was not tried
report_fault() {
    local text=$1 began=$2 seen=$3 back=$4 mended=$5 alone=$6 done=$7 outage=- after=-
    [ -z "$back" ] || outage=$((back - began))
    [ -z "$back" ] || [ -z "$mended" ] || after=$((back - mended))
    printf '@@FAULT|%s|%s|%s|%s|%s|%s\n' "$text" "${seen:--}" "$outage" "$after" "${alone:--}" "$done"
    say "FAULT: $text, at $(date -d "@$((began / 1000))" +%H:%M:%S)"
    say "  seen after $(seconds "$seen")"
    say "  done: $done"
    say "  answered again $(seconds "${outage#-}") after it began${mended:+, $(seconds "${after#-}") after the cause was gone}"
    [ "$alone" = unplayed ] ||
        say "  the kernel alone: $(seconds "$alone")${alone:+ after the cause was gone}"
}
