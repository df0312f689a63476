#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# sudo packaging/macos/uninstall.sh [--purge]: stops the daemon (which unmounts what nobody uses, as
# on_stop says) and removes its programs. --purge: its configuration, log and passwords as well.
set -euo pipefail
label=io.github.smbmounter
plist=/Library/LaunchDaemons/$label.plist
# Where it was installed, launchd's file says.
prefix=$(sed -n 's|.*<string>\(/.*\)/bin/smbmounter</string>.*|\1|p' "$plist" 2>/dev/null) || true
prefix=${SMBMOUNTER_PREFIX:-${prefix:-/usr/local}}
purge=false

fail() {
    echo "uninstall.sh: $*" >&2
    exit 1
}

case ${1:-} in
--purge) purge=true ;;
'') ;;
*) fail "only --purge is known" ;;
esac
[ "$(uname)" = Darwin ] || fail "this is for macOS"
[ "$(id -u)" = 0 ] || fail "needs root: sudo $0"

launchctl bootout "system/$label" 2>/dev/null || true
rm -f "$plist" /etc/newsyslog.d/smbmounter.conf /etc/paths.d/smbmounter
rm -f "$prefix/bin/smbmounter" "$prefix/libexec/smbmounter/smbmounter-plugin-host"
for name in await-server backoff device-id force-unmount-remount kernel-status reconnect \
    smb-negotiate stat-timeout statfs-fstype; do
    rm -f "$prefix/lib/smbmounter/plugins/$name.dylib" "$prefix/share/man/man7/smbmounter-$name.7"
done
rm -f "$prefix/include/smbmounter/plugin.h" "$prefix/share/man/man8/smbmounter.8" \
    "$prefix/share/man/man5/smbmounter.yaml.5" "$prefix/share/zsh/site-functions/_smbmounter" \
    "$prefix/share/bash-completion/completions/smbmounter" \
    "$prefix/share/fish/vendor_completions.d/smbmounter.fish" \
    "$prefix/share/doc/smbmounter/smbmounter.yaml.example" "$prefix/lib/pkgconfig/smbmounter.pc" \
    "$prefix/lib/cmake/smbmounter/smbmounterConfig.cmake" \
    "$prefix/lib/cmake/smbmounter/smbmounterConfigVersion.cmake"
# Folders with plugins of your own stay.
for folder in lib/smbmounter/plugins lib/smbmounter lib/cmake/smbmounter libexec/smbmounter \
    include/smbmounter share/doc/smbmounter; do
    rmdir "$prefix/$folder" 2>/dev/null || true
done
rm -f /var/run/smbmounter.sock
pkgutil --forget "$label" >/dev/null 2>&1 || true

if $purge; then
    # Items of ours carry this label; each call deletes one.
    while name=$(security dump-keychain /Library/Keychains/System.keychain 2>/dev/null |
        sed -n 's/.*0x00000007 <blob>="\(smbmounter ([A-Za-z0-9._-]*)\)".*/\1/p' | head -n 1) &&
        [ -n "$name" ]; do
        security delete-internet-password -l "$name" /Library/Keychains/System.keychain \
            >/dev/null 2>&1 || break
    done
    rm -rf /etc/smbmounter /var/run/smbmounter
    rm -f /var/log/smbmounter.log /var/log/smbmounter.log.* /var/log/smbmounter.start.log*
    echo "Removed, with configuration, log and passwords. Mounts that are in use stay until you eject them."
else
    echo "Removed. /etc/smbmounter, the log and the passwords in the System keychain stay (--purge)."
fi
