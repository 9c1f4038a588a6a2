import { constants, statfs } from "node:fs/promises";
import { qemuUser } from "../../../api/contract/constants.ts";
import { errorCode } from "../../../api/values/error-code.ts";
import type { ImageFormat } from "../../domain-xml/volume.ts";
import type { ClaimDisk } from "../../drivers/disks.ts";
import type { HeldFile } from "../../drivers/pods.ts";
import { type OpenFile, openBelow } from "./held-file.ts";
import { inspectImage, isQcow2 } from "./image-info.ts";

/** The disk image in a claim of mode Filesystem. CDI and KubeVirt use the same name. */
const imageName = "disk.img";

/** The file system's own share of a claim, in thousandths. KubeVirt uses the same share. */
const fileSystemShare = 55n;

/** The size of a disk is a multiple of this block size, in bytes. */
const block = 4096n;

/** A disk image that the daemon holds open. */
export interface OpenImage extends AsyncDisposable {
  readonly file: OpenFile;
  readonly format: ImageFormat;
}

/**
 * Opens the disk image of a claim. Creates one if the claim has none: raw, as large as the claim minus the file
 * system's share. Throws, naming the claim, for an image that guests may not use.
 */
export async function openClaimImage(folder: HeldFile, disk: ClaimDisk): Promise<OpenImage> {
  const what = `PersistentVolumeClaim "${disk.claimName}"`;
  const file = await open(folder, disk.readOnly).catch((cause: unknown) => {
    throw new Error(`${what}: ${imageName}`, { cause });
  });
  if (!file) throw new Error(`${what}: it is read-only and has no ${imageName}`);
  try {
    const { size } = await file.handle.stat();
    if (size === 0 && !disk.readOnly) await file.handle.truncate(Number(await sizeFor(folder, disk, what)));
    if (!disk.readOnly) await giveToKubeVirt(file);
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

/** The size of the new image. The claim may ask for more than exists: plain folders as volumes have no limit. */
async function sizeFor(folder: HeldFile, { bytes }: ClaimDisk, what: string): Promise<bigint> {
  if (bytes === undefined) throw new Error(`${what}: its size is not known yet`);
  const { bavail, bsize } = await statfs(folder.path, { bigint: true });
  const wanted = (bytes * (1000n - fileSystemShare)) / 1000n;
  const free = bavail * bsize;
  const size = ((wanted < free ? wanted : free) / block) * block;
  if (size === 0n) throw new Error(`${what}: there is no room for ${imageName}`);
  return size;
}

/**
 * Gives a disk to KubeVirt's user on the storage, whichever machine uses it, so that other software finds the owner
 * that it expects. Only that user and its group need access.
 */
async function giveToKubeVirt({ handle }: OpenFile): Promise<void> {
  const { uid, mode } = await handle.stat();
  if (uid !== qemuUser) await unlessImpossible(handle.chown(qemuUser, qemuUser));
  if ((await handle.stat()).uid !== qemuUser) return;
  const wanted = (mode & 0o770) | 0o600;
  if ((mode & 0o777) !== wanted) await unlessImpossible(handle.chmod(wanted));
}

/** Some file systems have no owners or modes, or a server sets them. QEMU reports an error if it has no access. */
async function unlessImpossible(change: Promise<void>): Promise<void> {
  await change.catch((error: unknown) => {
    if (errorCode(error) !== "EPERM") throw error;
  });
}

/**
 * The format is raw, unless the image begins with qcow2's magic. QEMU must not guess among its other formats: a guest
 * writes anything into a raw disk.
 */
async function formatOf({ handle, path }: OpenFile, what: string): Promise<ImageFormat> {
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
  if (!isQcow2(buffer)) return "raw";
  return (await inspectImage(path, what, "qcow2")).format;
}
