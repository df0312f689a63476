#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# libraries.sh FOLDER: builds libuv, libyaml and msgpack-c for both processors, static, into FOLDER,
# so that the programs need nothing that is not on every Mac: root must not run libraries that a user
# can change, and library validation would refuse them.
set -euo pipefail
to=${1:?FOLDER}
mkdir -p "$to/src"

build() { # NAME REPOSITORY TAG option...
    local name=$1 repository=$2 tag=$3
    shift 3
    [ -d "$to/src/$name" ] ||
        git clone -q --depth 1 --branch "$tag" "https://github.com/$repository" "$to/src/$name"
    cmake -S "$to/src/$name" -B "$to/src/$name/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_OSX_DEPLOYMENT_TARGET=12.0 "-DCMAKE_OSX_ARCHITECTURES=arm64;x86_64" \
        -DCMAKE_INSTALL_PREFIX="$to" -DCMAKE_INSTALL_LIBDIR=lib -DBUILD_SHARED_LIBS=OFF \
        -DCMAKE_POLICY_VERSION_MINIMUM=3.5 "$@" # which CMake 4 wants for libyaml's old file
    cmake --build "$to/src/$name/build" --target install
}

build libuv libuv/libuv v1.49.2 -DLIBUV_BUILD_SHARED=OFF -DBUILD_TESTING=OFF
build libyaml yaml/libyaml 0.2.5 -DBUILD_TESTING=OFF
build msgpack msgpack/msgpack-c c-6.1.0 -DMSGPACK_BUILD_TESTS=OFF -DMSGPACK_BUILD_EXAMPLES=OFF

describe() { # PC VERSION LIBRARY
    printf 'Name: %s\nDescription: %s\nVersion: %s\nCflags: -I%s\nLibs: -L%s -l%s\n' \
        "$1" "$1" "$2" "$to/include" "$to/lib" "$3" >"$to/lib/pkgconfig/$1.pc"
}

# Their own files for static linking use words that Apple's linker does not know, name folders that
# are not there, or are missing.
mkdir -p "$to/lib/pkgconfig"
describe libuv 1.49.2 uv
describe yaml-0.1 0.2.5 yaml
describe msgpack-c 6.1.0 msgpack-c
