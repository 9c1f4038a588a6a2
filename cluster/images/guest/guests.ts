import { mkdtempDisposable } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "../../cache.ts";
import type { Step } from "../../progress.ts";
import { beside, contentDigest } from "../recipe.ts";
import { debian } from "./debian.ts";
import type { Guest, GuestRecipe } from "./guest.ts";
import { tiny } from "./tiny.ts";

/** The names of the guests that can be made here. */
export const guestNames = ["tiny", "debian"] as const;

export type GuestName = (typeof guestNames)[number];

const recipes: Record<GuestName, GuestRecipe> = { tiny, debian };

/** What every guest depends on beside its own recipe. */
const common = [
  "disk.ts",
  "initramfs.ts",
  "kernel.ts",
  "overlay.ts",
  "program.ts",
  "tools.ts",
  "../busybox.ts",
  "../layer.ts",
  "../../debian.ts",
  "../../versions.ts",
].map((name) => beside(import.meta, name));

/** What decides a guest's content. */
export const guestInputs = (name: GuestName): readonly string[] => [...common, ...recipes[name].inputs];

/** A guest's files, made the first time they are asked for. */
export async function guest(step: Step, name: GuestName): Promise<Guest> {
  const recipe = recipes[name];
  const folder = await cached(step, `guest-${name}`, await contentDigest(guestInputs(name)), async (entry, inner) => {
    await using work = await mkdtempDisposable(join(entry, "work-"));
    await recipe.build(inner, entry, work.path);
  });
  const { args } = recipe;
  return { kernel: join(folder, "vmlinuz"), initrd: join(folder, "initrd"), disk: join(folder, "disk.qcow2"), args };
}

/** What a guest is booted from without its disk, by a hypervisor that loads the kernel itself. */
export async function guestKernel(step: Step, name: GuestName): Promise<Omit<Guest, "disk">> {
  const { disk: _, ...kernel } = await guest(step, name);
  return kernel;
}
