import { join } from "node:path";
import { noCloudFiles, noCloudLabel } from "../cloud-init.ts";
import { instanceOf, type StepContext, volumeOf } from "./context.ts";

/** Makes the disk of a `cloudInitNoCloud`. */
export async function makeCloudInit(context: StepContext, name: string): Promise<void> {
  const { cloudInitNoCloud } = volumeOf(context, name);
  if (!cloudInitNoCloud) throw new Error(`volume "${name}" is no cloudInitNoCloud`);
  const { identity, paths, ports } = context;
  const files = await noCloudFiles(instanceOf(context), identity, cloudInitNoCloud, ports.secrets);
  await ports.storage.makeIso(join(paths.cloudInit, `${name}.iso`), noCloudLabel, files);
}
