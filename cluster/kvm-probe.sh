#!/bin/sh
# Boots a kernel on /dev/kvm with the QEMU of a Debian root folder, with its console on standard output. Runs in separate
# mount, PID and network namespaces, and leaves nothing behind when they end.
#
#   $1 the root folder   $2 the kernel   $3 its initrd
set -eu
mount --make-rprivate /
mount --rbind /dev "$1/dev"
mount -t tmpfs tmpfs "$1/mnt"
cp "$2" "$1/mnt/kernel"
cp "$3" "$1/mnt/initrd"
exec chroot "$1" qemu-system-x86_64 -machine q35,accel=kvm -m 256 -nographic -nodefaults -no-reboot \
  -serial stdio -nic none -kernel /mnt/kernel -initrd /mnt/initrd -append console=ttyS0
