import { mountedObject } from "../../api/contract/placeholder-volumes.ts";
import type { Volume } from "../../api/schema/volume.ts";

/** The label of a disk with files, when none is asked for; KubeVirt's. */
const usualLabel = "cfgdata";

/** The label of the disk of a volume that is an object's files; undefined for a volume that is none. */
export function fileDiskLabel(volume: Volume): string | undefined {
  if (!mountedObject(volume)) return undefined;
  const { configMap, secret, downwardAPI } = volume;
  return configMap?.volumeLabel ?? secret?.volumeLabel ?? downwardAPI?.volumeLabel ?? usualLabel;
}
