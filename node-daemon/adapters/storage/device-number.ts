import type { DeviceNumber } from "../../drivers/pods.ts";

/** The parts of a device's number as stat(2) gives it, as glibc takes it apart (makedev(3)). */
export function deviceNumber(dev: bigint): DeviceNumber {
  return {
    major: Number(((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n)),
    minor: Number((dev & 0xffn) | ((dev >> 12n) & 0xffffff00n)),
  };
}
