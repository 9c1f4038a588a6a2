import { mountedObject } from "../../api/contract/placeholder-volumes.ts";
import type { Volume } from "../../api/schema/volume.ts";

/** The default label of a disk with files; the same as KubeVirt's. */
const usualLabel = "cfgdata";

/** The disk label of a volume with an object's files; undefined for other volumes. */
export function fileDiskLabel(volume: Volume): string | undefined {
  if (!mountedObject(volume)) return undefined;
  const { configMap, secret, downwardAPI } = volume;
  return configMap?.volumeLabel ?? secret?.volumeLabel ?? downwardAPI?.volumeLabel ?? usualLabel;
}
