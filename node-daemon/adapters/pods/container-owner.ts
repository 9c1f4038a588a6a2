import { constants } from "node:os";
import type { Mount } from "./mountinfo.ts";

/** A container of a pod. */
export interface Owner {
  readonly podUid: string;
  readonly name: string;
  /** The kubelet's folder of the pod, as its file system has it. */
  readonly podFolder: string;
}

/**
 * The container that a file for last words belongs to: `…/PODUID/containers/NAME/FILE`, where a disk may be mounted at the
 * kubelet's folder `pods` itself. One in a volume of a pod is no such file, whatever its path.
 */
export function ownerOf({ root }: Mount): Owner | undefined {
  const [, podFolder, podUid, name] = /^((?:(?!\/volumes\/).)*\/([^/]+))\/containers\/([^/]+)\/[^/]+$/.exec(root) ?? [];
  return podFolder && podUid && name ? { podFolder, podUid, name } : undefined;
}

/** hold blocks the signal by which the kubelet asks, so that it waits and can be seen. */
export function isAskedToEnd(status: string | undefined): boolean {
  const [, pending = "0"] = /^ShdPnd:\s*([0-9a-f]+)$/m.exec(status ?? "") ?? [];
  return ((BigInt(`0x${pending}`) >> BigInt(constants.signals.SIGTERM - 1)) & 1n) === 1n;
}
