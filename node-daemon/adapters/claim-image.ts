import { constants, statfs } from "node:fs/promises";
import { qemuUser } from "../../api/contract.ts";
import type { ImageFormat } from "../domain-xml/volume.ts";
import type { ClaimDisk, HeldFile } from "../ports.ts";
import { errorCode } from "./error-code.ts";
import { type OpenFile, openBelow } from "./held-file.ts";
import { inspectImage, isQcow2 } from "./image-info.ts";

/** The disk image in a claim of mode Filesystem; CDI and KubeVirt call it so too. */
const imageName = "disk.img";

/** The share of a claim that its file system takes for itself, in thousandths; KubeVirt's. */
const fileSystemShare = 55n;

/** Disks are of whole blocks. */
const block = 4096n;

/** An image that is held open. */
export interface OpenImage extends AsyncDisposable {
  readonly file: OpenFile;
  readonly format: ImageFormat;
}

/**
 * Opens the disk image of a claim for QEMU's user, and makes one where there is none: raw, as large as the claim less
 * what the file system takes. Throws, naming the claim, for an image that guests may not have.
 */
export async function openClaimImage(folder: HeldFile, disk: ClaimDisk, gid: number): Promise<OpenImage> {
  const what = `PersistentVolumeClaim "${disk.claimName}"`;
  const file = await open(folder, disk.readOnly).catch((cause: unknown) => {
    throw new Error(`${what}: ${imageName}`, { cause });
  });
  if (!file) throw new Error(`${what}: it is read-only and has no ${imageName}`);
  try {
    const { size } = await file.handle.stat();
    if (size === 0 && !disk.readOnly) await file.handle.truncate(Number(await sizeFor(folder, disk, what)));
    if (!disk.readOnly) await giveTo(file, gid);
    return { file, format: await formatOf(file, what), [Symbol.asyncDispose]: () => file[Symbol.asyncDispose]() };
  } catch (error) {
    await file.handle.close();
    throw error;
  }
}

async function open(folder: HeldFile, readOnly: boolean): Promise<OpenFile | undefined> {
  const { O_RDONLY, O_RDWR, O_CREAT } = constants;
  return openBelow(folder, imageName, readOnly ? O_RDONLY : O_RDWR | O_CREAT);
}

/** What is asked for may be more than there is: where volumes are plain folders, nothing bounds them. */
async function sizeFor(folder: HeldFile, { bytes }: ClaimDisk, what: string): Promise<bigint> {
  if (bytes === undefined) throw new Error(`${what}: its size is not known yet`);
  const { bavail, bsize } = await statfs(folder.path, { bigint: true });
  const wanted = (bytes * (1000n - fileSystemShare)) / 1000n;
  const free = bavail * bsize;
  const size = ((wanted < free ? wanted : free) / block) * block;
  if (size === 0n) throw new Error(`${what}: there is no room for ${imageName}`);
  return size;
}

async function giveTo({ handle }: OpenFile, gid: number): Promise<void> {
  const { uid, mode } = await handle.stat();
  if (uid !== qemuUser) {
    await handle.chown(qemuUser, gid).catch((error: unknown) => {
      // Some file systems have no owners; QEMU tells when it is kept out.
      if (errorCode(error) !== "EPERM") throw error;
    });
  }
  if ((mode & 0o600) !== 0o600) await handle.chmod((mode & 0o777) | 0o600);
}

/**
 * Raw, unless it begins as qcow2 does. It is not left to QEMU to guess among its other formats: a guest writes what it
 * likes into a raw disk.
 */
async function formatOf({ handle, path }: OpenFile, what: string): Promise<ImageFormat> {
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
  if (!isQcow2(buffer)) return "raw";
  return (await inspectImage(path, what, "qcow2")).format;
}
