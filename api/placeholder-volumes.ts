import type { Volume } from "./schema/volume.ts";

/*
 * Where volumes are in the placeholder's container: the controller has the kubelet put them there, and the node daemon
 * finds them by that.
 */

/** The folder with an image's files. */
export function containerDiskPath(volume: string): string {
  return `/var/run/kubevirt/container-disks/${volume}`;
}

/** The folder of a claim of mode Filesystem. */
export function claimPath(volume: string): string {
  return `/var/run/kubevirt/claims/${volume}`;
}

/** How a volume uses a PersistentVolumeClaim. */
export interface ClaimUse {
  readonly claimName: string;
  readonly readOnly: boolean;
}

/** The claim below a volume, if there is one. */
export function claimOf({ persistentVolumeClaim: claim }: Volume): ClaimUse | undefined {
  return claim && { claimName: claim.claimName, readOnly: claim.readOnly ?? false };
}
