#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# What is installed beside the programs: well-formed, complete, and harmless to mounts.
# packaging.sh SOURCE BUILD: the tree, and its build folder's packaging/
set -u
source=$1
build=$2
failed=0
fail() {
    echo "FAILED: $*"
    failed=1
}
have() {
    command -v "$1" >/dev/null || { echo "skipped: no $1" && false; }
}

man5=$source/packaging/man/smbmounter.yaml.5
if have mandoc; then
    for page in "$man5" "$build/smbmounter.8"; do
        # Whether other manuals are installed here says nothing about ours.
        mandoc -T lint "$page" 2>&1 | grep -v -e 'referenced manual not found' -e 'mandoc.db' &&
            fail "mandoc -T lint $page"
    done
fi
for key in $(sed -n 's/.*\(NODE\|TEXT\|INT\|BOOL\|CHOICE\)("\([a-z_]*\)".*/\2/p' \
    "$source/core/config/keys.c") recover_backoff_sec; do
    grep -q "^\.It Cm $key\( :.*\)\?$" "$man5" || fail "smbmounter.yaml.5 lacks the key $key"
done
# shellcheck disable=SC2013
for option in $(sed -n 's/^ *\(FORCED\|VFS\|CHOICE\|FLAG\|INT\|TEXT\|ID\|OCTAL\)("\([a-z_]*\)".*/\2/p' \
    "$source/core/config/mount_options_cifs.c"); do
    grep -q -w -e "$option" "$man5" || fail "smbmounter.yaml.5 lacks the mount option $option"
done
sed -n 's/^    X([A-Z_]*, "\([a-z-]*\)", \(REMOTE\|LOCAL\).*/\1/p' "$source/core/control/commands.h" |
    while read -r command; do
        for file in smbmounter.8 smbmounter.bash _smbmounter smbmounter.fish; do
            grep -q -e "$command" "$build/$file" || echo "$file lacks $command"
        done
    done | grep . && fail "a command is missing"

grep -q '^\.It Cm unmount Oo Fl f | Fl \\-force Oc Ar NAME$' "$build/smbmounter.8" ||
    fail "smbmounter.8 lacks the arguments of unmount"

have shellcheck && { shellcheck "$build/smbmounter.bash" || fail "shellcheck"; }
have bash && { bash -n "$build/smbmounter.bash" || fail "bash -n"; }
have zsh && { zsh -n "$build/_smbmounter" || fail "zsh -n"; }
have fish && { fish -n "$build/smbmounter.fish" || fail "fish -n"; }
completed=$(bash -c '. "$1"; COMP_WORDS=(smbmounter sta); COMP_CWORD=1; _smbmounter
    echo "${COMPREPLY[@]}"; COMP_WORDS=(smbmounter unmount --f); COMP_CWORD=2; _smbmounter
    echo "${COMPREPLY[@]}"' - "$build/smbmounter.bash" | tr '\n' ' ')
[ "$completed" = "status --force " ] || fail "bash completes '$completed'"

unit=$build/smbmounter.service
if [ -e "$unit" ]; then
    # Each of these gives a service a mount namespace, where its mounts are lost.
    grep -E '^(Private(Mounts|Tmp|Devices|IPC|Users|Network)|Protect(System|Home|Kernel.*|Control.*|Proc)|ProcSubset|Read(Only|Write)Paths|(Inaccessible|NoExec|Exec)Paths|TemporaryFileSystem|Bind.*Paths|MountFlags|Root(Directory|Image)|DynamicUser)=' \
        "$unit" && fail "the unit hides its mounts"
    grep -q '^Type=notify$' "$unit" || fail "the unit lacks Type=notify"
    grep -q '@CMAKE' "$unit" && fail "the unit is not configured"
    if have systemd-analyze; then
        systemd-analyze security --offline=true --threshold=55 "$unit" >/dev/null ||
            fail "systemd-analyze security: exposure over 5.5"
        systemd-analyze verify --man=no "$unit" 2>&1 |
            grep -v -e 'is not executable' -e 'Failed to \(create\|open\|initialize\)' |
            grep -e 'smbmounter.service:' && fail "systemd-analyze verify"
    fi
fi
exit $failed
