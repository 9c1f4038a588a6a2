import { join } from "node:path";
import { claimOf } from "../../api/contract/placeholder-volumes.ts";
import { domainXml } from "../domain-xml/domain.ts";
import type { DomainVolume } from "../domain-xml/volume.ts";
import type { OpenedImage } from "../drivers/storage.ts";
import { instanceOf, type StepContext, volumeOf } from "./context.ts";

/** Defines the domain from the instance and its files. */
export async function define(context: StepContext): Promise<void> {
  const { host, paths, drivers } = context;
  const instance = instanceOf(context);
  const storage = await drivers.storage.observe(paths);
  const volumes = new Map<string, DomainVolume>();
  for (const [name, format] of storage?.disks ?? []) {
    volumes.set(name, { file: join(paths.ephemeral, `${name}.${format}`), format, backing: storage?.bases.get(name) });
  }
  for (const [name, image] of storage?.claims ?? []) {
    volumes.set(name, { ...image, readOnly: claimOf(volumeOf(context, name))?.readOnly });
  }
  for (const name of storage?.isos ?? []) {
    volumes.set(name, { file: join(paths.cloudInit, `${name}.iso`), format: "raw" });
  }
  const user = await drivers.storage.grantAccess(paths, openedImages(volumes));
  const { links = [] } = storage ?? {};
  const now = drivers.clock.now();
  await drivers.hypervisor.define(domainXml({ instance, host, paths, user, volumes, links, now }));
}

/** The files that QEMU opens; for overlays, the images below. Leaves out devices, which are the machine's own. */
function openedImages(volumes: ReadonlyMap<string, DomainVolume>): OpenedImage[] {
  return [...volumes].flatMap(([name, { backing, ...volume }]) => {
    const image = backing ?? volume;
    const what = `volume "${name}"`;
    return image.block ? [] : [{ file: image.file, what, writes: !backing && !volume.readOnly }];
  });
}
