import { claimOf, claimPath, containerDiskPath } from "../../api/placeholder-volumes.ts";
import type { Volume } from "../../api/schema/volume.ts";
import type { Pod } from "../resources.ts";

type PodSpec = NonNullable<Pod["spec"]>;
type Container = PodSpec["containers"][number];
type PodVolume = NonNullable<PodSpec["volumes"]>[number];

/** What the placeholder has of an instance's volumes; a field is missing where it would be empty. */
export interface PodVolumes {
  readonly pod: Pick<PodSpec, "volumes" | "imagePullSecrets">;
  readonly container: Pick<Container, "volumeMounts">;
}

/** One volume of the pod and where its container has it. */
interface PodPart {
  readonly volume: PodVolume;
  readonly mount: NonNullable<Container["volumeMounts"]>[number];
}

/** The pod's volumes for those of an instance; what the node daemon makes itself needs none. */
export function podVolumes(volumes: readonly Volume[]): PodVolumes {
  const parts = volumes.flatMap((volume) => partOf(volume) ?? []);
  const secrets = [...new Set(volumes.flatMap(({ containerDisk }) => containerDisk?.imagePullSecret ?? []))];
  return {
    pod: {
      ...(secrets.length > 0 ? { imagePullSecrets: secrets.map((name) => ({ name })) } : {}),
      ...(parts.length > 0 ? { volumes: parts.map(({ volume }) => volume) } : {}),
    },
    container: parts.length > 0 ? { volumeMounts: parts.map(({ mount }) => mount) } : {},
  };
}

function partOf(volume: Volume): PodPart | undefined {
  const { name, containerDisk } = volume;
  if (containerDisk) {
    const { image: reference, imagePullPolicy: pullPolicy } = containerDisk;
    return {
      volume: { name, image: { reference, ...(pullPolicy === undefined ? {} : { pullPolicy }) } },
      mount: { name, mountPath: containerDiskPath(name), readOnly: true },
    };
  }
  const claim = claimOf(volume);
  if (!claim) return undefined;
  const { claimName, readOnly } = claim;
  return {
    volume: { name, persistentVolumeClaim: { claimName, ...(readOnly ? { readOnly } : {}) } },
    mount: { name, mountPath: claimPath(name), ...(readOnly ? { readOnly } : {}) },
  };
}
