import { chmod, copyFile, cp, glob, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { debianRoot, documentation } from "../../debian.ts";
import type { Step } from "../../progress.ts";
import { busyboxEntries } from "../busybox.ts";
import { beside } from "../recipe.ts";
import { makeDisk } from "./disk.ts";
import type { GuestRecipe } from "./guest.ts";
import { writeInitramfs } from "./initramfs.ts";
import { guestKernelPackage, type Kernel, moduleEntries } from "./kernel.ts";
import { overlay } from "./overlay.ts";
import { guestTools, runIn } from "./tools.ts";

const folder = beside(import.meta, "debian");
const label = "debian";
// no_timer_check: under emulation on a busy machine the kernel would find its timer too slow, and panic.
const args = `root=LABEL=${label} console=tty1 console=ttyS0,115200 no_timer_check`;
/** In MiB. cloud-init lets it grow with the disk. */
const rootSize = 2048;

const lines = async (name: string): Promise<string[]> =>
  (await readFile(join(folder, name), "utf8")).trim().split("\n");

/** Files that differ from machine to machine, and what only the making of the root needed; as shell patterns. */
const leftovers = [
  "etc/machine-id",
  "etc/resolv.conf",
  "etc/ssh/ssh_host_*",
  "var/lib/dbus/machine-id",
  "var/cache/debconf/*-old",
  "var/cache/ldconfig/aux-cache",
  "var/lib/dpkg/*-old",
  "var/log/**/*.log",
];

async function makeRoot(step: Step, root: string, kernel: Kernel, work: string): Promise<void> {
  await debianRoot(step, root, {
    packages: await lines("packages"),
    exclude: [...documentation, "/usr/share/i18n/*"],
  });
  step.update("configuring");
  await cp(join(kernel.root, "lib/modules"), join(root, "usr/lib/modules"), { recursive: true });
  for await (const path of glob(leftovers, { cwd: root })) await rm(join(root, path));
  for (const { path, file, mode } of await overlay(join(folder, "root"))) {
    const target = join(root, path);
    await mkdir(dirname(target), { recursive: true });
    // A link there would lead out of the root folder.
    await rm(target, { force: true });
    await copyFile(file, target);
    await chmod(target, mode);
  }
  // Empty, so that the machine makes up its own at its first boot.
  await writeFile(join(root, "etc/machine-id"), "");
  await symlink("/run/systemd/resolve/stub-resolv.conf", join(root, "etc/resolv.conf"));
  await runIn(root, work, "systemctl", ["mask", ...(await lines("mask"))]);
  await runIn(root, work, "systemctl", ["enable", "systemd-networkd", "systemd-resolved", "ssh-host-keys"]);
}

/** A real Debian: systemd, cloud-init, an SSH server and the guest agent. Nobody can log in without cloud-init's data. */
export const debian: GuestRecipe = {
  inputs: [import.meta.filename, folder],
  args,
  async build(step, target, work) {
    const kernel = await guestKernelPackage(step);
    const initrd = join(target, "initrd");
    await writeInitramfs(
      [
        ...(await busyboxEntries(await guestTools(step))),
        ...(await moduleEntries(kernel, await lines("initramfs/etc/modules"))),
        ...(await overlay(join(folder, "initramfs"))),
        ...["/proc", "/sys", "/dev", "/sysroot"].map((path) => ({ path, folder: true as const })),
      ],
      initrd,
    );
    await copyFile(kernel.image, join(target, "vmlinuz"));
    await makeRoot(step, join(work, "root"), kernel, work);
    const disk = { kernel: kernel.image, initrd, args, root: { folder: "root", label, size: rootSize } };
    await makeDisk(step, disk, work, join(target, "disk.qcow2"));
  },
};
