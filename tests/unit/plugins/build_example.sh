#!/bin/sh
# build_example.sh BUILD SOURCE DRIVE: install the development files into a prefix of its own and
# build plugins/example against them, outside of the tree, by one cc line and by find_package.
set -eu
build=$1 source=$2 drive=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/prefix" --component development >"$work/log"
cp -r "$source/plugins/example" "$work/example"
cd "$work/example"

pc=$(dirname "$(find "$work/prefix" -name smbmounter.pc)")
cflags=$(PKG_CONFIG_PATH=$pc pkg-config --cflags smbmounter)
# shellcheck disable=SC2086
"${CC:-cc}" -Wall -Wextra -Werror -shared -fPIC -o "$work/example.so" example.c $cflags

cmake -S . -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_INSTALL_PREFIX="$work/prefix" \
    >>"$work/log"
cmake --build "$work/build" >>"$work/log"
cmake --install "$work/build" >>"$work/log"

for so in "$work/example.so" "$work/prefix/lib/smbmounter/plugins/example.so"; do
    look() {
        "$drive" "$so" mountpoint="$work" opt.file="$1" 2>&1
    }
    look example/example.c | grep -q '^HEALTHY the file is there'
    look no-such-file | grep -q '^GONE '
    look ../etc/passwd | grep -q 'must lie in the mount'
done
