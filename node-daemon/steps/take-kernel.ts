import { kernelImage } from "../../api/contract/placeholder-images.ts";
import { guestMemory } from "../domain-xml/domain.ts";
import { containerOf, instanceOf, type StepContext } from "./context.ts";

/** Copies the guest's kernel from the placeholder's image; before it, the initial RAM disk if there is one. */
export async function takeKernel(context: StepContext): Promise<void> {
  const { paths, drivers } = context;
  const instance = instanceOf(context);
  const image = kernelImage(instance.spec);
  const { kernelPath, initrdPath } = instance.spec.domain.firmware?.kernelBoot?.container ?? {};
  if (!image || kernelPath === undefined) throw new Error("the instance has no kernel of its own");
  const take = async (path: string, file: string): Promise<void> => {
    await using source = await drivers.pods.imageFile(containerOf(context), image, path);
    // The limit is the guest's memory, because QEMU loads both files into it.
    await drivers.disks.takeFile(file, source, guestMemory(instance), `${image.what}: "${path}"`);
  };
  if (initrdPath !== undefined) await take(initrdPath, paths.initrd);
  await take(kernelPath, paths.kernel);
}
