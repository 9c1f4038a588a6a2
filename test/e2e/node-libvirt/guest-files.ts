import { chmod, copyFile, mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { guestKernel } from "../../../cluster/images/guest/guests.ts";
import { progress } from "../../../cluster/progress.ts";
import type { LibvirtNode } from "./libvirt-node.ts";

/** The folder of these tests on a node, and its files. */
export interface Prepared {
  folder: string;
  kernel: string;
  initrd: string;
  args: string;
}

const folder = "/var/lib/libvirt/images/node-libvirt-test";

/** Puts the guest's kernel and initrd on a node. */
export async function prepare({ root }: LibvirtNode): Promise<Prepared> {
  const { kernel, initrd, args } = await guestKernel(progress({ live: false }), "tiny");
  await mkdir(join(root, folder), { recursive: true });
  // QEMU makes sockets and images here, and is not root.
  await chmod(join(root, folder), 0o777);
  // libvirt puts the lock of a pty console here. systemd makes this folder, but the node has no systemd.
  await mkdir(join(root, "run/lock"), { recursive: true });
  await put(kernel, join(root, folder, "vmlinuz"));
  await put(initrd, join(root, folder, "initrd"));
  return { folder, kernel: `${folder}/vmlinuz`, initrd: `${folder}/initrd`, args };
}

async function put(from: string, to: string): Promise<void> {
  const [wanted, there] = await Promise.all([stat(from), stat(to).catch(() => undefined)]);
  if (there?.size === wanted.size && there.mtimeMs >= wanted.mtimeMs) return;
  await rm(to, { force: true });
  await copyFile(from, to);
}
