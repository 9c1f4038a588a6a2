import { constants } from "node:os";
import type { Mount } from "./mountinfo.ts";

/** A container of a pod. */
export interface Owner {
  readonly podUid: string;
  readonly name: string;
  /** The kubelet's folder of the pod, as a path in its file system. */
  readonly podFolder: string;
}

/**
 * The container that owns a termination log: `…/PODUID/containers/NAME/FILE`. The path may start there: a disk may be
 * mounted at the kubelet's folder `pods`. A file in a pod's volume is never a termination log.
 */
export function ownerOf({ root }: Mount): Owner | undefined {
  const [, podFolder, podUid, name] = /^((?:(?!\/volumes\/).)*\/([^/]+))\/containers\/([^/]+)\/[^/]+$/.exec(root) ?? [];
  return podFolder && podUid && name ? { podFolder, podUid, name } : undefined;
}

/** Whether the kubelet has asked hold to end. hold blocks that signal, so it stays pending and visible. */
export function isAskedToEnd(status: string | undefined): boolean {
  const [, pending = "0"] = /^ShdPnd:\s*([0-9a-f]+)$/m.exec(status ?? "") ?? [];
  return ((BigInt(`0x${pending}`) >> BigInt(constants.signals.SIGTERM - 1)) & 1n) === 1n;
}
