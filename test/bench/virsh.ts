import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { LibvirtNode } from "../e2e/node-libvirt/libvirt-node.ts";

/** The times of a run of virsh. */
export interface VirshRun {
  seconds: number;
  /** virsh's own CPU time. */
  cpuSeconds: number;
}

/**
 * Feeds commands to one virsh on stdin, with its output to /dev/null. virsh runs in the node, so that both clients are
 * local to the same libvirtd.
 */
export async function virsh({ root }: LibvirtNode, commands: readonly string[]): Promise<VirshRun> {
  const pid = /^\/proc\/(\d+)\/root/.exec(root)?.[1];
  if (!pid) throw new Error(`${root} is not the root of a process`);
  const begin = performance.now();
  const run = "virsh -q >/dev/null || exit; times";
  const child = spawn("nsenter", ["-t", pid, "-m", "-p", "-n", "-r", "-w", "sh", "-c", run], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(commands.map((command) => `${command}\n`).join(""));
  const [times, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  if (code !== 0) throw new Error(`virsh ended with ${code} on ${commands[0]}`);
  return { seconds: (performance.now() - begin) / 1000, cpuSeconds: childrenTime(times) };
}

/** Reads user and system time from the second line of the shell's `times`: `0m0.123s 0m0.045s`. */
function childrenTime(times: string): number {
  const parts = [...(times.split("\n")[1] ?? "").matchAll(/(\d+)m([\d.]+)s/g)];
  return parts.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}
