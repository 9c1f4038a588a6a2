#!/bin/sh
# One would expect `mtu: 9000` of a VLAN in cloud-init's network configuration (version 2) to reach
# the guest, as it does for an Ethernet card or a bond.
#
# cloud-init's NetworkManager renderer writes the MTU of Ethernet cards, bonds and InfiniBand only.
# For a VLAN it is left out of the keyfile: nothing is logged, and the VLAN comes up with what
# NetworkManager takes by default. The systemd-networkd, ifupdown and sysconfig renderers keep it.
#
# Seen with cloud-init 25.1.4 (Debian 13, cloud-init 25.1.4-1+deb13u1).
#
# Why it matters: storage networks are commonly VLANs with large frames, and a VLAN that leads into a
# tunnel needs small ones. The card gets its MTU, the VLAN does not, and only on images with
# NetworkManager: large packets then vanish on the way, or a storage network is slow.
#
# What to do instead: give every VLAN's MTU a second time, in a keyfile of your own that cloud-init
# writes with `write_files`, and check it in the guest with `ip link`.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

# A package list of our own, so that the machine's is neither needed nor changed.
mkdir -p apt/state/lists/partial apt/cache/archives/partial
touch apt/status
mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -m1 '/debian/*$')
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" > apt/sources.list
cat > apt/apt.conf <<CONF
Dir::State "$dir/apt/state";
Dir::State::status "$dir/apt/status";
Dir::Cache "$dir/apt/cache";
Dir::Etc::sourcelist "$dir/apt/sources.list";
Dir::Etc::sourceparts "-";
APT::Sandbox::User "root";
CONF
APT_CONFIG="$dir/apt/apt.conf" apt-get -qq update
APT_CONFIG="$dir/apt/apt.conf" apt-get -qq download cloud-init=25.1.4-1+deb13u1
dpkg-deb -x cloud-init_*.deb root
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target site \
  PyYAML==6.0.3 Jinja2==3.1.6 configobj==5.0.9 jsonschema==4.26.0 oauthlib==3.3.1 requests==2.32.5 jsonpatch==1.33

cat > try.py <<'PY'
import pathlib
import re
import tempfile

import yaml
from cloudinit import version
from cloudinit.distros import fetch
from cloudinit.net import eni, network_manager, network_state, networkd, sysconfig

print("cloud-init", version.version_string())
config = yaml.safe_load("""
version: 2
ethernets:
  eth0: {dhcp4: true, mtu: 9000}
vlans:
  storage: {id: 30, link: eth0, mtu: 9000, addresses: [198.51.100.8/24]}
""")
renderers = {
    "systemd-networkd": networkd.Renderer(),
    "ifupdown": eni.Renderer({"eni_path": "etc/network/interfaces", "netrules_path": None}),
    "sysconfig": sysconfig.Renderer(fetch("rhel").renderer_configs["sysconfig"]),
    "NetworkManager": network_manager.Renderer(),
}
counts = {}
for name, renderer in renderers.items():
    folder = tempfile.mkdtemp(dir=".")
    renderer.render_network_state(network_state.parse_net_config_data(config), target=folder)
    texts = [path.read_text() for path in pathlib.Path(folder).rglob("*") if path.is_file()]
    counts[name] = len(re.findall(r"(?im)^\s*(?:mtu|MTUBytes)[= ]9000$", "\n".join(texts)))
    print(f"{name}: the MTU 9000 was asked for twice and written {counts[name]} times")
    if name == "NetworkManager":
        keyfile = next(text for text in texts if "type=vlan" in text)
        print(keyfile)
        assert "mtu" not in keyfile
assert counts == {"systemd-networkd": 2, "ifupdown": 2, "sysconfig": 2, "NetworkManager": 1}
PY
PYTHONPATH="$dir/root/usr/lib/python3/dist-packages:$dir/site" python3 try.py
