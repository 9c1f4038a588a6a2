#!/bin/sh
# One would expect a command listed under `cmds:` in a kcli plan to run in the guest as written.
#
# kcli writes cloud-init's user data by hand, as text. To keep `key: value` in a command from being
# read as a YAML mapping, it replaces every ": " by "':' ". To a shell that is the same text outside
# of quotes and within single quotes, but within DOUBLE quotes the two apostrophes are kept. So
# `echo "listen: 80"` writes `listen':' 80`, and the header of `curl -H "Accept: text/plain"`
# becomes `Accept':' text/plain`. Nothing fails; the guest comes up with a wrong file or request.
#
# Seen with kcli 99.0.202610251748, PyYAML 6.0.3 in cloud-init's place as the reader.
#
# Why it matters: header lines and lines of YAML configuration are just what people write with
# `echo "..."` at first boot, and the plan itself looks right.
#
# What to do instead: quote such text with apostrophes (`echo 'listen: 80'`), or ship the file with
# kcli's `files:` and run a script from there.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
export HOME="$dir" PYTHONPATH="$dir/site"

# kcli's own dependency libvirt-python needs a compiler; writing user data does not use it.
python3 -m pip install -q --root-user-action ignore --disable-pip-version-check --no-deps --target site \
  kcli==99.0.202610251748 PyYAML==6.0.3 Jinja2==3.1.6 MarkupSafe==3.0.3 netaddr==1.3.0 requests==2.32.5 \
  urllib3==2.5.0 idna==3.11 certifi==2025.10.5 charset-normalizer==3.4.4

cat > try.py <<'PY'
import subprocess
from importlib.metadata import version

import yaml
from kvirt.common import cloudinit

print("kcli", version("kcli"))
commands = [
    'echo "listen: 80"',
    'printf "%s\\n" "Accept: text/plain"',
    "echo 'listen: 80'",
    "echo listen: 80",
]
key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA somebody@example.org"
user_data, _, _ = cloudinit("web", keys=[key], cmds=list(commands), overrides={})
rewritten = yaml.safe_load(user_data)["runcmd"]


def run(command):
    return subprocess.run(["sh", "-c", command], check=True, capture_output=True, text=True).stdout.strip()


seen = []
for asked, given in zip(commands, rewritten, strict=True):
    seen.append((run(asked), run(given)))
    print(f"asked for {asked}\n  in the user data: {given}\n  prints: {seen[-1][1]}   (as asked it would print: {seen[-1][0]})")

assert seen == [
    ("listen: 80", "listen':' 80"),
    ("Accept: text/plain", "Accept':' text/plain"),
    ("listen: 80", "listen: 80"),
    ("listen: 80", "listen: 80"),
]
PY
python3 try.py
