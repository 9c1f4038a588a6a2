import { vcpusOf } from "../../api/guest-size.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { Disk } from "../../api/schema/disk.ts";
import { RefusedError } from "../core/refused-error.ts";
import { type Bus, targetedDisks } from "./disk-targets.ts";
import { type Element, element } from "./element.ts";
import type { DomainVolume, ImageFile } from "./volume.ts";

/** A disk, and its name in libvirt and in the status. */
export interface PlannedDisk {
  readonly name: string;
  readonly target: string;
  readonly bus: Bus;
  readonly element: Element;
}

/** The disks in the order of the spec, each with its element. */
export function plannedDisks(
  spec: VirtualMachineInstance["spec"],
  volumes: ReadonlyMap<string, DomainVolume>,
  virtioModel: string | undefined,
): PlannedDisk[] {
  const queues = spec.domain.devices?.blockMultiQueue ? vcpusOf(spec.domain.cpu) : undefined;
  return targetedDisks(spec).map(({ disk, bus, target }) => {
    const volume = volumes.get(disk.name);
    if (!volume) throw new TypeError(`disk "${disk.name}" has no volume`);
    if (bus === "sata" && !disk.cdrom && isReadOnly(disk, volume)) {
      throw new RefusedError(`spec.domain.devices.disks: disk "${disk.name}": a disk on bus sata cannot be read-only`);
    }
    return { name: disk.name, target, bus, element: diskElement({ disk, volume, bus, target, virtioModel, queues }) };
  });
}

interface DiskParts {
  disk: Disk;
  volume: DomainVolume;
  bus: Bus;
  target: string;
  virtioModel: string | undefined;
  queues: number | undefined;
}

function isReadOnly(disk: Disk, { readOnly = false }: DomainVolume): boolean {
  return readOnly || (disk.cdrom ? (disk.cdrom.readonly ?? true) : (disk.disk?.readonly ?? false));
}

function diskElement({ disk, volume, bus, target, virtioModel, queues }: DiskParts): Element {
  const readonly = isReadOnly(disk, volume);
  // QEMU refuses io=native without O_DIRECT.
  const cache = disk.cache ?? (disk.io === "native" ? "none" : undefined);
  const virtio = bus === "virtio";
  return element(
    "disk",
    { type: typeOf(volume), device: disk.cdrom ? "cdrom" : "disk", model: virtio ? virtioModel : undefined },
    element("driver", {
      name: "qemu",
      type: volume.format,
      cache,
      io: disk.io,
      error_policy: disk.errorPolicy ?? "stop",
      discard: disk.cdrom ? undefined : "unmap",
      queues: virtio ? queues : undefined,
    }),
    sourceElement(volume),
    // The XML names the backing file, so that QEMU does not trust the image's own entry.
    volume.backing
      ? element(
          "backingStore",
          { type: typeOf(volume.backing) },
          element("format", { type: volume.backing.format }),
          sourceElement(volume.backing),
          element("backingStore"),
        )
      : element("backingStore"),
    element("target", { dev: target, bus, tray: disk.cdrom?.tray }),
    readonly && element("readonly"),
    disk.serial !== undefined && element("serial", {}, disk.serial),
    element("alias", { name: `ua-disk-${disk.name}` }),
    disk.bootOrder !== undefined && element("boot", { order: disk.bootOrder }),
  );
}

function typeOf({ block = false }: ImageFile): "block" | "file" {
  return block ? "block" : "file";
}

/** A file whose owner libvirt must not change: the daemon has set it. */
function sourceElement({ file, block = false }: ImageFile): Element {
  return element("source", block ? { dev: file } : { file }, element("seclabel", { model: "dac", relabel: "no" }));
}
