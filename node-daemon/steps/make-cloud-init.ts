import { join } from "node:path";
import { cloudInitSecrets } from "../../api/placeholder-volumes.ts";
import { noCloudFiles, noCloudLabel, secretData } from "../cloud-init.ts";
import { containerOf, instanceOf, type StepContext, volumeOf } from "./context.ts";

/** Makes the disk of a `cloudInitNoCloud`. */
export async function makeCloudInit(context: StepContext, name: string): Promise<void> {
  const volume = volumeOf(context, name);
  const { cloudInitNoCloud } = volume;
  if (!cloudInitNoCloud) throw new Error(`volume "${name}" is no cloudInitNoCloud`);
  const { identity, paths, ports } = context;
  const secrets: { userdata?: Buffer; networkdata?: Buffer } = {};
  for (const secret of cloudInitSecrets(volume)) {
    const mounted = await ports.pods.files(containerOf(context), secret.podVolume);
    secrets[secret.holds] = secretData(secret, mounted);
  }
  const files = noCloudFiles(instanceOf(context), identity, cloudInitNoCloud, secrets);
  await ports.storage.makeIso(join(paths.cloudInit, `${name}.iso`), noCloudLabel, files);
}
