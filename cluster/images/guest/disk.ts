import { copyFile, mkdir, open, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Step } from "../../progress.ts";
import { guestTools, runIn } from "./tools.ts";

/** A disk that boots on BIOS and UEFI machines alike. */
export interface Disk {
  kernel: string;
  initrd: string;
  /** The kernel's command line. */
  args: string;
  /** The file system after the boot partition, if the guest does not live in its initrd alone. */
  root?: {
    /** The name of the folder in `work` that holds its content, with owners and modes. */
    folder: string;
    label: string;
    /** In MiB; free space costs nothing in the disk file. */
    size: number;
  };
}

/** Runs a program that sees the work folder as /mnt. */
type Run = (command: string, args: readonly string[], input?: string) => Promise<string>;

const mebibyte = 1 << 20;
/** Where the boot partition begins, in MiB: the usual alignment. */
const bootStart = 1;
const image = "/mnt/disk.raw";

async function partition(run: Run, file: string, bootSize: number, rootSize: number): Promise<void> {
  await writeFile(file, "");
  await truncate(file, (bootStart + bootSize + rootSize) * mebibyte);
  const boot = `start=${bootStart}MiB, size=${bootSize}MiB, type=ef, bootable`;
  const root = `start=${bootStart + bootSize}MiB, type=83`;
  const table = ["label: dos", boot, ...(rootSize > 0 ? [root] : [])].join("\n");
  await run("sfdisk", ["--quiet", "--no-reread", "--no-tell-kernel", image], table);
}

/**
 * Fills the one boot partition: the active one of the MBR for BIOS, and for UEFI the EFI system partition. SYSLINUX
 * starts from it either way and reads the same configuration.
 */
async function fillBoot(run: Run, files: string, bootSize: number): Promise<void> {
  const offset = bootStart * mebibyte;
  const partitionImage = `${image}@@${offset}`;
  const copy = (sources: readonly string[], target: string) =>
    run("mcopy", ["-i", partitionImage, ...sources, `::${target}`]);
  // FAT16 by name: it would choose by the size of the whole disk.
  await run("mkfs.vfat", ["-F", "16", "--offset", `${offset / 512}`, "-n", "BOOT", image, `${bootSize * 1024}`]);
  await run("mmd", ["-i", partitionImage, "::/EFI", "::/EFI/BOOT"]);
  await copy(["/usr/lib/SYSLINUX.EFI/efi64/syslinux.efi"], "/EFI/BOOT/BOOTX64.EFI");
  await copy(["/usr/lib/syslinux/modules/efi64/ldlinux.e64"], "/EFI/BOOT/");
  await copy(
    ["vmlinuz", "initrd", "syslinux.cfg"].map((name) => join("/mnt", files, name)),
    "/",
  );
  await run("syslinux", ["--install", "--offset", `${offset}`, image]);
}

async function writeBootSector(code: string, file: string): Promise<void> {
  await using disk = await open(file, "r+");
  await disk.write(await readFile(code), 0, undefined, 0);
}

/** Makes a disk image in qcow2 form, compressed, in a scratch folder and without mounting any image. */
export async function makeDisk(step: Step, disk: Disk, work: string, qcow2: string): Promise<void> {
  const tools = await guestTools(step);
  const run: Run = (command, args, input = "") => runIn(tools, work, command, args, { input });

  step.update("writing the boot partition");
  const boot = join(work, "boot-files");
  await mkdir(boot);
  await copyFile(disk.kernel, join(boot, "vmlinuz"));
  await copyFile(disk.initrd, join(boot, "initrd"));
  const config = `DEFAULT linux\nLABEL linux\n  LINUX /vmlinuz\n  INITRD /initrd\n  APPEND ${disk.args}\n`;
  await writeFile(join(boot, "syslinux.cfg"), config);
  // Four more MiB hold the boot loaders and the file system's own tables.
  const bootSize = Math.ceil(((await stat(disk.kernel)).size + (await stat(disk.initrd)).size) / mebibyte) + 4;
  const raw = join(work, basename(image));
  await partition(run, raw, bootSize, disk.root?.size ?? 0);
  await fillBoot(run, basename(boot), bootSize);
  await writeBootSector(join(tools, "usr/lib/syslinux/mbr/mbr.bin"), raw);

  if (disk.root) {
    step.update("writing the root file system");
    const { folder, label, size } = disk.root;
    const where = `offset=${(bootStart + bootSize) * mebibyte}`;
    await run("mke2fs", ["-q", "-t", "ext4", "-L", label, "-d", join("/mnt", folder), "-E", where, image, `${size}M`]);
  }

  step.update("compressing the disk");
  const format = ["-f", "raw", "-O", "qcow2", "-c", "-o", "compression_type=zstd"];
  await run("qemu-img", ["convert", ...format, image, "/mnt/disk.qcow2"]);
  await rename(join(work, "disk.qcow2"), qcow2);
  await rm(raw);
}
