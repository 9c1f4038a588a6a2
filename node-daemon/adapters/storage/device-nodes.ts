import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { DeviceNumber } from "../../drivers/pods.ts";
import { deviceNumber } from "./device-number.ts";

/**
 * The node of a device among the disks of all instances; undefined when none has it. What is mounted there is a file, and
 * is not looked at: behind it may be storage that does not answer.
 */
export async function findNode(
  stateFolder: string,
  wanted: DeviceNumber,
  mounted: ReadonlySet<string>,
): Promise<string | undefined> {
  for (const instance of await readdir(stateFolder).catch(() => [])) {
    const disks = join(stateFolder, instance, "disks");
    for (const name of await readdir(disks).catch(() => [])) {
      // One that is being made, or was when the daemon died.
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
