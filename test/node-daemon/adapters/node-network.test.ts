import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { NodeNetwork } from "../../../node-daemon/adapters/node-network.ts";
import { aCard } from "../network/a-card.ts";

/** As proc(5) has it. */
const devices = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
  eth0: 706178319   22309    0    0    0     0          0         0 672613719   22726    0    0    0     0       0          0
vm0123456789-0: 672614403   22728    0    0    0     0          0         0 706179518   22317    0    0    0     0       0          0
`;

/** The part of a table of routes that is about addresses of its own, as proc(5) has it. */
const trie = `Local:
  +-- 0.0.0.0/0 2 0 2
     +-- 10.244.1.0/24 2 0 2
        |-- 10.244.1.5
           /32 host LOCAL
        |-- 10.244.1.255
           /32 link BROADCAST
     |-- 127.0.0.1
        /32 host LOCAL
`;

async function aProc(files: Record<string, string>) {
  const folder = await mkdtempDisposable(join(tmpdir(), "proc-"));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder.path, path, ".."), { recursive: true });
    await writeFile(join(folder.path, path), text);
  }
  return folder;
}

test("what a tap device sends is what the guest receives; a card that is not there has no traffic", async () => {
  await using proc = await aProc({ "7/net/dev": devices });
  const network = new NodeNetwork({ proc: proc.path });
  const cards = [aCard(), aCard({ name: "other", tap: "vm0123456789-1" })];
  expect(await network.traffic(cards, 7)).toEqual([
    { name: "default", receivedBytes: 706179518, sentBytes: 672614403, receivedPackets: 22317, sentPackets: 22728 },
  ]);
  expect(await network.traffic(cards, 8)).toEqual([]);
});

test("tap devices, responder and addresses are found where they are", async () => {
  await using proc = await aProc({
    "1/net/dev": devices.replaceAll("vm0123456789-0", "vm0123456789-1"),
    "7/net/dev": devices,
    "7/root/sys/class/net/vm0123456789-0/flags": "0x1003\n",
    "7/root/etc/hosts": "127.0.0.1\tlocalhost\n10.244.1.5\tdb\nFD00::0:5\tdb\n10.0.0.1\tforged\n",
    "7/net/fib_trie": trie,
    "7/net/if_inet6": "fd000000000000000000000000000005 02 40 00 80     eth0\n",
    "9/comm": "dnsmasq\n",
    "cgroup/cgroup.procs": "7\n9\n",
  });
  const network = new NodeNetwork({ proc: proc.path });
  const container = { pid: 7, cgroups: [join(proc.path, "cgroup")], askedToEnd: false };
  expect(await network.observe("vm0123456789-", container)).toEqual({
    onNode: ["vm0123456789-1"],
    inPod: ["vm0123456789-0"],
    dhcp: true,
    // An address that is not the pod's own is none, whatever its file of hosts says.
    addresses: ["10.244.1.5", "FD00::0:5"],
  });
  expect(await network.observe("vm0123456789-", undefined)).toMatchObject({ inPod: [], dhcp: false, addresses: [] });
});
