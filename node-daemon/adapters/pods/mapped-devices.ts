import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { onNode, run } from "../command.ts";
import type { OpenFile } from "../storage/held-file.ts";

/**
 * The block devices that the kubelet has mapped for a pod, as `major:minor`, given the kubelet's folder of the pod. The
 * kubelet has a link there for each, `volumeDevices/PLUGIN/VOLUME`, to the device or to a file that is a device.
 */
export async function mappedDevices(podFolder: OpenFile): Promise<Set<string>> {
  const base = join(podFolder.path, "volumeDevices");
  const links: string[] = [];
  for (const plugin of await readdir(base).catch(() => [])) {
    for (const volume of await readdir(join(base, plugin)).catch(() => [])) links.push(join(base, plugin, volume));
  }
  if (links.length === 0) return new Set();
  // The node must follow these absolute paths of its own. Node.js has no stat(2) in another namespace.
  const told = await run(onNode(["stat", "--dereference", "--format=%F %Hr:%Lr", ...links]));
  return new Set(told.split("\n").flatMap((line) => /^block special file (\d+:\d+)$/.exec(line)?.[1] ?? []));
}
