# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# The parts of tests/cross/run.

fail() {
    echo "cross: $*" >&2
    exit 1
}

tool() { # the newest llvm-NAME that is there
    local found
    found=$(compgen -c "llvm-$1" | grep -xE "llvm-$1(-[0-9]+)?" | sort -V | tail -n 1)
    [ -n "$found" ] || fail "llvm-$1 is missing (package llvm)"
    echo "$found"
}

fetch_zig() {
    export CROSS_ZIG=$out/npm/node_modules/$zig_package/zig ZIG_GLOBAL_CACHE_DIR=$out/zig-cache
    ZIG_LOCAL_CACHE_DIR=$ZIG_GLOBAL_CACHE_DIR
    export ZIG_LOCAL_CACHE_DIR
    [ -x "$CROSS_ZIG" ] && return
    if [ "$(uname -m)" != x86_64 ] || ! command -v npm >/dev/null; then
        echo "cross: skipped, it needs npm on x86_64"
        exit 77
    fi
    mkdir -p "$out/npm"
    if ! (cd "$out/npm" && npm install --no-audit --no-fund --ignore-scripts --no-save \
        "$zig_package@$zig_version" >npm.log 2>&1); then
        sed -n '1,5p' "$out/npm/npm.log"
        echo "cross: skipped, $zig_package cannot be fetched from npm"
        exit 77
    fi
}

# stub NAME INSTALL-NAME SYMBOL...: a library of which only the names are known.
stub() {
    local file=$out/stubs/lib/lib$1.tbd install=$2 symbol
    shift 2
    {
        printf -- '--- !tapi-tbd\ntbd-version: 4\ntargets: [ x86_64-macos, arm64-macos ]\n'
        printf "install-name: '%s'\nexports:\n" "$install"
        printf '  - targets: [ x86_64-macos, arm64-macos ]\n    symbols: [ '
        for symbol in "$@"; do printf '_%s, ' "$symbol"; done | sed 's/, $//'
        printf ' ]\n...\n'
    } >"$file"
}

symbols_of() { # what a shared library of this machine exports: FILE PATTERN
    nm -D --defined-only "$(cc -print-file-name="$1")" | awk '{print $3}' | sed 's/@.*//' |
        grep -E "$2" | sort -u
}

# Headers of the three libraries are the same everywhere; their symbols are taken from the ones here.
make_stubs() {
    local include=$out/stubs/include pc=$out/stubs/pkgconfig name symbols msgpack=libmsgpackc.so
    rm -rf "$out/stubs"
    mkdir -p "$out/stubs/lib" "$include" "$pc"
    cp -r "$here/stubs/." "$out/stubs/"
    cp -r /usr/include/uv.h /usr/include/uv /usr/include/yaml.h /usr/include/msgpack.h \
        /usr/include/msgpack "$include/"
    [ -e "$(cc -print-file-name=$msgpack)" ] || msgpack=libmsgpack-c.so
    mapfile -t symbols < <(symbols_of libuv.so '^uv_')
    stub uv /usr/local/lib/libuv.1.dylib "${symbols[@]}"
    mapfile -t symbols < <(symbols_of libyaml.so '^yaml_')
    stub yaml /usr/local/lib/libyaml-0.2.dylib "${symbols[@]}"
    mapfile -t symbols < <(symbols_of $msgpack '^msgpack_')
    stub msgpackc /usr/local/lib/libmsgpack-c.2.dylib "${symbols[@]}"
    for name in libuv:uv yaml-0.1:yaml msgpack:msgpackc; do
        printf 'Name: %s\nDescription: stub\nVersion: 1\nCflags: -I%s\nLibs: -L%s -l%s\n' \
            "${name%:*}" "$include" "$out/stubs/lib" "${name#*:}" >"$pc/${name%:*}.pc"
    done
}

build() { # ARCH: aarch64, x86_64
    export CROSS_ARCH=$1 CROSS_TARGET=$1-macos.$minimum
    PKG_CONFIG_LIBDIR=$out/stubs/pkgconfig cmake -S "$source" -B "$out/$1" -G Ninja \
        --toolchain "$here/toolchain.cmake" -DCMAKE_BUILD_TYPE=Release -DSMBMOUNTER_TESTS=OFF \
        -DSMBMOUNTER_DARWIN_STUBS="$out/stubs" >"$out/$1-cmake.log" ||
        fail "cmake failed, see $out/$1-cmake.log"
    cmake --build "$out/$1" -- -k0 >"$out/$1-build.log" 2>&1 || {
        grep -E ' error: | warning: |undefined symbol|^error: |^error\(' "$out/$1-build.log" | sort -u | head -n 60
        fail "the build for $1 failed, see $out/$1-build.log"
    }
}

inspect() { :; }
join() { :; }
