#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# sign.sh PREFIX [IDENTITY]: signs what is installed below PREFIX. The main program runs with library
# validation, for the keychain trusts it; the plugin host without, for it loads plugins of others.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
prefix=${1:?PREFIX}
identity=${2:--}
stamp=()
[ "$identity" = - ] || stamp=(--timestamp)

codesign --force --sign "$identity" "${stamp[@]+"${stamp[@]}"}" --options runtime,library \
    --identifier io.github.smbmounter "$prefix/bin/smbmounter"
codesign --force --sign "$identity" "${stamp[@]+"${stamp[@]}"}" --options runtime \
    --identifier io.github.smbmounter.plugin-host --entitlements "$here/plugin-host.entitlements" \
    "$prefix/libexec/smbmounter/smbmounter-plugin-host"
for file in "$prefix"/lib/smbmounter/plugins/*.dylib; do
    codesign --force --sign "$identity" "${stamp[@]+"${stamp[@]}"}" "$file"
done
codesign --verify --strict "$prefix/bin/smbmounter"
