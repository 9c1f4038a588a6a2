import type { KubeClient } from "../api/kube/client/client.ts";

/** How a placeholder gets the images with a machine's disks. */
export const imageModes = ["ImageVolume", "HoldContainer"] as const;
export type ImageMode = (typeof imageModes)[number];

/** The first minor version of Kubernetes 1 in which image volumes are on by default (KEP-4639). */
const withImageVolumes = 35;

/** The image mode of a cluster by its API server's version: image volumes, or else containers. */
export async function imageModeOf(client: KubeClient, signal: AbortSignal): Promise<ImageMode> {
  const { body } = await client.raw("GET", "/version", { signal });
  const { major, minor }: { major?: string; minor?: string } = JSON.parse(body.toString("utf8"));
  // A provider's minor version may be such as `34+`.
  const isNewer = Number.parseInt(major ?? "", 10) > 1;
  return isNewer || Number.parseInt(minor ?? "", 10) >= withImageVolumes ? "ImageVolume" : "HoldContainer";
}
