import { mkdir, open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { Node } from "./cluster.ts";

const volumesPerNode = 2;
const volumeSize = 1024 ** 3;

/**
 * Attaches a node's block volumes: loop devices over sparse files in its state folder, offered as PersistentVolumes of
 * the class `block`. Loop devices belong to the whole machine, so the node sees the same device.
 */
export async function attachBlockVolumes(node: Node): Promise<string[]> {
  const folder = join(node.bundle.folder, "block");
  await mkdir(folder, { recursive: true });
  const devices: string[] = [];
  for (let number = 1; number <= volumesPerNode; number += 1) {
    const file = join(folder, `volume-${number}.raw`);
    const handle = await open(file, "a");
    await handle.truncate(volumeSize);
    await handle.close();
    const attached = (await loops(file))[0];
    devices.push(attached ?? (await execa("losetup", ["--find", "--show", file])).stdout.trim());
  }
  return devices;
}

/** Detaches every loop device over a file in a folder. */
export async function detachLoops(folder: string): Promise<void> {
  for (const device of await loops(folder)) await execa("losetup", ["--detach", device]);
}

/** The loop devices over a file, or over any file below a folder. */
async function loops(path: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of (await readdir("/sys/block")).filter((entry) => entry.startsWith("loop"))) {
    const file = await readFile(`/sys/block/${name}/loop/backing_file`, "utf8").catch(() => "");
    if (file.trim() === path || file.startsWith(`${path}/`)) found.push(`/dev/${name}`);
  }
  return found;
}

/** The storage class `block` and its PersistentVolumes. */
export function blockVolumeManifests(devices: ReadonlyMap<Node, readonly string[]>): object[] {
  const storageClass = {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "block" },
    provisioner: "kubernetes.io/no-provisioner",
    volumeBindingMode: "WaitForFirstConsumer",
  };
  const volumes = [...devices].flatMap(([node, paths]) =>
    paths.map((path, index) => ({
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: `${node.name}-block-${index + 1}` },
      spec: {
        capacity: { storage: String(volumeSize) },
        volumeMode: "Block",
        accessModes: ["ReadWriteOnce"],
        persistentVolumeReclaimPolicy: "Retain",
        storageClassName: "block",
        local: { path },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node.name] }] },
            ],
          },
        },
      },
    })),
  );
  return [storageClass, ...volumes];
}
