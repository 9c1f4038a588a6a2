import { ephemeralDisks } from "../../api/contract/placeholder-volumes.ts";
import { containerOf, instanceOf, type StepContext } from "./context.ts";

/**
 * Shows the placeholder's emptyDir as the folder for new disks, so that these count towards the pod. The previous
 * release's controller makes placeholders without an emptyDir; then the disks are on the node and count towards no pod.
 */
export async function showEphemeral(context: StepContext): Promise<void> {
  const { pod, drivers, paths } = context;
  const name = ephemeralDisks(instanceOf(context).spec);
  if (!pod?.spec?.volumes?.some((volume) => volume.name === name && volume.emptyDir)) return;
  await using folder = await drivers.pods.ephemeralDisks(containerOf(context));
  await drivers.disks.showEphemeral(paths, folder);
}
