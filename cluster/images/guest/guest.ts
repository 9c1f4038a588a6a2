import type { Step } from "../../progress.ts";

/** The files to boot a guest from: its disk, or its kernel and initrd directly. */
export interface Guest {
  kernel: string;
  initrd: string;
  /** The kernel's command line, for the disk and for a direct boot. */
  args: string;
  /** The disk in qcow2 form, for BIOS and UEFI. */
  disk: string;
}

/** A recipe for a guest. */
export interface GuestRecipe {
  /** The files and folders that determine the guest, including the recipe's own code. */
  inputs: readonly string[];
  args: string;
  /** Fills a folder with `vmlinuz`, `initrd` and `disk.qcow2`; `work` is a scratch folder. */
  build(step: Step, folder: string, work: string): Promise<void>;
}
