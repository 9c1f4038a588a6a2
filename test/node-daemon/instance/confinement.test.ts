import { expect, test } from "vitest";
import { lackOf, parseStatus } from "../../../node-daemon/instance/confinement.ts";

/** What Debian 12's libvirt makes of a QEMU, as the kernel tells it. */
const held = `Name:\tqemu-system-x86
Uid:\t2100000007\t2100000007\t2100000007\t2100000007
Gid:\t2100000007\t2100000007\t2100000007\t2100000007
Groups:\t2100000007 
CapInh:\t0000000000000000
CapPrm:\t0000000000000000
CapEff:\t0000000000000000
CapBnd:\t000001fffeffffff
CapAmb:\t0000000000000000
NoNewPrivs:\t1
Seccomp:\t2
Seccomp_filters:\t1
`;
const user = { user: 2_100_000_007, group: 2_100_000_007 };

function lack(change: (status: string) => string, ownMounts = true): string | undefined {
  return lackOf({ ...parseStatus(change(held)), ownMounts }, user);
}

test("a QEMU that is held back lacks nothing", () => {
  expect(lack((status) => status)).toBeUndefined();
  expect(lack((status) => status.replace(/Groups:.*/, "Groups:\t"))).toBeUndefined();
});

test.for([
  [
    "runs as root",
    /Uid:.*/,
    "Uid:\t0\t0\t0\t0",
    'it runs as user 0, 0, 0, 0 and not as 2100000007: libvirt\'s security driver "dac"',
  ],
  ["can become root again", /Uid:.*/, "Uid:\t2100000007\t2100000007\t0\t2100000007", "it runs as user"],
  ["is in another group", /Groups:.*/, "Groups:\t36 2100000007", "it is in groups"],
  ["is in KubeVirt's group", /Gid:.*/, "Gid:\t107\t107\t107\t107", "it is in groups"],
  [
    "has a capability",
    /CapPrm:.*/,
    "CapPrm:\t0000000000002000",
    "set clear_emulator_capabilities = 1 in /etc/libvirt/qemu.conf",
  ],
  ["gives capabilities on", /CapAmb:.*/, "CapAmb:\t0000000000002000", "it has capabilities"],
  [
    "has no filter",
    /Seccomp:.*/,
    "Seccomp:\t0",
    "set seccomp_sandbox = 1 in /etc/libvirt/qemu.conf and start libvirt anew",
  ],
  ["may gain privileges", /NoNewPrivs:.*/, "NoNewPrivs:\t0", "seccomp_sandbox = 1"],
  ["tells nothing", /[^]*/, "", "it runs as user"],
] as const)("a QEMU that %s is named", ([, part, instead, words]) => {
  expect(lack((status) => status.replace(part, instead))).toContain(words);
});

test("a QEMU among the node's own mounts is named", () => {
  expect(lack((status) => status, false)).toContain('set namespaces = [ "mount" ] in /etc/libvirt/qemu.conf');
});

test("a group that its storage makes a QEMU have is the only one", () => {
  const found = { ...parseStatus(held.replaceAll(/(Gid|Groups):.*/g, "$1:\t107")), ownMounts: true };
  expect(lackOf(found, { ...user, group: 107 })).toBeUndefined();
  expect(lackOf(found, user)).toContain("it is in groups 107");
});
