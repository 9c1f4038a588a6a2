import type { Manifest } from "../../deploy/objects/object.ts";

/** Returns the memory limit, in bytes, of the one container with a limit in some manifests. */
export function memoryLimitOf(manifests: readonly Manifest[]): number {
  const limits = JSON.stringify(manifests).matchAll(/"limits":\{"memory":"(\d+)Mi"\}/g);
  const [only, ...others] = [...limits].map(([, mebibytes]) => Number(mebibytes) * 1024 ** 2);
  if (only === undefined || others.length > 0) throw new Error("there is not one limit of memory");
  return only;
}
