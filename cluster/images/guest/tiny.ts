import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { busyboxEntries } from "../busybox.ts";
import { beside } from "../recipe.ts";
import { makeDisk } from "./disk.ts";
import type { GuestRecipe } from "./guest.ts";
import { writeInitramfs } from "./initramfs.ts";
import { guestKernelPackage, moduleEntries } from "./kernel.ts";
import { overlay } from "./overlay.ts";
import { programEntries } from "./program.ts";
import { guestTools } from "./tools.ts";

const folder = beside(import.meta, "tiny");
/** Modules that are loaded by who wants them: the kernel has no driver of a mouse, but shows what one sends. */
const onDemand = ["serio_raw"];
// no_timer_check: under emulation on a busy machine the kernel would find its timer too slow, and panic.
const args = "console=tty1 console=ttyS0,115200 no_timer_check";

/**
 * A guest that is at its login prompt in seconds even under emulation: Debian's kernel and an initramfs with busybox
 * and the guest agent. It lives in memory; root logs in without a password.
 */
export const tiny: GuestRecipe = {
  inputs: [import.meta.filename, folder],
  args,
  async build(step, target, work) {
    const kernel = await guestKernelPackage(step);
    const tools = await guestTools(step);
    step.update("packing the initramfs");
    const modules = (await readFile(join(folder, "etc/modules"), "utf8")).trim().split("\n");
    const initrd = join(target, "initrd");
    await writeInitramfs(
      [
        ...(await busyboxEntries(tools)),
        ...(await programEntries(tools, "/usr/sbin/qemu-ga")),
        ...(await moduleEntries(kernel, [...modules, ...onDemand])),
        ...(await overlay(folder)),
        ...["/proc", "/sys", "/dev", "/run", "/tmp", "/root", "/mnt"].map((path) => ({ path, folder: true as const })),
        { path: "/var/run", link: "/run" },
      ],
      initrd,
    );
    await copyFile(kernel.image, join(target, "vmlinuz"));
    await makeDisk(step, { kernel: kernel.image, initrd, args }, work, join(target, "disk.qcow2"));
  },
};
