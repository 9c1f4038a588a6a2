import { join } from "node:path";
import { wholeUnits } from "../../api/values/quantity.ts";
import { type StepContext, volumeOf } from "./context.ts";
import type { VolumeStep } from "./step.ts";

/** Makes the image of an `emptyDisk`. */
export async function makeEmptyDisk(context: StepContext, { volume: name }: VolumeStep): Promise<void> {
  const { emptyDisk } = volumeOf(context, name);
  if (!emptyDisk) throw new Error(`volume "${name}" is no emptyDisk`);
  await context.drivers.disks.makeDisk(join(context.paths.ephemeral, `${name}.qcow2`), wholeUnits(emptyDisk.capacity));
}
