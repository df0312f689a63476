#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# pkg.sh BUILD VERSION: makes smbmounter-VERSION.pkg in BUILD. With these in the environment it is
# signed and notarized, without them it is not, and says so:
#   SMBMOUNTER_SIGN            "Developer ID Application: ..."
#   SMBMOUNTER_SIGN_INSTALLER  "Developer ID Installer: ..."
#   SMBMOUNTER_NOTARY          name of a notarytool keychain profile
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "${1:?BUILD}" && pwd)
version=${2:?VERSION}
label=io.github.smbmounter
root=$build/pkg-root
part=$build/$label.pkg
whole=$build/smbmounter-$version.pkg

rm -rf "$root"
DESTDIR=$root cmake --install "$build"
prefix=$root$(sed -n 's/^CMAKE_INSTALL_PREFIX:PATH=//p' "$build/CMakeCache.txt")
"$here/sign.sh" "$prefix" "${SMBMOUNTER_SIGN:--}"
install -d "$root/Library/LaunchDaemons" "$root/etc/newsyslog.d" "$root/etc/paths.d"
install -m 0644 "$build/packaging/$label.plist" "$root/Library/LaunchDaemons/"
install -m 0644 "$here/newsyslog.conf" "$root/etc/newsyslog.d/smbmounter.conf"

[ "$prefix" = "$root/usr/local" ] || echo "${prefix#"$root"}/bin" >"$root/etc/paths.d/smbmounter"

pkgbuild --root "$root" --identifier "$label" --version "$version" --ownership recommended \
    --scripts "$here/scripts" "$part"
if [ -n "${SMBMOUNTER_SIGN_INSTALLER:-}" ]; then
    productbuild --package "$part" --sign "$SMBMOUNTER_SIGN_INSTALLER" "$whole"
else
    productbuild --package "$part" "$whole"
    echo "pkg.sh: not signed: set SMBMOUNTER_SIGN and SMBMOUNTER_SIGN_INSTALLER"
fi
if [ -n "${SMBMOUNTER_NOTARY:-}" ]; then
    xcrun notarytool submit "$whole" --keychain-profile "$SMBMOUNTER_NOTARY" --wait
    xcrun stapler staple "$whole"
else
    echo "pkg.sh: not notarized: set SMBMOUNTER_NOTARY"
fi
echo "$whole"
