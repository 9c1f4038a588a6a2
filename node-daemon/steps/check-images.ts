import { normalize } from "node:path";
import { RefusedError } from "../core/refused-error.ts";
import type { BlockNode } from "../drivers/hypervisor.ts";
import { claimImages } from "./claim-images.ts";
import type { StepContext } from "./context.ts";

/**
 * Checks the files that QEMU has opened, before the guest runs. A writer of a claim may have changed an image's header
 * after the inspection. QEMU opens files that a header names, but only at its start. Throws, and stops the domain, when
 * a file is not this instance's.
 */
export async function checkImages(context: StepContext): Promise<void> {
  const { drivers, domain } = context;
  if ((await claimImages(context)).every(({ format }) => format === "raw")) return;
  const nodes = await drivers.hypervisor.blockNodes(domain);
  if (nodes.every((node) => isOwn(node, context))) return;
  await drivers.hypervisor.destroy(domain);
  throw new RefusedError("an image in a PersistentVolumeClaim names another file, which is refused");
}

/** Checks a block node by driver and file. Node names prove nothing: an image may choose the names of its nodes. */
function isOwn({ driver, file }: BlockNode, { paths, host }: StepContext): boolean {
  // The files below such a node are nodes of their own.
  if (driver === "qcow2" || driver === "raw") return true;
  if (driver !== "file" && driver !== "host_device") return false;
  const firmware = [host.uefi?.code, host.secureUefi?.code];
  return normalize(file).startsWith(`${paths.folder}/`) || firmware.includes(file);
}
