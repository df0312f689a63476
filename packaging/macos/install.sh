#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# sudo packaging/macos/install.sh [BUILD]: installs what was built (default build/release), signs it
# and starts the daemon. Run it again to update: the daemon is stopped and started, which does to the
# mounts what on_stop says. The configuration is never replaced.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$(cd "$here/../.." && pwd)
build=${1:-$source/build/release}
label=io.github.smbmounter
plist=/Library/LaunchDaemons/$label.plist
identity=${SMBMOUNTER_SIGN:--} # "-": signed ad hoc, for this Mac only

fail() {
    echo "install.sh: $*" >&2
    exit 1
}

[ "$(uname)" = Darwin ] || fail "this is for macOS; on Linux: cmake --install $build"
[ "$(id -u)" = 0 ] || fail "needs root: sudo $0"
[ -x "$build/bin/smbmounter" ] || fail "nothing is built in $build (cmake --build --preset release)"

cmake --install "$build"
prefix=$(sed -n 's/^CMAKE_INSTALL_PREFIX:PATH=//p' "$build/CMakeCache.txt")
"$here/sign.sh" "$prefix" "$identity"
if [ "$prefix" != /usr/local ]; then
    echo "$prefix/bin" >/etc/paths.d/smbmounter
    echo "smbmounter is $prefix/bin/smbmounter; terminals that are opened from now on find it by its name."
fi

install -d -o root -g wheel -m 0755 /etc/smbmounter
if [ ! -e /etc/smbmounter/smbmounter.yaml ]; then
    install -o root -g wheel -m 0644 "$source/conf/smbmounter-macos.yaml.example" \
        /etc/smbmounter/smbmounter.yaml
    echo "Installed. Now write your shares into /etc/smbmounter/smbmounter.yaml, then run this again."
    exit 0
fi
install -o root -g wheel -m 0644 "$here/newsyslog.conf" /etc/newsyslog.d/smbmounter.conf
install -o root -g wheel -m 0644 "$build/packaging/$label.plist" "$plist"

"$prefix/bin/smbmounter" check-config || fail "mend the configuration, then run this again"
"$here/scripts/postinstall"
launchctl print "system/$label" >/dev/null ||
    fail "launchd did not take the job: sudo launchctl bootstrap system $plist says why"
echo "Installed and started. Passwords: sudo smbmounter setup NAME. Then: smbmounter status"
