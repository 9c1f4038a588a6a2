import { dirname } from "node:path/posix";
import { copiedHoldProgram, holdContainer, holdProgram } from "../../api/contract/constants.ts";
import { freeVolumeName, type PlaceholderImage } from "../../api/contract/placeholder-images.ts";
import type { Pod } from "../../api/kube/resources/core-resources.ts";
import type { PlaceholderSettings } from "./placeholder-settings.ts";

type PodSpec = NonNullable<Pod["spec"]>;
type Container = PodSpec["containers"][number];
type PodVolume = NonNullable<PodSpec["volumes"]>[number];

/** The parts of a pod for images that are containers of it. */
export interface ImageContainers {
  readonly initContainers: Container[];
  readonly containers: Container[];
  readonly volumes: PodVolume[];
}

/** These containers do nothing; 1Mi is only for the scheduler. Limits would slow down their start. */
const resources = { requests: { cpu: "1m", memory: "1Mi" } };

/**
 * Images as containers of the placeholder, for clusters that cannot mount them as volumes. Such an image may contain no
 * program at all, so an init container copies `hold` for it.
 */
export function imageContainers(
  images: readonly PlaceholderImage[],
  volumeNames: readonly string[],
  { holdImage, holdPullPolicy }: PlaceholderSettings,
  securityContext: NonNullable<Container["securityContext"]>,
): ImageContainers {
  if (images.length === 0) return { initContainers: [], containers: [], volumes: [] };
  const name = freeVolumeName("hold", volumeNames);
  const mount = { name, mountPath: dirname(copiedHoldProgram) };
  const common = { resources, securityContext };
  return {
    initContainers: [
      {
        name: holdContainer,
        image: holdImage,
        imagePullPolicy: holdPullPolicy,
        command: [holdProgram, "copy", copiedHoldProgram],
        volumeMounts: [mount],
        ...common,
      },
    ],
    containers: images.map(({ container, image, imagePullPolicy }) => ({
      name: container,
      image,
      ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }),
      command: [copiedHoldProgram],
      volumeMounts: [{ ...mount, readOnly: true }],
      ...common,
    })),
    volumes: [{ name, emptyDir: { sizeLimit: "1Mi" } }],
  };
}
