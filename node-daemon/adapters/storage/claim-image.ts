import { constants, statfs } from "node:fs/promises";
import { qemuUser } from "../../../api/contract/constants.ts";
import type { ImageFormat } from "../../domain-xml/volume.ts";
import type { HeldFile } from "../../drivers/pods.ts";
import type { ClaimDisk } from "../../drivers/storage.ts";
import { errorCode } from "../error-code.ts";
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
 * Opens the disk image of a claim, and makes one where there is none: raw, as large as the claim less
 * what the file system takes. Throws, naming the claim, for an image that guests may not have.
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

/**
 * A disk is KubeVirt's user's on the storage, whichever machine has it, so that others find there what they expect. Nobody
 * but that user and its group needs it.
 */
async function giveToKubeVirt({ handle }: OpenFile): Promise<void> {
  const { uid, mode } = await handle.stat();
  if (uid !== qemuUser) await unlessImpossible(handle.chown(qemuUser, qemuUser));
  if ((await handle.stat()).uid !== qemuUser) return;
  const wanted = (mode & 0o770) | 0o600;
  if ((mode & 0o777) !== wanted) await unlessImpossible(handle.chmod(wanted));
}

/** Some file systems have no owners and no modes, or another server decides on them; QEMU tells when it is kept out. */
async function unlessImpossible(change: Promise<void>): Promise<void> {
  await change.catch((error: unknown) => {
    if (errorCode(error) !== "EPERM") throw error;
  });
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
