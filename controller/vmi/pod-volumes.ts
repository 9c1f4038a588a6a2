import type { Pod } from "../../api/kube/core-resources.ts";
import { cloudInitSecrets, containerDiskPath, mountedFilesPath } from "../../api/placeholder-volumes.ts";
import type { Volume } from "../../api/schema/volume.ts";

type PodVolume = NonNullable<NonNullable<Pod["spec"]>["volumes"]>[number];
type VolumeMount = NonNullable<NonNullable<Pod["spec"]>["containers"][number]["volumeMounts"]>[number];

/** A volume of the placeholder and where it is mounted in it. */
interface Mounted {
  readonly volume: PodVolume;
  readonly path: string;
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
    volumeMounts: mounted.map(({ volume: { name }, path }) => ({ name, mountPath: path, readOnly: true })),
  };
}

function mountedOf(volume: Volume): Mounted[] {
  if (volume.containerDisk) return [{ volume: imageVolume(volume), path: containerDiskPath(volume.name) }];
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
