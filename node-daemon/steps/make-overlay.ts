import { containerOf, type StepContext, volumeOf } from "./context.ts";

/** Makes a writable overlay of a `containerDisk`, which lies in an image volume of the placeholder. */
export async function makeOverlay(context: StepContext, name: string): Promise<void> {
  const { containerDisk } = volumeOf(context, name);
  if (!containerDisk) throw new Error(`volume "${name}" is no containerDisk`);
  const { pods, storage } = context.ports;
  await using source = await pods.containerDisk(containerOf(context), name, containerDisk.path);
  await storage.makeOverlay(context.paths, name, source);
}
