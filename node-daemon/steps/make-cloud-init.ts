import { join } from "node:path";
import { cloudInitSecrets } from "../../api/contract/placeholder-volumes.ts";
import { notOpenStack } from "../../api/openstack-network.ts";
import { eventReasons } from "../../api/status/event-reasons.ts";
import {
  configDriveFiles,
  configDriveLabel,
  noCloudFiles,
  noCloudLabel,
  secretData,
  takesNetwork,
} from "../instance/cloud-init.ts";
import { containerOf, instanceOf, type StepContext, volumeOf } from "./context.ts";
import type { VolumeStep } from "./step.ts";

/** Makes the disk of a `cloudInitNoCloud` or `cloudInitConfigDrive`. */
export async function makeCloudInit(context: StepContext, { volume: name }: VolumeStep): Promise<void> {
  const volume = volumeOf(context, name);
  const { cloudInitNoCloud, cloudInitConfigDrive } = volume;
  const cloudInit = cloudInitNoCloud ?? cloudInitConfigDrive;
  if (!cloudInit) throw new Error(`volume "${name}" has no data for cloud-init`);
  const { identity, paths, drivers } = context;
  const instance = instanceOf(context);
  const secrets: { userdata?: Buffer; networkdata?: Buffer } = {};
  for (const secret of cloudInitSecrets(volume, instance.spec.volumes ?? [])) {
    const mounted = await drivers.pods.files(containerOf(context), secret.podVolume);
    secrets[secret.holds] = secretData(secret, mounted);
  }
  const form = cloudInitNoCloud
    ? { label: noCloudLabel, filesOf: noCloudFiles }
    : { label: configDriveLabel, filesOf: configDriveFiles };
  const files = form.filesOf(instance, identity, cloudInit, secrets);
  if (cloudInitConfigDrive && !takesNetwork(files)) {
    const message = `spec.volumes: volume "${name}": cloudInitConfigDrive: ${notOpenStack}`;
    context.tell({ type: "Warning", reason: eventReasons.networkDataIgnored, message });
  }
  await drivers.disks.makeIso(join(paths.cloudInit, `${name}.iso`), form.label, files);
}
