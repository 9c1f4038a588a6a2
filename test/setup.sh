#!/bin/sh
# Makes a fresh clone ready to run: installs the packages of package-lock.json if they are not installed yet.
set -eu
cd "$(dirname "$0")/.."
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
  npm ci --no-audit --no-fund >&2
  touch node_modules/.package-lock.json
fi
