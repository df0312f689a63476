# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# The parts of tests/cross/run, which sets these:
: "${here:?}" "${source:?}" "${out:?}" "${zig_package:?}" "${zig_version:?}" "${minimum:?}"

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


programs="bin/smbmounter bin/smbmounter-plugin-host"
plugins() { (cd "$out/$1" && echo lib/smbmounter/plugins/*.dylib); }

# What a file may be linked with, beside libSystem.
allowed_libraries() {
    case $1 in
    bin/smbmounter)
        echo /usr/local/lib/libuv.1.dylib /usr/local/lib/libyaml-0.2.dylib \
            /usr/local/lib/libmsgpack-c.2.dylib
        local name
        for name in CoreFoundation NetFS Security; do
            echo "/System/Library/Frameworks/$name.framework/Versions/A/$name"
        done
        ;;
    *.dylib) echo "@rpath/${1##*/}" ;;
    esac
}

inspect_file() { # ARCH FILE
    local file=$out/$1/$2 commands library exports
    commands=$($otool -l "$file")
    grep -A4 LC_BUILD_VERSION <<<"$commands" | grep -q "minos $minimum" ||
        fail "$2 ($1) is not for macOS $minimum"
    [ "$1" = x86_64 ] || grep -q LC_CODE_SIGNATURE <<<"$commands" ||
        fail "$2 ($1) has no signature, arm64 would not run it"
    for library in $($otool -L "$file" | sed 1d | awk '{print $1}'); do
        case " /usr/lib/libSystem.B.dylib $(allowed_libraries "$2" | xargs) " in
        *" $library "*) ;;
        *) fail "$2 ($1) is linked with $library" ;;
        esac
    done
    if $nm -u "$file" | awk '{print $NF}' | grep -xE '_(system|popen|wordexp|execvp|execlp|gets|mktemp)'; then
        fail "$2 ($1) calls what no program here may call"
    fi
    exports=$($objdump -m --exports-trie "$file" | awk '/^0x/ &&
        $2 !~ /^(__mh_(dylib|execute)_header|___dso_handle)$/ {print $2}' | xargs)
    case $2 in
    *.dylib) [ "$exports" = _smbm_plugin ] || fail "$2 ($1) exports '$exports', not smbm_plugin" ;;
    *) [ -z "$exports" ] || [ "$exports" = _main ] || fail "$2 ($1) exports $exports" ;;
    esac
}

# The list of what each file imports is part of the result: $out/imports-ARCH.txt.
inspect() {
    local file nm objdump otool
    nm=$(tool nm) objdump=$(tool objdump) otool=$(tool otool)
    : >"$out/imports-$1.txt"
    for file in $programs $(plugins "$1"); do
        inspect_file "$1" "$file"
        { echo "$file:" && $nm -u "$out/$1/$file" | awk '{print "    " $NF}' | sort; } \
            >>"$out/imports-$1.txt"
        printf '  %-8s %-50s %4d imports\n' "$1" "$file" \
            "$($nm -u "$out/$1/$file" | grep -c .)"
    done
}

join() {
    local file lipo
    lipo=$(tool lipo)
    for file in $programs $(plugins x86_64); do
        mkdir -p "$out/universal/$(dirname "$file")"
        $lipo -create "$out/aarch64/$file" "$out/x86_64/$file" -output "$out/universal/$file"
        $lipo "$out/universal/$file" -verify_arch x86_64 arm64 || fail "$file is not for both"
    done
}

# clang's static analyser over what only macOS compiles, with the same headers. Its leak checker
# does not know the cleanup attribute; the live-object counts of tests/darwin look for leaks.
analyse() {
    local file
    command -v clang >/dev/null || fail "clang is missing"
    for file in "$source"/core/os/os_darwin*.c "$source"/core/mount/{netfs,keychain,helper_netfs}*.c \
        "$source"/plugins/*/*darwin.c "$source"/core/config/*darwin.c; do
        [ -e "$file" ] || continue
        clang --analyze --analyzer-output text -Xclang -analyzer-werror \
            -Xclang -analyzer-disable-checker -Xclang unix.Malloc -w -std=c11 \
            -target "arm64-apple-macos$minimum" -I"$source/core" -I"$source/include" \
            -I"$source/plugins" -isystem "$out/stubs/include" -isystem \
            "$out/npm/node_modules/$zig_package/lib/libc/include/any-macos-any" \
            "$file" || fail "the analyser found something in $file"
    done
}
