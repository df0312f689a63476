# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: plugins that hang, crash, lie and answer rubbish: named, and nobody else is late for it

plugin_folder=/usr/local/lib/smbmounter/plugins
late_probes=(hang stubborn)
crashing_probes=(crash aborts quits closes)
lying_probes=(rubbish odd-verdict server-verdict)
odd_probes=(long-text bad-text)
bad_probes=("${late_probes[@]}" "${crashing_probes[@]}" "${lying_probes[@]}" "${odd_probes[@]}")
liars=(bad-magic abi-2 small no-symbol bad-table evil-name hang-load crash-load)

bring() {
    local name
    for name in "$@"; do install -m 0644 "/run/lab/job/test-plugins/$name.so" "$plugin_folder/"; done
}

list() { printf ', %s' "$@"; }
good_mounts() {
    mount_entry good1 srv
    mount_entry good2 srv 'share: other'
}
bad_mounts() {
    local name step
    for name in "${late_probes[@]}"; do
        mount_entry "$name" srv2 "probes: [device-id, statfs-fstype, $name]" 'probe_timeout_sec: 1'
    done
    mount_entry crashing srv2 "probes: [device-id, statfs-fstype$(list "${crashing_probes[@]}")]"
    mount_entry lying srv2 "probes: [device-id, statfs-fstype$(list "${lying_probes[@]}" "${odd_probes[@]}")]"
    for step in 98 99 1000; do
        mount_entry "step$step" srv2 'share: other' \
            "recovery: [{decide: {step: $step}}, await-server, {backoff: {schedule_sec: [1, 2]}}, reconnect, force-unmount-remount]"
    done
}

# probe_times MOUNT PROBE SINCE: when it answered, ms of the day, from the daemon's log
probe_times() {
    awk -v mount="mount '$1': $2: " -v since="$3" 'index($0, mount) {
        split($2, t, /[:.]/)
        at = ((t[1] * 60 + t[2]) * 60 + t[3]) * 1000 + t[4]
        if (at >= since) print at
    }' "$daemon_log"
}
day_ms() { date +%s%3N -d "1970-01-01 $(date +%H:%M:%S.%3N) UTC"; }
# longest_gap MOUNT PROBE SINCE UNTIL: between two answers, the ends included
longest_gap() {
    { echo "$3"; probe_times "$1" "$2" "$3"; echo "$4"; } |
        awk 'NR > 1 && $1 - last > most {most = $1 - last} {last = $1} END {print most + 0}'
}

# on_time TEXT SINCE: the probes of the good mounts, due every 5 s and 2 s, on however busy a machine
on_time() {
    local now mount probe gap most limit
    now=$(day_ms)
    for probe in stat-timeout:12000 kernel-status:8000; do
        most=0 limit=${probe#*:} probe=${probe%:*}
        for mount in good1 good2; do
            gap=$(longest_gap $mount "$probe" "$2" "$now")
            [ "$gap" -le "$most" ] || most=$gap
        done
        at_most "$1: the longest time without $probe of a good mount, ms" "$limit" "$most"
    done
}

# plugins_now FILE: a line for each plugin file: file name state late crashed rubbish
plugins_now() {
    smb --json plugins | jq -r '.. | objects | select(has("kind") and has("file"))
        | "\(.file) \(.name) \(.state) \(.late) \(.crashed) \(.rubbish)"' >"/run/lab/$1"
}
# fault_of FILE PLUGIN state|late|crashed|rubbish
fault_of() {
    awk -v name="$2" -v word="$3" 'BEGIN {at["state"] = 3; at["late"] = 4; at["crashed"] = 5; at["rubbish"] = 6}
        $2 == name {print $at[word]}' "/run/lab/$1"
}
# went_wrong PLUGIN WORD SECONDS: so often as it was asked, every 5 s, and not once more
went_wrong() {
    local times=$(($(fault_of after "$1" "$2") - $(fault_of before "$1" "$2")))
    check "$1 is counted as $2 ($times times in $3 s)" test $times -ge 2
    at_most "and no oftener than it was due" $(($3 / 4 + 2)) $times
}
# asked MOUNT: what command probe says, in one line; it may have to wait for a round under way
asked() { smb probe "$1" >/run/lab/out 2>&1; }
probe_says() { tr -s ' \n' ' ' </run/lab/out | grep -q "$1"; }

play() {
    local since name began took
    server_create srv
    server_create srv2
    { config_head 5; echo "mounts:"; good_mounts; } | config
    daemon_start || return
    for name in good1 good2; do await_state 20 $name mounted || return; done
    for name in good1 good2; do until_true 20 health_is $name healthy; done
    since=$(day_ms)
    sleep 11
    on_time "before" "$since"

    bring "${liars[@]}" "${bad_probes[@]}" decide healthy
    { config_head 5; echo "mounts:"; good_mounts; bad_mounts; } | config
    since=$(day_ms)
    check "a reload with files that hang and crash while they are loaded" smb reload
    on_time "while they were loaded" "$since"
    plugins_now loaded
    for name in "${liars[@]}"; do
        check "$name is listed as broken" grep -q "^$name.so .* broken " /run/lab/loaded
    done
    smb plugins | grep -A1 broken | grep -v '^--' | sed 's/^/#   /'
    { config_head 5; echo "  probes: [device-id, abi-2]"; echo "mounts:"; good_mounts; } >/run/lab/etc/liar.yaml
    smb check-config /run/lab/etc/liar.yaml >/run/lab/out 2>&1
    equal "a configuration that names one is refused" 7 $?
    check "with the plugin's reason" grep -q abi-2 /run/lab/out

    # those that hang are taken down and mounted again all the time, as their probes demand
    for name in crashing lying step98 step99 step1000; do await_state 60 "$name" mounted; done
    since=$(day_ms)
    began=$(now_ms)
    plugins_now before
    observe_start
    sleep 25
    on_time "with ${#bad_probes[@]} bad probes" "$since"
    for name in good1 good2; do
        equal "$name was never in trouble" 0 "$(event_count $name "$began" '^(incident|state|verdict|stuck)')"
    done
    plugins_now after
    took=$((($(now_ms) - began) / 1000))
    for name in "${late_probes[@]}"; do
        check "$name is counted as late" test "$(fault_of after "$name" late)" -ge 2
    done
    for name in "${crashing_probes[@]}"; do
        went_wrong "$name" crashed $took
        equal "and is failing" failing "$(fault_of after "$name" state)"
    done
    for name in "${lying_probes[@]}"; do
        went_wrong "$name" rubbish $took
        equal "and is failing" failing "$(fault_of after "$name" state)"
    done
    for name in crashing lying; do
        equal "$name is well, the other probes say so" "mounted healthy" \
            "$(status_of $name state) $(status_of $name health)"
    done
    smb plugins | grep -A1 -E 'failing|hang |stubborn ' | grep -v '^--' | sed 's/^/#   /'
    check "the crashing ones can be probed" until_true 20 asked crashing
    check "probe names the crash" probe_says SIGSEGV
    check "and the abort" probe_says SIGABRT
    sed 's/^/#   /' /run/lab/out
    check "the lying ones can be probed" until_true 20 asked lying
    check "probe names the verdict" probe_says 'verdict 42'
    check "and shows no byte that is no text" probe_says 'caf'
    sed 's/^/#   /' /run/lab/out
    check "why of the one that hangs names it" grep -q "probe plugin 'hang': no answer within 1000 ms" <(smb why hang | tr -s ' \n' ' ')
    smb why hang | tail -n 12 | sed 's/^/#   /'

    began=$(now_ms)
    since=$(day_ms)
    server_kill srv2
    for name in step98 step99 step1000; do check "$name: the outage is seen" await_state 30 $name recovering; done
    server_start srv2
    for name in step98 step99 step1000; do
        check "$name: mounted again all the same" await_state 60 $name mounted
        check "$name: healthy" until_true 40 health_is $name healthy
        check "$name: why names the plugin" grep -q "recovery plugin 'decide' failed" <(smb why $name | tr -s ' \n' ' ')
    done
    smb why step99 | tail -n 12 | sed 's/^/#   /'
    plugins_now after
    check "decide is counted as late, crashed and rubbish, and is failing" \
        grep -qE '^decide.so decide failing [1-9][0-9]* [1-9][0-9]* [1-9]' /run/lab/after
    on_time "with bad recoveries" "$since"
    for name in good1 good2; do
        equal "$name was never in trouble" 0 "$(event_count $name "$began" '^(incident|state|verdict|stuck)')"
    done
    observe_end 12 6000
    for name in "${liars[@]}" "${bad_probes[@]}" decide healthy; do rm -f "$plugin_folder/$name.so"; done
    daemon_stop
}
