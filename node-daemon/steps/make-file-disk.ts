import { join } from "node:path";
import { fileDiskLabel } from "../instance/file-disk.ts";
import { containerOf, type StepContext, volumeOf } from "./context.ts";
import type { VolumeStep } from "./step.ts";

/** Makes the disk of a volume with an object's files, as the kubelet has them at this start. */
export async function makeFileDisk(context: StepContext, { volume: name }: VolumeStep): Promise<void> {
  const label = fileDiskLabel(volumeOf(context, name));
  if (label === undefined) throw new Error(`volume "${name}" has no files`);
  const { paths, drivers } = context;
  const files = await drivers.pods.files(containerOf(context), name);
  await drivers.disks.makeIso(join(paths.cloudInit, `${name}.iso`), label, Object.fromEntries(files));
}
