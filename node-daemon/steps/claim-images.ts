import { claimOf } from "../../api/contract/placeholder-volumes.ts";
import type { ImageFile } from "../domain-xml/volume.ts";
import { instanceOf, type StepContext } from "./context.ts";

/** A claim's disk as shown in the disks' folder. */
export interface ClaimImage extends ImageFile {
  readonly claimName: string;
  readonly readOnly: boolean;
}

/** The shown disks of an instance's claims. Others may change their content at any time. */
export async function claimImages(context: StepContext): Promise<ClaimImage[]> {
  const volumes = (instanceOf(context).spec.volumes ?? []).filter((volume) => claimOf(volume));
  if (volumes.length === 0) return [];
  const observed = await context.drivers.storage.observe(context.paths);
  return volumes.flatMap((volume) => {
    const claim = claimOf(volume);
    const image = observed?.claims.get(volume.name) ?? observed?.bases.get(volume.name);
    return claim && image ? [{ ...image, claimName: claim.claimName, readOnly: claim.readOnly }] : [];
  });
}
