#!/bin/sh
# One would expect `qemu-img snapshot -a 2`, `-d 2` and `convert -l 2` to mean the same snapshot.
#
# They do not when a snapshot's NAME looks like a number. QEMU numbers the internal snapshots of a
# qcow2 image itself (1, 2, 3 ...). Applying a snapshot and `convert -l` look for the number first
# and for the name only afterwards; deleting looks for the name alone. So with one snapshot named
# "2" (number 1) and a later one named "other" (number 2), `-a 2` puts back "other", `convert -l 2`
# copies "other", and `-d 2` deletes the one named "2". All three exit with code 0, say nothing.
#
# Seen with qemu-img 7.2.22 (Debian 12, qemu-utils 1:7.2+dfsg-7+deb12u18+b3).
#
# Why it matters: people name snapshots by a date, a build or a counter. "Revert to 2, delete 2"
# then brings back the wrong disk and throws away the right one.
#
# What to do instead: never give a snapshot a name of digits only (put a letter before it), and copy
# a snapshot with `convert -l snapshot.name=NAME`, which does look at the name. qemu-img has no such
# form for -a, so look the number up in `qemu-img info --output=json` and apply by number.
set -eu

version='1:7.2+dfsg-7+deb12u18+b3'
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
cd "$dir"

# A package list of our own, so that the machine's is neither needed nor changed.
mkdir -p apt/state/lists/partial apt/cache/archives/partial
touch apt/status
key=/usr/share/keyrings/debian-archive-keyring.gpg
uri() { apt-get indextargets --format '$(REPO_URI)' | grep -m1 "/$1/*\$"; }
printf 'deb [signed-by=%s] %s %s main\n' "$key" "$(uri debian)" bookworm \
  "$key" "$(uri debian-security)" bookworm-security > apt/sources.list
cat > apt/apt.conf <<CONF
Dir::State "$dir/apt/state";
Dir::State::status "$dir/apt/status";
Dir::Cache "$dir/apt/cache";
Dir::Etc::sourcelist "$dir/apt/sources.list";
Dir::Etc::sourceparts "-";
APT::Sandbox::User "root";
CONF
export APT_CONFIG="$dir/apt/apt.conf"
apt-get -qq update
apt-get -qq download "qemu-utils=$version" libaio1 liburing2
for deb in *.deb; do dpkg-deb -x "$deb" root; done
export LD_LIBRARY_PATH="$dir/root/usr/lib/x86_64-linux-gnu:$dir/root/lib/x86_64-linux-gnu"
export PATH="$dir/root/usr/bin:$PATH"
qemu-img --version | head -n 1

# The first byte of a disk tells which state it is in.
first_byte() { od -An -tx1 -N1 "$1" | tr -d ' '; }
fill() { qemu-io -c "write -q -P $1 0 64k" disk.qcow2; }

qemu-img create -q -f qcow2 disk.qcow2 1M
fill 0x11
qemu-img snapshot -c 2 disk.qcow2
fill 0x22
qemu-img snapshot -c other disk.qcow2
fill 0x33
qemu-img snapshot -l disk.qcow2

cp disk.qcow2 applied.qcow2
qemu-img snapshot -a 2 applied.qcow2
qemu-img convert -O raw applied.qcow2 applied.raw
qemu-img convert -l 2 -O raw disk.qcow2 copied.raw
qemu-img convert -l snapshot.name=2 -O raw disk.qcow2 by-name.raw
qemu-img snapshot -d 2 disk.qcow2
left=$(qemu-img snapshot -l disk.qcow2 | awk 'NR > 2 { print $2 }')

echo "the disk holds 11 in the snapshot named 2, and 22 in the one named other"
echo "snapshot -a 2:              $(first_byte applied.raw)"
echo "convert -l 2:               $(first_byte copied.raw)"
echo "convert -l snapshot.name=2: $(first_byte by-name.raw)"
echo "snapshot -d 2 leaves:       $left"

[ "$(first_byte applied.raw)" = 22 ]
[ "$(first_byte copied.raw)" = 22 ]
[ "$(first_byte by-name.raw)" = 11 ]
[ "$left" = other ]
