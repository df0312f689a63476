# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: a plugin folder with a file for every way to be bad, each refused with its reason

folder=/run/lab/plugins
good=/usr/local/lib/smbmounter/plugins/statfs-fstype.so

# bad NAME COMMAND...: a good plugin under that name, then spoilt
bad() {
    local name=$1
    shift
    install -m 0644 $good "$folder/$name.so"
    "$@"
}

bad_files() {
    bad owner chown 65534 $folder/owner.so
    bad group chmod 0664 $folder/group.so
    bad others chmod 0646 $folder/others.so
    ln -s $good $folder/symlink.so
    mkfifo -m 0644 $folder/fifo.so
    mkdir $folder/folder.so
    bad hardlink true
    chown 65534 $folder/hardlink.so
    ln $folder/hardlink.so $folder/hardlink2.so
    bad cut truncate -s 4000 $folder/cut.so
    bad empty truncate -s 0 $folder/empty.so
    echo '#!/bin/sh' >$folder/text.so
    bad huge truncate -s 100M $folder/huge.so
    bad twin true
    install -m 0644 /run/lab/job/test-plugins/{no-symbol,abi-2,bad-magic}.so $folder/
}

error_of() { smb --json plugins | jq -r --arg file "$1" '[.. | objects | select(.file? == $file)][0].error // "not listed"'; }

# refused FILE WORDS
refused() {
    local error
    error=$(error_of "$1.so")
    check "$1: $error" grep -qE "$2" <<<"$error"
}

# folder_refused TEXT WORDS: the folder as a whole, and nothing that runs is touched by it
folder_refused() {
    smb reload >/run/lab/out 2>&1
    equal "$1: the reload is refused" 7 $?
    check "$1: $(head -n 1 /run/lab/out)" grep -qE "$2" /run/lab/out
    equal "$1: what ran goes on" "mounted $id" "$(status_of a state) $(mount_id /mnt/a)"
}

play() {
    local id
    install -d -m 0755 $folder
    install -m 0644 /usr/local/lib/smbmounter/plugins/{device-id,statfs-fstype,backoff,force-unmount-remount}.so $folder
    bad_files
    {
        echo "plugins: {directory: $folder}"
        fuse_head 2 | sed '/^plugins/d; s/, stat-timeout//'
        echo "mounts:"
        fuse_entry a
    } | config
    daemon_start || return
    check "good ones beside them work" await_state 20 a mounted
    id=$(mount_id /mnt/a)
    refused owner 'owned by uid 65534'
    refused group 'writable by group or others'
    refused others 'writable by group or others'
    refused symlink 'symlink'
    refused fifo 'not a regular file'
    refused folder 'not a regular file|directory'
    refused hardlink 'owned by uid 65534'
    refused hardlink2 'owned by uid 65534'
    refused cut 'cannot be loaded|SIGBUS while loading' # the linker reads past its end, in a process of its own
    refused empty 'empty'
    refused text 'cannot be loaded'
    refused huge 'larger than|cannot be loaded'
    refused twin 'taken by'
    refused no-symbol 'smbm_plugin'
    refused abi-2 'interface 2'
    refused bad-magic '12345678'

    chmod 0777 $folder
    folder_refused "folder that others can write" 'writable by group or others'
    chmod 0755 $folder
    chown 65534 $folder
    folder_refused "folder of a stranger" 'owned by uid 65534'
    chown 0 $folder
    mv $folder $folder.real
    ln -s $folder.real $folder
    folder_refused "folder that is a symlink" 'symlink'
    rm $folder
    mv $folder.real $folder
    chmod 1777 /run/lab
    folder_refused "sticky folder above" 'writable by group or others'
    chmod 0755 /run/lab

    # In place: what is loaded is a sealed copy.
    dd if=/dev/zero of=$folder/statfs-fstype.so bs=4k count=4 conv=notrunc status=none
    truncate -s 100 $folder/device-id.so
    check "changed while loaded: probes go on" smb probe a
    equal "changed while loaded: nothing crashed" 0 "$(grep -cE 'SIG(SEGV|BUS)' "$daemon_log")"
    equal "the mount noticed nothing of all that" "mounted $id" "$(status_of a state) $(mount_id /mnt/a)"
    daemon_stop
}
