import { normalize } from "node:path";
import { RefusedError } from "../core/refused-error.ts";
import type { BlockNode } from "../drivers/hypervisor.ts";
import { claimImages } from "./claim-images.ts";
import type { StepContext } from "./context.ts";

/**
 * Looks at what QEMU has opened, before the guest runs: who may write to a claim can have changed the header of an image
 * in it after it was inspected, and QEMU opens what a header names. It does so only at its start. Throws, and ends the
 * domain, when there is a file that is not this instance's.
 */
export async function checkImages(context: StepContext): Promise<void> {
  const { drivers, domain } = context;
  if ((await claimImages(context)).every(({ format }) => format === "raw")) return;
  const nodes = await drivers.hypervisor.blockNodes(domain);
  if (nodes.every((node) => isOwn(node, context))) return;
  await drivers.hypervisor.destroy(domain);
  throw new RefusedError("an image in a PersistentVolumeClaim names another file, which is refused");
}

/** Names of nodes tell nothing: an image may choose those of what it names. */
function isOwn({ driver, file }: BlockNode, { paths, host }: StepContext): boolean {
  // What such an image is made of are nodes of their own.
  if (driver === "qcow2" || driver === "raw") return true;
  if (driver !== "file" && driver !== "host_device") return false;
  const firmware = [host.uefi?.code, host.secureUefi?.code];
  return normalize(file).startsWith(`${paths.folder}/`) || firmware.includes(file);
}
