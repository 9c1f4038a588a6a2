import { ephemeralDisks } from "../../api/contract/placeholder-volumes.ts";
import { containerOf, instanceOf, type StepContext } from "./context.ts";

/**
 * Shows the placeholder's emptyDir as the folder in which disks are made, so that they count as its pod's. The controller
 * of the release before gives placeholders none: then they are made on the node, and nobody counts them.
 */
export async function showEphemeral(context: StepContext): Promise<void> {
  const { pod, drivers, paths } = context;
  const name = ephemeralDisks(instanceOf(context).spec);
  if (!pod?.spec?.volumes?.some((volume) => volume.name === name && volume.emptyDir)) return;
  await using folder = await drivers.pods.ephemeralDisks(containerOf(context));
  await drivers.storage.showEphemeral(paths, folder);
}
