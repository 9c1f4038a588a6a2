import type { DeviceNumber } from "../../drivers/pods.ts";

/** Splits a device's number from stat(2) into its parts, as glibc does (makedev(3)). */
export function deviceNumber(dev: bigint): DeviceNumber {
  return {
    major: Number(((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n)),
    minor: Number((dev & 0xffn) | ((dev >> 12n) & 0xffffff00n)),
  };
}
