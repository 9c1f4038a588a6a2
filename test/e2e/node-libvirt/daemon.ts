import { execFile } from "node:child_process";
import { readdir, readFile, stat } from "node:fs/promises";
import { promisify } from "node:util";
import { eventually } from "./guest.ts";
import type { LibvirtNode } from "./libvirt-node.ts";

/** Finds the pid, in our PID namespace, of the process behind a node's socket. */
async function daemonOf({ root, socket }: LibvirtNode): Promise<number | undefined> {
  const here = await stat(root);
  const wanted = socket.includes("virtqemud") ? "virtqemud" : "libvirtd";
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const [name, its] = await Promise.all([
      readFile(`/proc/${entry}/comm`, "utf8").catch(() => ""),
      stat(`/proc/${entry}/root/`).catch(() => undefined),
    ]);
    if (name.trim() === wanted && its?.ino === here.ino && its.dev === here.dev) return Number(entry);
  }
  return undefined;
}

/** Controls the libvirtd of a node: stops, freezes and starts it. */
export async function daemon(node: LibvirtNode) {
  const pid = await daemonOf(node);
  if (pid === undefined) throw new Error(`no libvirtd of ${node.name} was found`);
  const command = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0").filter(Boolean);
  return {
    freeze: () => process.kill(pid, "SIGSTOP"),
    thaw: () => process.kill(pid, "SIGCONT"),
    async stop(): Promise<void> {
      process.kill(pid, "SIGTERM");
      await eventually(() =>
        stat(`/proc/${pid}`).then(
          () => false,
          () => true,
        ),
      );
    },
    /** Starts libvirtd again with the same arguments, in the namespaces of another process of the node. */
    async start(): Promise<void> {
      if (node.start) return node.start();
      const init = await anyProcessOf(node);
      const daemonized = command.slice(1).includes("-d") ? command : [...command, "-d"];
      await promisify(execFile)("nsenter", [
        "-t",
        String(init),
        "-m",
        "-p",
        "-n",
        "-u",
        "-i",
        "-r",
        "-w",
        ...daemonized,
      ]);
    },
  };
}

async function anyProcessOf({ root }: LibvirtNode): Promise<number> {
  const fromPath = /^\/proc\/(\d+)\/root/.exec(root);
  if (fromPath) return Number(fromPath[1]);
  throw new Error(`${root} is not the root of a process`);
}
