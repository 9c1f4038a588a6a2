#!/bin/sh
# One would expect a route `to: 198.51.100.7` in cloud-init's network configuration (version 2) to
# lead to that one address, as systemd.network's own `Destination=198.51.100.7` does.
#
# cloud-init gives an address without a length the length 24 (64 for IPv6) and writes a route to the
# whole network, 198.51.100.7/24. Its own schema calls the configuration valid, and nothing is
# logged. Its systemd-networkd, ifupdown, NetworkManager and sysconfig renderers all do so; only
# the one for netplan hands the address on as it was written.
#
# Seen with cloud-init 25.1.4 (Debian 13, cloud-init 25.1.4-1+deb13u1); 22.4.2 does the same.
#
# Why it matters: the configuration that was tried on an image with netplan takes a whole network's
# traffic through the wrong gateway on images without.
#
# What to do instead: always write the length, `to: 198.51.100.7/32` and `to: "2001:db8::7/128"`.
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
from cloudinit.config.schema import SchemaType, validate_cloudconfig_schema
from cloudinit.distros import fetch
from cloudinit.net import eni, netplan, network_manager, network_state, networkd, sysconfig

print("cloud-init", version.version_string())
config = yaml.safe_load("""
version: 2
ethernets:
  eth0:
    addresses: [192.0.2.10/24, "2001:db8::5/64"]
    routes:
    - {to: 198.51.100.7, via: 192.0.2.9}
    - {to: "2001:db8:1::7", via: "2001:db8::9"}
""")
assert validate_cloudconfig_schema(config, schema_type=SchemaType.NETWORK_CONFIG_V2, strict=True)
print("its schema: valid")

renderers = {
    "systemd-networkd": networkd.Renderer(),
    "ifupdown": eni.Renderer({"eni_path": "etc/network/interfaces", "netrules_path": None}),
    "NetworkManager": network_manager.Renderer(),
    "sysconfig": sysconfig.Renderer(fetch("rhel").renderer_configs["sysconfig"]),
}
# Only made, not written: this renderer writes into the real /etc where netplan is installed.
plan = netplan.Renderer()._render_content(network_state.parse_net_config_data(config))
assert "to: 198.51.100.7\n" in plan and "to: 2001:db8:1::7\n" in plan
print("netplan:", *re.findall(r"to: .*", plan), sep="\n  ")

for name, renderer in renderers.items():
    folder = tempfile.mkdtemp(dir=".")
    renderer.render_network_state(network_state.parse_net_config_data(config), target=folder)
    files = "\n".join(path.read_text() for path in sorted(pathlib.Path(folder).rglob("*")) if path.is_file())
    lines = [line.strip() for line in files.splitlines() if re.search(r"198\.51\.100\.7|2001:db8:1::7|NETMASK0", line)]
    print(f"{name}:", *lines, sep="\n  ")
    wide = "NETMASK0=255.255.255.0" if name == "sysconfig" else "198.51.100.7/24"
    assert wide in files and "2001:db8:1::7/64" in files, name
PY
PYTHONPATH="$dir/root/usr/lib/python3/dist-packages:$dir/site" python3 try.py
