import { open } from "node:fs/promises";
import type { ImageFormat } from "../../domain-xml/volume.ts";

/** An image that guests may not use. The message says why. */
export class UnfitImageError extends Error {
  override readonly name = "UnfitImageError";
}

/** The facts that an image's header states. */
export interface ImageInfo {
  readonly format: ImageFormat;
  /** The size of the disk that the guest sees. */
  readonly bytes: bigint;
}

/** Bytes at the start of an image that identify it. */
const headerLength = 512;

const qcow2Magic = "QFI\u00fb";

/** The magic bytes of other formats than raw; QEMU tells formats apart in the same way. */
const others: readonly (readonly [format: string, magic: string, at?: number])[] = [
  ["vmdk", "KDMV"],
  ["vmdk", "COWD"],
  ["vmdk", "# Disk DescriptorFile"],
  ["vdi", "\u007f\u0010\u00da\u00be", 64],
  ["vhdx", "vhdxfile"],
  ["vpc", "conectix"],
  ["qed", "QED\0"],
  ["luks", "LUKS\u00ba\u00be"],
  ["parallels", "WithoutFreeSpace"],
  ["parallels", "WithouFreSpacExt"],
];

/**
 * Reads the header of an image, in its known format if there is one; `what` names the image in errors. Refuses an image
 * that names another file: QEMU would open it, and it could be any file of the node. qemu-img would open it too, as
 * root, just to report it. So this reads only the first bytes.
 */
export async function inspectImage(file: string, what: string, known?: ImageFormat): Promise<ImageInfo> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(headerLength), 0, headerLength, 0);
  const header = buffer.subarray(0, bytesRead);
  if ((known ?? formatOf(header, what)) === "qcow2") return { format: "qcow2", bytes: qcow2Size(header, what) };
  const { size } = await handle.stat({ bigint: true });
  // The size of a disk is a whole number of sectors.
  return { format: "raw", bytes: ((size + 511n) / 512n) * 512n };
}

/** Whether these are the first bytes of a qcow2 image. */
export function isQcow2(header: Buffer): boolean {
  return has(header, qcow2Magic);
}

function formatOf(header: Buffer, what: string): ImageFormat {
  if (isQcow2(header)) return "qcow2";
  const [other] = others.find(([, magic, at]) => has(header, magic, at)) ?? [];
  if (other === undefined) return "raw";
  throw new UnfitImageError(`${what}: its image is of format "${other}"; qcow2 and raw are supported`);
}

function has(header: Buffer, magic: string, at = 0): boolean {
  return header.toString("latin1", at, at + magic.length) === magic;
}

/** Reads fields of docs/interop/qcow2.txt of QEMU. QEMU reports any other fault of the image. */
function qcow2Size(header: Buffer, what: string): bigint {
  const length = header.length < 8 ? undefined : { 2: 72, 3: 104 }[header.readUInt32BE(4)];
  if (!isQcow2(header) || length === undefined) {
    throw new Error(`${what}: its image cannot be read: it is not of version 2 or 3 of qcow2`);
  }
  if (header.length < length) throw new Error(`${what}: its image cannot be read: it ends in its header`);
  if (header.readBigUInt64BE(8) !== 0n)
    throw new UnfitImageError(`${what}: its image has a backing file, which is refused`);
  const incompatible = length === 104 ? header.readBigUInt64BE(72) : 0n;
  if (incompatible & 4n) throw new UnfitImageError(`${what}: its image has an external data file, which is refused`);
  if (header.readUInt32BE(32) !== 0)
    throw new UnfitImageError(`${what}: its image is encrypted, which is not supported`);
  return header.readBigUInt64BE(24);
}
