import { translatedCodeMiB } from "../../api/contract/translated-code.ts";
import { vcpusOf } from "../../api/guest-size.ts";
import type { Domain } from "../../api/schema/domain.ts";

const mebi = 1n << 20n;

/** The needs of a pod's memory beside the guest's own, in bytes. ARCHITECTURE has the measurements. */
export interface MemoryOverhead {
  /** QEMU's program, heap, threads and firmware, `hold` and the DHCP responder. Measured: 42 to 45 MiB. */
  readonly machine: bigint;
  /** The guest's code in the form that an emulated CPU runs. KVM needs none, but the node is not known yet. */
  readonly translatedCode: bigint;
  /** A QEMU thread for each, and KVM's data for it, or the address cache of an emulated CPU. */
  readonly vcpus: bigint;
  /** QEMU's page tables: 8 bytes for each page of 4 KiB, which the kernel also reserves for huge pages. */
  readonly pageTables: bigint;
  /** KVM's page tables (Intel's EPT, AMD's NPT): the same size again. The kernel counts both in the pod's cgroup. */
  readonly nestedPageTables: bigint;
  /** QEMU's and KVM's records about each page: whether it is dirty, or write-protected. */
  readonly pageRecords: bigint;
  /** The screen: the card's memory, VNC's copy of it and data that waits for a client. */
  readonly graphics: bigint;
  /** The rings of cards and disks: QEMU has them in the guest's memory, but keeps a record of each request. */
  readonly queues: bigint;
  /** UEFI's code and variables, which QEMU keeps in memory. */
  readonly uefi: bigint;
}

/** The overhead of a machine whose guest has this many bytes of memory. */
export function memoryOverhead(domain: Domain, guest: bigint): MemoryOverhead {
  return {
    machine: 64n * mebi,
    translatedCode: translatedCodeMiB(guest) * mebi,
    vcpus: BigInt(vcpusOf(domain.cpu)) * 4n * mebi,
    pageTables: guest / 512n,
    nestedPageTables: guest / 512n,
    pageRecords: guest / 1024n,
    graphics: graphics(domain),
    queues: (queues(domain) * mebi) / 4n,
    uefi: domain.firmware?.bootloader?.efi ? 8n * mebi : 0n,
  };
}

/** The sum of the overhead, rounded up to whole MiB for readability. */
export function totalOverhead(domain: Domain, guest: bigint): bigint {
  const sum = Object.values<bigint>({ ...memoryOverhead(domain, guest) }).reduce((all, bytes) => all + bytes, 0n);
  return ((sum + mebi - 1n) / mebi) * mebi;
}

/** A `virtio` card holds copies of the guest's screens: two of 3840 × 2160. Other cards have 16 MiB of their own. */
function graphics({ devices }: Domain): bigint {
  if (devices?.autoattachGraphicsDevice === false) return 0n;
  return (devices?.video?.type === "virtio" ? 80n : 32n) * mebi;
}

/** The number of queues of the guest's devices: with multiqueue, disks and network cards have one for each vCPU. */
function queues(domain: Domain): bigint {
  const { disks = [], interfaces = [], blockMultiQueue, networkInterfaceMultiqueue } = domain.devices ?? {};
  const each = BigInt(vcpusOf(domain.cpu));
  return (
    BigInt(disks.length) * (blockMultiQueue ? each : 1n) +
    // One to receive, one to send.
    BigInt(interfaces.length) * 2n * (networkInterfaceMultiqueue ? each : 1n)
  );
}
