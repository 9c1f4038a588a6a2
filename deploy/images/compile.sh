#!/bin/sh
# Compiles a one-file program, $1, to a static binary, $2. If MUSL names the root folder of an unpacked musl-dev, it
# links with musl; else with the compiler's own C library, which makes the binary many times as large.
set -eu
flags='-std=c11 -Os -Wall -Wextra -Werror -static -s -Wl,--build-id=none'
if [ -n "${MUSL:-}" ]; then
  triplet=$(gcc -dumpmachine | sed s/-gnu/-musl/)
  headers=$MUSL/usr/include/$triplet
  lib=$MUSL/usr/lib/$triplet
  # shellcheck disable=SC2086 # the flags must be split
  exec gcc $flags -nostdinc -isystem "$headers" -nostdlib -o "$2" \
    "$lib/crt1.o" "$lib/crti.o" "$1" "$lib/libc.a" "$lib/crtn.o"
fi
# shellcheck disable=SC2086
exec gcc $flags -o "$2" "$1"
