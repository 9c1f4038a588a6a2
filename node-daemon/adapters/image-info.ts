import type { ImageFormat } from "../domain-xml/volume.ts";
import { CommandError, run } from "./command.ts";

/** An image that guests may not have; the message says why. */
export class UnfitImageError extends Error {
  override readonly name = "UnfitImageError";
}

/** What an image says of itself. */
export interface ImageInfo {
  readonly format: ImageFormat;
  /** The size of the disk that the guest sees. */
  readonly bytes: bigint;
}

interface Info {
  format?: string;
  "virtual-size"?: number;
  "backing-filename"?: string;
  "format-specific"?: { data?: { "data-file"?: string; encrypt?: object } };
}

/** Processor seconds and bytes of memory that reading a stranger's image may take. */
const limits = ["--cpu=10", "--as=1073741824"];

/**
 * Reads what an image says of itself, in the format that it is known to have; `what` names it in errors. Refuses one that names another file: QEMU would open
 * it, and it could be any of the node's.
 */
export async function inspectImage(file: string, what: string, known?: ImageFormat): Promise<ImageInfo> {
  const options = ["--force-share", "--output=json", ...(known === undefined ? [] : ["-f", known])];
  const text = await run(["prlimit", ...limits, "qemu-img", "info", ...options, file]).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
    // Where it is held is nothing to its author.
    throw new Error(`${what}: its image cannot be read: ${error.message.replaceAll(file, "the image")}`);
  });
  const info: Info = JSON.parse(text);
  const { format, "virtual-size": size } = info;
  if (info["backing-filename"] !== undefined)
    throw new UnfitImageError(`${what}: its image has a backing file, which is refused`);
  const data = info["format-specific"]?.data;
  if (data?.["data-file"] !== undefined)
    throw new UnfitImageError(`${what}: its image has an external data file, which is refused`);
  if (data?.encrypt) throw new UnfitImageError(`${what}: its image is encrypted, which is not supported`);
  if (format !== "qcow2" && format !== "raw") {
    throw new UnfitImageError(`${what}: its image is of format "${format}"; qcow2 and raw are supported`);
  }
  if (size === undefined) throw new UnfitImageError(`${what}: its image does not tell its size`);
  return { format, bytes: BigInt(size) };
}
