import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { DeviceNumber } from "../../drivers/pods.ts";
import { deviceNumber } from "./device-number.ts";

/**
 * Finds the node of a device among the disks of all instances; undefined when no instance has one. Skips mount points:
 * those are files, and their storage may not answer.
 */
export async function findNode(
  stateFolder: string,
  wanted: DeviceNumber,
  mounted: ReadonlySet<string>,
): Promise<string | undefined> {
  for (const instance of await readdir(stateFolder).catch(() => [])) {
    const disks = join(stateFolder, instance, "disks");
    for (const name of await readdir(disks).catch(() => [])) {
      // A `.part` file is still in the making, or was when the daemon died.
      if (name.endsWith(".part")) continue;
      const file = join(disks, name);
      if (mounted.has(file)) continue;
      const found = await lstat(file, { bigint: true }).catch(() => undefined);
      if (!found?.isBlockDevice()) continue;
      const { major, minor } = deviceNumber(found.rdev);
      if (major === wanted.major && minor === wanted.minor) return file;
    }
  }
  return undefined;
}

/** Whether a file is the node of a block device. */
export async function isBlockDevice(file: string): Promise<boolean> {
  return (await lstat(file).catch(() => undefined))?.isBlockDevice() ?? false;
}
