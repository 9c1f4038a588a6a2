#!/bin/sh
# The first process of a bundle of namespaces. Sets the bundle up like a separate machine: its root folder, /dev, /proc,
# /sys, /run and cgroups. Starts in the new namespaces, still on the machine's root. Becomes the program that reaps.
#
#   BUNDLE_NAME     its host name
#   BUNDLE_FOLDER   its state folder: all written files stay in it
#   BUNDLE_ROOT     the Debian root folder at its base, never written
#   BUNDLE_CGROUPS  the cgroup hierarchies to mount, as mount options, separated by spaces
#   BUNDLE_BINDS    the machine's folders that it sees read-only: source:target pairs, separated by spaces
#   BUNDLE_KVM      'kvm' for a /dev/kvm
#   BUNDLE_HOLD     the program that becomes its first process
set -eu

mount --make-rprivate /
root=$BUNDLE_FOLDER/root
mkdir -p "$root" "$BUNDLE_FOLDER/upper" "$BUNDLE_FOLDER/work"
mount -t overlay overlay \
  -o "lowerdir=$BUNDLE_ROOT,upperdir=$BUNDLE_FOLDER/upper,workdir=$BUNDLE_FOLDER/work" "$root"

cd "$root"
mount -t proc proc proc
mount -t sysfs sysfs sys

# A separate /dev, so that changes of its modes and nodes do not affect the machine's.
mount -t tmpfs -o mode=755,nosuid tmpfs dev
mkdir dev/net dev/pts dev/shm dev/mqueue
node() { mknod -m "$2" "dev/$1" "$3" "$4" "$5"; }
node null 666 c 1 3
node zero 666 c 1 5
node full 666 c 1 7
node random 666 c 1 8
node urandom 666 c 1 9
node kmsg 644 c 1 11
node tty 666 c 5 0
node fuse 666 c 10 229
node net/tun 666 c 10 200
node loop-control 660 c 10 237
# The kernel makes loop devices on demand, but only in the machine's /dev.
for device in $(seq 0 63); do node "loop$device" 660 b 7 "$device"; done
# At each start of a guest, libvirt probes a /dev/kvm that does not work, for 45 s. So /dev/kvm must work or be absent.
if [ "$BUNDLE_KVM" = kvm ]; then node kvm 666 c 10 232; fi
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs tmpfs dev/shm
mount -t mqueue mqueue dev/mqueue

mount -t tmpfs -o mode=755,nosuid tmpfs run
mount -t tmpfs -o mode=755 tmpfs sys/fs/cgroup
for options in $BUNDLE_CGROUPS; do
  folder=sys/fs/cgroup/${options#name=}
  mkdir "$folder"
  case $options in name=*) mount -t cgroup -o "none,$options" cgroup "$folder" ;;
  *) mount -t cgroup -o "$options" cgroup "$folder" ;; esac
done

# An overlay cannot be on an overlay: containerd makes its own overlays, and others want a real disk. They get a folder.
for folder in containerd kubelet etcd local-path; do
  mkdir -p "var/lib/$folder" "$BUNDLE_FOLDER/$folder"
  mount --bind "$BUNDLE_FOLDER/$folder" "var/lib/$folder"
done
for bind in $BUNDLE_BINDS; do
  target=${bind#*:}
  mkdir -p "./$target"
  mount --bind "${bind%%:*}" "./$target"
  mount -o remount,bind,ro "./$target"
done

# The kubelet sets these if they differ, for the whole machine. So the bundle shows it the values that it wants.
for setting in vm/overcommit_memory=1 kernel/panic=10 kernel/panic_on_oops=1 \
  kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  shown=run/shown-$(echo "${setting%=*}" | tr / -)
  echo "${setting#*=}" > "$shown"
  mount --bind "$shown" "proc/sys/${setting%=*}"
done

cp "$BUNDLE_HOLD" run/hold
mkdir -p .machine
pivot_root . .machine
cd /
umount -l /.machine
mount --make-rshared /

hostname "$BUNDLE_NAME"
ip link set lo up
echo 1 > /proc/sys/net/ipv4/ip_forward
exec /run/hold
