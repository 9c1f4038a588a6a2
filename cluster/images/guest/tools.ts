import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { cached, digest } from "../../cache.ts";
import { debianRoot } from "../../debian.ts";
import type { Step } from "../../progress.ts";
import { debianSuite } from "../../versions.ts";
import { contentDigest } from "../recipe.ts";

const packages = [
  // what disks are made with
  "dosfstools",
  "e2fsprogs",
  "fdisk",
  "kmod",
  "mtools",
  "qemu-utils",
  "syslinux",
  "syslinux-common",
  "syslinux-efi",
  // what goes into guests
  "busybox-static",
  "qemu-guest-agent",
];

/** A root folder with the programs that guests are made with and made of; nothing is installed on the machine. */
export async function guestTools(step: Step): Promise<string> {
  const key = digest(debianSuite, await contentDigest([import.meta.filename]));
  return cached(step, "guest-tools", key, async (folder, inner) => {
    await debianRoot(inner, folder, { variant: "extract", packages });
    for (const mountPoint of ["mnt", "proc"]) await mkdir(join(folder, mountPoint), { recursive: true });
    // syslinux calls mtools by way of a shell.
    await symlink("busybox", join(folder, "bin/sh"));
  });
}

/** A program to run in a root folder. */
export interface RunOptions {
  /** What it reads from its standard input. */
  input?: string;
}

/** Runs a program of a root folder, which sees the folder `work` as /mnt; its output is returned. */
export async function runIn(
  root: string,
  work: string,
  command: string,
  args: readonly string[],
  { input = "" }: RunOptions = {},
): Promise<string> {
  // The mounts are made in a namespace of their own and so end with the program. syslinux hands mtools a file as
  // /proc/PID/fd/N.
  const script =
    'root=$1; mount --bind "$2" "$root/mnt"; mount --bind /proc "$root/proc"; shift 2; exec chroot "$root" "$@"';
  const { stdout } = await execa("unshare", ["--mount", "sh", "-ec", script, "sh", root, work, command, ...args], {
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    input,
  });
  return stdout;
}
