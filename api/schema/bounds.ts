import { compareQuantities, isQuantity } from "../values/quantity.ts";

/** An amount as manifests have it. */
export type Amount = string | number;

/** What an amount is between, and how a refusal says so. */
export interface Bounds {
  readonly least: string;
  readonly most: string;
  readonly message: string;
}

const inBytes = "an amount without a unit such as Mi or Gi is in bytes";

/**
 * A guest's memory, where a machine can have it at all. QEMU and libvirt count in MiB, and round up, so that 1M is one; KubeVirt's
 * suite starts machines that have no more. QEMU has the guest's memory in its own address space, which Linux ends at 128 TiB.
 */
export const guestMemory: Bounds = {
  least: "1M",
  most: "128Ti",
  message: `a guest's memory is 1M at least and 128Ti at most; ${inBytes}`,
};

/** Memory that is requested or a limit, beside what the guest is said to have. */
export const podMemory: Bounds = { ...guestMemory, least: "0", message: "no machine has more memory than 128Ti" };

/** CPU that is requested or a limit. Linux counts up to 8192; the API server loses what it cannot hold in thousandths. */
export const podCpu: Bounds = { least: "0", most: "8192", message: "no node has more than 8192 CPUs" };

/** An empty disk. One without room for a table of partitions is a slip, and QEMU's qcow2 files end at 2 PiB. */
export const diskSize: Bounds = {
  least: "1M",
  most: "2Pi",
  message: `a disk has 1M at least and 2Pi at most; ${inBytes}`,
};

/** How many virtual CPUs QEMU's q35 can have; older ones can have 288 or 1024, and libvirt tells. */
export const mostVcpus = 4096;

/** In CEL, an amount, which may be a number. */
const celAmount = (value: string) => `quantity(string(${value}))`;

/** In CEL, whether an amount is at most another. */
export function celAtMost(a: string, b: string): string {
  return `${celAmount(a)}.compareTo(${celAmount(b)}) <= 0`;
}

/** In CEL, whether an amount is within its bounds. */
export function celWithin(value: string, { least, most }: Bounds): string {
  // Of `string('1M')` an API server would not know how long it is at most, and so of no rule what it costs.
  const lower = least === "0" ? "" : `${celAmount(value)}.compareTo(quantity('${least}')) >= 0 && `;
  return `${lower}${celAmount(value)}.compareTo(quantity('${most}')) <= 0`;
}

/** What is wrong with an amount; what is none is another rule's business. */
export function outside(value: Amount | undefined, { least, most, message }: Bounds): string | undefined {
  if (!isQuantity(value)) return undefined;
  return compareQuantities(value, least) < 0 || compareQuantities(value, most) > 0 ? message : undefined;
}
