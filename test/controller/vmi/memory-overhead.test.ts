import { expect, test } from "vitest";
import type { Domain } from "../../../api/schema/domain.ts";
import { memoryOverhead, totalOverhead } from "../../../controller/vmi/memory-overhead.ts";
import { podResources } from "../../../controller/vmi/pod-resources.ts";

const mebi = 1024n ** 2n;
const gibi = 1024n * mebi;
const plain: Domain = { devices: { autoattachGraphicsDevice: false } };

/**
 * MiB beside the guest's memory that its cgroup counted, all memory touched, page tables among them: QEMU 7.2, emulated, a
 * screen that nobody looked at, 32 MiB of translated code. ARCHITECTURE has the table.
 */
const measured = [
  { guest: 1, vcpus: 1, mebibytes: 74.0, pageTables: 2.4 },
  { guest: 2, vcpus: 1, mebibytes: 76.2, pageTables: 4.5 },
  { guest: 2, vcpus: 4, mebibytes: 79.5, pageTables: 4.6 },
  { guest: 2, vcpus: 8, mebibytes: 86.1, pageTables: 5.4 },
  { guest: 4, vcpus: 1, mebibytes: 83.8, pageTables: 8.7 },
  { guest: 6, vcpus: 1, mebibytes: 85.7, pageTables: 12.4 },
  { guest: 8, vcpus: 1, mebibytes: 90.2, pageTables: 16.5 },
];

test.for(measured)("a guest of $guest GiB on $vcpus CPUs has what it took when it was measured", (found) => {
  const domain: Domain = { ...plain, cpu: { sockets: found.vcpus } };
  const counted = memoryOverhead(domain, BigInt(found.guest) * gibi);
  const mebibytes = (bytes: bigint): number => Number(bytes) / 1024 ** 2;
  // KVM's own tables and the screen were not there to be measured.
  const emulated = counted.machine + 32n * mebi + counted.vcpus + counted.pageTables + counted.pageRecords;
  expect(mebibytes(emulated)).toBeGreaterThan(found.mebibytes);
  // The first ones are of QEMU's own memory, which `machine` is for.
  expect(mebibytes(counted.pageTables)).toBeGreaterThan(found.pageTables - 1.5);
});

test.for([
  [1, 137],
  [64, 452],
  [1024, 5252],
] as const)("the overhead of a guest of %i GiB grows with its page tables", ([guest, mebibytes]) => {
  expect(totalOverhead(plain, BigInt(guest) * gibi) / mebi).toBe(BigInt(mebibytes));
});

test("a limit has room for all that the guest's memory takes, also where the guest requests less of it", () => {
  const domain: Domain = {
    ...plain,
    memory: { guest: "64Gi" },
    resources: { requests: { memory: "1Gi" }, limits: { memory: "64Gi" } },
  };
  expect(podResources(domain)).toMatchObject({ requests: { memory: "1476Mi" }, limits: { memory: "65988Mi" } });
});

test("screens, queues and firmware count where the guest has them", () => {
  const base = totalOverhead(plain, 0n);
  const more = (domain: Domain): bigint => (totalOverhead({ ...plain, ...domain }, 0n) - base) / mebi;
  expect(more({ devices: {} })).toBe(32n);
  expect(more({ devices: { video: { type: "virtio" } } })).toBe(80n);
  expect(more({ firmware: { bootloader: { efi: {} } } })).toBe(8n);
  const devices = {
    autoattachGraphicsDevice: false,
    disks: [{ name: "a" }, { name: "b" }],
    interfaces: [{ name: "lan", bridge: {} }],
  };
  expect(more({ devices })).toBe(1n);
  const many = { ...devices, blockMultiQueue: true, networkInterfaceMultiqueue: true };
  // 28 MiB for the other seven CPUs themselves, and 32 queues of 256 KiB.
  expect(more({ devices: many, cpu: { sockets: 8 } })).toBe(28n + 8n);
});
