import {
  claimOf,
  claimPath,
  cloudInitSecrets,
  containerDiskPath,
  mountedFilesPath,
} from "../../api/placeholder-volumes.ts";
import type { Volume } from "../../api/schema/volume.ts";
import type { Pod } from "../resources.ts";

type PodVolume = NonNullable<NonNullable<Pod["spec"]>["volumes"]>[number];
type VolumeMount = NonNullable<NonNullable<Pod["spec"]>["containers"][number]["volumeMounts"]>[number];

/** A volume of the placeholder and where it is mounted in it. */
interface Mounted {
  readonly volume: PodVolume;
  readonly path: string;
  /** Read-only when nothing is said. */
  readonly writable?: boolean;
}

/** Volumes of a pod and their mounts in its container, as much of either as there is. */
export interface PodVolumes {
  readonly volumes: PodVolume[];
  readonly volumeMounts: VolumeMount[];
}

/** What the placeholder brings to the node for the volumes of an instance: the kubelet pulls and mounts. */
export function podVolumes(volumes: readonly Volume[]): PodVolumes {
  const mounted = volumes.flatMap(mountedOf);
  return {
    volumes: mounted.map(({ volume }) => volume),
    volumeMounts: mounted.map(({ volume: { name }, path, writable = false }) => ({
      name,
      mountPath: path,
      ...(writable ? {} : { readOnly: true }),
    })),
  };
}

function mountedOf(volume: Volume): Mounted[] {
  if (volume.containerDisk) return [{ volume: imageVolume(volume), path: containerDiskPath(volume.name) }];
  const claim = claimOf(volume);
  if (claim) {
    const { claimName, readOnly } = claim;
    const persistentVolumeClaim = { claimName, ...(readOnly ? { readOnly } : {}) };
    return [
      { volume: { name: volume.name, persistentVolumeClaim }, path: claimPath(volume.name), writable: !readOnly },
    ];
  }
  return cloudInitSecrets(volume).map(({ podVolume, secretName }) => ({
    // Only root, whom the node daemon is, has to read it.
    volume: { name: podVolume, secret: { secretName, defaultMode: 0o400 } },
    path: mountedFilesPath(podVolume),
  }));
}

function imageVolume({ name, containerDisk }: Volume): PodVolume {
  const { image: reference, imagePullPolicy: pullPolicy } = containerDisk ?? {};
  return {
    name,
    image: { ...(reference === undefined ? {} : { reference }), ...(pullPolicy === undefined ? {} : { pullPolicy }) },
  };
}
