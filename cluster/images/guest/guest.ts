import type { Step } from "../../progress.ts";

/** What a guest is booted from: its disk, or its kernel and initrd directly. */
export interface Guest {
  kernel: string;
  initrd: string;
  /** The kernel's command line that the disk boots with, and a direct boot should too. */
  args: string;
  /** The disk in qcow2 form, for BIOS and UEFI. */
  disk: string;
}

/** How a guest is made. */
export interface GuestRecipe {
  /** The files and folders that decide what the guest is, the recipe's own code among them. */
  inputs: readonly string[];
  args: string;
  /** Fills a folder with `vmlinuz`, `initrd` and `disk.qcow2`; `work` is a scratch folder. */
  build(step: Step, folder: string, work: string): Promise<void>;
}
