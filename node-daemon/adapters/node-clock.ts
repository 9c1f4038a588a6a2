import { readFile } from "node:fs/promises";
import { uptime } from "node:os";
import type { Clock } from "../drivers/clock.ts";

/** The clock of the node that this process runs on (proc(5)). */
export async function nodeClock(): Promise<Clock> {
  const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  return { now: () => new Date(), sinceBoot: () => uptime() * 1000, boot };
}
