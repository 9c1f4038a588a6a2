#!/bin/sh
# One would expect a unix socket with a send buffer of 200 KiB to hold tens of kilobytes of a serial
# console's output, so that a reader may look a hundred times a second and lose no speed.
#
# QEMU's emulated serial port (16550) writes each byte to its socket by itself, and Linux charges the
# buffer with hundreds of bytes for each write. So the socket is full after some 300 BYTES, and the
# guest stands still until somebody reads. A reader that looks each 10 ms gets 27 KB/s of a guest
# that can write 616, however large its reads are.
#
# Seen with QEMU 7.2.22 (Debian 12, 1:7.2+dfsg-7+deb12u18+b3), Linux 6.18, the default
# net.core.wmem_default of 212992: at most 292 bytes waited at a look.
#
# Why it matters: relays and loggers of serial consoles that batch their reads slow the guest's boot
# and its listings down, far more than their buffers suggest.
#
# What to do instead: read again at once while something comes, at least for the first hundred
# kilobytes.
set -eu

version=1:7.2+dfsg-7+deb12u18+b3
dir=$(mktemp -d)
trap 'kill "$qemu" 2> /dev/null || :; rm -rf "$dir"' EXIT
qemu=
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
apt-get -qq install --download-only --no-install-recommends --assume-yes "qemu-system-x86=$version" > /dev/null
# The machine's own C library goes with its own loader.
for deb in apt/cache/archives/*.deb; do
  case $deb in */libc6_*) ;; *) dpkg-deb -x "$deb" root ;; esac
done
export LD_LIBRARY_PATH="$dir/root/usr/lib/x86_64-linux-gnu:$dir/root/lib/x86_64-linux-gnu"
share=$dir/root/usr/share
"$dir/root/usr/bin/qemu-system-x86_64" --version | head -n 1

# A boot sector that writes the letter A to COM1 for ever, once the port can take it:
#   mov dx,0x3fd; in al,dx; test al,0x20; jz $-3; mov dl,0xf8; mov al,'A'; out dx,al; jmp start
{
  printf '\272\375\003\354\250\040\164\373\262\370\260\101\356\353\361'
  head -c 495 /dev/zero
  printf '\125\252'
} > boot.img
"$dir/root/usr/bin/qemu-system-x86_64" -L "$share/seabios" -L "$share/qemu" -machine pc,accel=tcg -m 16 -nodefaults \
  -display none -drive file=boot.img,format=raw,if=ide -serial unix:serial.sock,server=on,wait=off 2> /dev/null &
qemu=$!

cat > read.py <<'PY'
import socket, time
deadline = time.time() + 60
while True:
    try:
        line = socket.socket(socket.AF_UNIX); line.connect("serial.sock"); break
    except OSError:
        if time.time() > deadline: raise
        time.sleep(0.1)
line.settimeout(60)
while b"A" * 64 not in line.recv(1 << 20): pass
most = total = 0
begin = time.time()
for _ in range(200):
    time.sleep(0.01)
    got = len(line.recv(1 << 20))
    most = max(most, got); total += got
slow = total / (time.time() - begin)
total = 0; begin = time.time()
while time.time() < begin + 2: total += len(line.recv(1 << 20))
quick = total / (time.time() - begin)
print(f"most that waited in the socket: {most} bytes")
print(f"read each 10 ms: {slow / 1000:.0f} KB/s; read at once: {quick / 1000:.0f} KB/s")
assert most < 4096 and quick > 2 * slow
PY
python3 read.py
