import { compareQuantities, isQuantity } from "../values/quantity.ts";

/** An amount as in a manifest. */
export type Amount = string | number;

/** The range of an amount, and the message for a value outside of it. */
export interface Bounds {
  readonly least: string;
  readonly most: string;
  readonly message: string;
}

const inBytes = "an amount without a unit such as Mi or Gi is in bytes";

/**
 * The possible memory of a guest. QEMU and libvirt count in MiB and round up, so that 1M becomes 1 MiB; KubeVirt's test
 * suite starts machines with no more. QEMU has the guest's memory in its own address space, which is 128 TiB at most on
 * Linux.
 */
export const guestMemory: Bounds = {
  least: "1M",
  most: "128Ti",
  message: `a guest's memory is 1M at least and 128Ti at most; ${inBytes}`,
};

/** Memory in requests or limits, when the guest's own memory is also given. */
export const podMemory: Bounds = { ...guestMemory, least: "0", message: "no machine has more memory than 128Ti" };

/** CPU in requests or limits. Linux counts up to 8192; the API server loses amounts that do not fit in thousandths. */
export const podCpu: Bounds = { least: "0", most: "8192", message: "no node has more than 8192 CPUs" };

/** Ephemeral storage in requests or limits. It is in one file system of the node, and Linux' ext4 ends at 1 EiB. */
export const podStorage: Bounds = {
  least: "0",
  most: "1Ei",
  message: "no node has more ephemeral storage than 1Ei",
};

/** The size of an empty disk. One without room for a partition table is a mistake; qcow2 files end at 2 PiB. */
export const diskSize: Bounds = {
  least: "1M",
  most: "2Pi",
  message: `a disk has 1M at least and 2Pi at most; ${inBytes}`,
};

/** The most virtual CPUs of QEMU's q35; older versions allow 288 or 1024, and libvirt then reports the error. */
export const mostVcpus = 4096;

/** An amount in CEL; the value may be a number. */
const celAmount = (value: string) => `quantity(string(${value}))`;

/** CEL for: an amount is at most another. */
export function celAtMost(a: string, b: string): string {
  return `${celAmount(a)}.compareTo(${celAmount(b)}) <= 0`;
}

/** CEL for: an amount is the same as another. */
export function celEqual(a: string, b: string): string {
  return `${celAmount(a)}.compareTo(${celAmount(b)}) == 0`;
}

/** CEL for: an amount is within its bounds. */
export function celWithin(value: string, { least, most }: Bounds): string {
  // Not `string('1M')`: an API server cannot bound its length, and so not the cost of the rule.
  const lower = least === "0" ? "" : `${celAmount(value)}.compareTo(quantity('${least}')) >= 0 && `;
  return `${lower}${celAmount(value)}.compareTo(quantity('${most}')) <= 0`;
}

/** The error of an amount outside its bounds; another rule refuses text that is no amount. */
export function outside(value: Amount | undefined, { least, most, message }: Bounds): string | undefined {
  if (!isQuantity(value)) return undefined;
  return compareQuantities(value, least) < 0 || compareQuantities(value, most) > 0 ? message : undefined;
}
