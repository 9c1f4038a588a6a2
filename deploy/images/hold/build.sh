#!/bin/sh
# Compiles hold.c to $1: with MUSL it comes out at 13 KB with 16 KB of resident memory, else at 690 KB and 690 KB.
set -eu
folder=$(dirname "$0")
exec "$folder/../compile.sh" "$folder/hold.c" "$1"
