#!/bin/sh
# Compiles show-as.c to $1.
set -eu
folder=$(dirname "$0")
exec "$folder/../compile.sh" "$folder/show-as.c" "$1"
