import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { Disk } from "../../api/schema/disk.ts";

export type Bus = "virtio" | "sata" | "scsi" | "usb";

/** A disk with its bus, and the target by which libvirt and the status know it. */
export interface TargetedDisk {
  readonly disk: Disk;
  readonly bus: Bus;
  readonly target: string;
}

/** The disks in the order of the spec, with their targets: `vda`, `vdb`, … on virtio, `sda`, `sdb`, … on the other buses. */
export function targetedDisks({ domain: { devices } }: VirtualMachineInstance["spec"]): TargetedDisk[] {
  const counts = { vd: 0, sd: 0 };
  return (devices?.disks ?? []).map((disk) => {
    const bus = disk.cdrom?.bus ?? disk.lun?.bus ?? disk.disk?.bus ?? (disk.cdrom ? "sata" : "virtio");
    const prefix = bus === "virtio" ? "vd" : "sd";
    const target = `${prefix}${letters(counts[prefix])}`;
    counts[prefix] += 1;
    return { disk, bus, target };
  });
}

/** `a`, …, `z`, `aa`, … for 0, …, 25, 26, … */
function letters(index: number): string {
  const rest = index >= 26 ? letters(Math.floor(index / 26) - 1) : "";
  return rest + String.fromCodePoint(97 + (index % 26));
}
