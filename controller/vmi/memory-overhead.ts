import { translatedCodeMiB } from "../../api/contract/translated-code.ts";
import { vcpusOf } from "../../api/guest-size.ts";
import type { Domain } from "../../api/schema/domain.ts";

const mebi = 1n << 20n;

/** What a pod's memory is needed for beside the guest's own, in bytes. ARCHITECTURE says what was measured. */
export interface MemoryOverhead {
  /** QEMU's program, heap, threads and firmware, `hold` and the DHCP responder. Measured: 42 to 45 MiB. */
  readonly machine: bigint;
  /** The guest's code as an emulated CPU runs it. On KVM there is none, but which node it will be nobody knows yet. */
  readonly translatedCode: bigint;
  /** A thread of QEMU each, and what KVM keeps of it, or the addresses that an emulated one has looked up. */
  readonly vcpus: bigint;
  /** QEMU's page tables: 8 bytes for each page of 4 KiB, which the kernel also keeps ready for huge ones. */
  readonly pageTables: bigint;
  /** KVM's (Intel's EPT, AMD's NPT): the same once more. The kernel counts both in the pod's cgroup. */
  readonly nestedPageTables: bigint;
  /** What QEMU and KVM note of each page: whether it is dirty, or write-protected. */
  readonly pageRecords: bigint;
  /** The screen: the card's memory, VNC's copy of it and what waits for a client. */
  readonly graphics: bigint;
  /** Rings of cards and disks; QEMU has them in the guest's memory, but a record of each request. */
  readonly queues: bigint;
  /** UEFI's code and variables, which QEMU holds in memory. */
  readonly uefi: bigint;
}

/** What a machine with so much memory for its guest, in bytes, needs beside that. */
export function memoryOverhead(domain: Domain, guest: bigint): MemoryOverhead {
  return {
    machine: 64n * mebi,
    translatedCode: BigInt(translatedCodeMiB) * mebi,
    vcpus: BigInt(vcpusOf(domain.cpu)) * 4n * mebi,
    pageTables: guest / 512n,
    nestedPageTables: guest / 512n,
    pageRecords: guest / 1024n,
    graphics: graphics(domain),
    queues: (queues(domain) * mebi) / 4n,
    uefi: domain.firmware?.bootloader?.efi ? 8n * mebi : 0n,
  };
}

/** The sum of it all, rounded up to whole MiB, for people to read. */
export function totalOverhead(domain: Domain, guest: bigint): bigint {
  const sum = Object.values<bigint>({ ...memoryOverhead(domain, guest) }).reduce((all, bytes) => all + bytes, 0n);
  return ((sum + mebi - 1n) / mebi) * mebi;
}

/** A card of the kind `virtio` holds copies of what the guest shows: two of 3840 × 2160. Others have 16 MiB of their own. */
function graphics({ devices }: Domain): bigint {
  if (devices?.autoattachGraphicsDevice === false) return 0n;
  return (devices?.video?.type === "virtio" ? 80n : 32n) * mebi;
}

/** How many queues there are to the guest's devices: disks and network cards have one for each vCPU where that is asked for. */
function queues(domain: Domain): bigint {
  const { disks = [], interfaces = [], blockMultiQueue, networkInterfaceMultiqueue } = domain.devices ?? {};
  const each = BigInt(vcpusOf(domain.cpu));
  return (
    BigInt(disks.length) * (blockMultiQueue ? each : 1n) +
    // One to receive, one to send.
    BigInt(interfaces.length) * 2n * (networkInterfaceMultiqueue ? each : 1n)
  );
}
