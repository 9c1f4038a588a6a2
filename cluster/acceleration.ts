import { readFile, writeFile } from "node:fs/promises";
import { release } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { cached, digest } from "./cache.ts";
import { exists } from "./exists.ts";
import { guestKernel } from "./images/guest/guests.ts";
import { nodeRoot } from "./node-root.ts";
import type { Step } from "./progress.ts";

/** How guests run: with the processor's virtualization, or emulated (TCG). */
export type Acceleration = "kvm" | "emulation";

/** The possible settings; `auto` uses KVM if it works. */
export const accelerationSettings = ["auto", "kvm", "emulation"] as const;

export type AccelerationSetting = (typeof accelerationSettings)[number];

const probeScript = fileURLToPath(new URL("kvm-probe.sh", import.meta.url));

/** Milliseconds to wait for the login prompt. A guest on working KVM shows it within 3 s. */
const patience = 20_000;

/**
 * Finds out how guests run. It tests KVM with a guest, because a machine may have a `/dev/kvm` on which no kernel
 * boots. Caches the result for this kernel, processor and QEMU.
 */
export async function acceleration(step: Step, setting: AccelerationSetting): Promise<Acceleration> {
  if (setting !== "auto") return setting;
  if (!(await exists("/dev/kvm"))) return "emulation";
  const { kernel, initrd } = await guestKernel(step, "tiny");
  const root = await nodeRoot(step);
  const processor = /^model name\s*:\s*(.*)$/m.exec(await readFile("/proc/cpuinfo", "utf8"))?.[1] ?? "";
  const finding = await cached(
    step,
    "acceleration",
    digest(release(), processor, root, kernel),
    async (folder, probing) => {
      probing.update("booting a guest on /dev/kvm");
      const works = await reachesLogin(root, kernel, initrd);
      await writeFile(join(folder, "finding"), works ? "kvm" : "emulation");
    },
  );
  return (await readFile(join(finding, "finding"), "utf8")) === "kvm" ? "kvm" : "emulation";
}

async function reachesLogin(root: string, kernel: string, initrd: string): Promise<boolean> {
  const namespaces = ["--mount", "--pid", "--net", "--fork", "--kill-child"];
  const guest = execa("unshare", [...namespaces, "sh", probeScript, root, kernel, initrd], {
    timeout: patience,
    killSignal: "SIGKILL",
    reject: false,
    all: true,
  });
  for await (const line of guest.iterable({ from: "all" })) {
    if (!line.includes("TINY READY")) continue;
    guest.kill("SIGKILL");
    await guest;
    return true;
  }
  return false;
}
