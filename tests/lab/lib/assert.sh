# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# Checks and what is printed. Output is TAP's: "ok - text", "not ok - text", "# remark".

assert_passed=0
assert_failed=0

say() { printf '# %s\n' "$*"; }

pass() {
    assert_passed=$((assert_passed + 1))
    printf 'ok - %s\n' "$*"
}

miss() {
    assert_failed=$((assert_failed + 1))
    printf 'not ok - %s\n' "$*"
}

# cannot REASON: nothing is checked here; not a promise broken, and not one kept
cannot_reason=
cannot() {
    cannot_reason=$*
    printf 'skipped: %s\n' "$*"
}

# check TEXT COMMAND...: a promise; the command's output is shown when it is broken.
check() {
    local text=$1 output
    shift
    if output=$("$@" 2>&1); then
        pass "$text"
    else
        miss "$text"
        say "  command: $*"
        [ -z "$output" ] || sed 's/^/#   /' <<<"$output"
        return 1
    fi
}

# equal TEXT EXPECTED FOUND
equal() {
    if [ "$2" = "$3" ]; then
        pass "$1"
    else
        miss "$1: expected '$2', found '$3'"
        return 1
    fi
}

# at_most TEXT LIMIT FOUND: whole numbers. What is below zero was never measured: an answer that did
# not come is the number nothing, less the time when it was asked for.
at_most() {
    if [[ $3 =~ ^[0-9]+$ ]] && [ "$3" -le "$2" ]; then
        pass "$1 ($3, at most $2)"
    else
        miss "$1: ${3:-nothing} is not at most $2"
        return 1
    fi
}

# until_true SECONDS COMMAND...: poll; false when the time is over.
until_true() {
    local end=$((SECONDS + $1 + 1))
    shift
    while ! "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.1
    done
}

not() { ! "$@"; }
