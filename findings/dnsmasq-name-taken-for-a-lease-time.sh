#!/bin/sh
# One would expect `dhcp-host=MAC,ADDRESS,NAME` to hand the machine with that MAC the address and
# the name, whatever host name the machine has.
#
# dnsmasq tells the fields of dhcp-host apart by their looks, not by their place. "1h", "45m", "7d",
# "2w", "12" and "infinite" are all fine as host names, but dnsmasq takes them for lease times: the
# machine gets another lease than the range says, and no name. A machine called "ignore" gets no
# address at all, because that word bars a host from DHCP. dnsmasq starts without a warning.
#
# Seen with dnsmasq 2.90 (Debian 12) and busybox's udhcpc 1.35.0 as the client.
#
# Why it matters: whoever writes such lines from the names of virtual machines (numbered lab or CI
# machines, mostly) gets one machine without network or with a lease of two minutes, where all
# others work, and nothing in the log says why.
#
# What to do instead: leave the name out of dhcp-host, give the host a tag and send the name as an
# option by its number: `dhcp-host=MAC,set:m1,ADDRESS` with `dhcp-option=tag:m1,12,NAME`, as
# the last two lines of the output do.
set -eu

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
apt-get -qq download 'dnsmasq-base=2.90-4~deb12u2' 'busybox-static=1:1.35.0-4+deb12u1+b1' \
  libnetfilter-conntrack3 libnfnetlink0 libnftables1 libnftnl11 libjansson4 libxtables12 \
  libmnl0 libdbus-1-3 libidn2-0
for deb in *.deb; do dpkg-deb -x "$deb" root; done

cat > bound.sh <<'SH'
#!/bin/sh
[ "$1" != bound ] || echo "address $ip, name ${hostname:-none}, lease $lease s"
SH
chmod +x bound.sh

# Server and client are the two ends of a cable in a network namespace of their own.
cat > try.sh <<'SH'
set -eu
mac=52:54:00:12:34:56
ip link add server type veth peer name client address $mac
ip addr add 192.0.2.1/24 dev server
ip link set server up
ip link set client up
ask() {
  name=$1; shift
  rm -f leases
  LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu:root/lib/x86_64-linux-gnu root/usr/sbin/dnsmasq \
    -k --conf-file=/dev/null --port=0 --user=root --group=root --interface=server \
    --dhcp-leasefile="$PWD/leases" --pid-file= --dhcp-range=192.0.2.0,static,12h "$@" 2> log &
  pid=$!
  answer=$(root/bin/busybox udhcpc -i client -s "$PWD/bound.sh" -n -q -f -t 4 -T 1 2>> log | grep address || echo nothing)
  kill $pid; wait $pid || true
  echo "$name: $answer"
}
for name in web 1h 12 infinite ignore; do ask $name --dhcp-host=$mac,192.0.2.50,$name; done
for name in ignore 12; do ask $name --dhcp-host=$mac,set:m1,192.0.2.50 --dhcp-option=tag:m1,12,$name; done
SH
LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu:root/lib/x86_64-linux-gnu root/usr/sbin/dnsmasq --version | head -n 1
root/bin/busybox | head -n 1
unshare -n sh try.sh | tee seen

sed 's/^ *//' > expected <<'TEXT'
  web: address 192.0.2.50, name web, lease 43200 s
  1h: address 192.0.2.50, name none, lease 3600 s
  12: address 192.0.2.50, name none, lease 120 s
  infinite: address 192.0.2.50, name none, lease 4294967295 s
  ignore: nothing
  ignore: address 192.0.2.50, name ignore, lease 43200 s
  12: address 192.0.2.50, name 12, lease 43200 s
TEXT
diff expected seen
