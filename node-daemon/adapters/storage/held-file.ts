import { constants, type FileHandle, open } from "node:fs/promises";
import { errorCode } from "../../../api/values/error-code.ts";
import type { HeldFile } from "../../drivers/pods.ts";

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;

/**
 * An open file or folder. Its path leads to the file that was opened, even if its name changes. The path works here,
 * and in the node's mount namespace if the file was reached through that namespace (a bind mount follows it).
 */
export class OpenFile implements HeldFile {
  readonly handle: FileHandle;

  constructor(handle: FileHandle) {
    this.handle = handle;
  }

  get path(): string {
    return `/proc/${process.pid}/fd/${this.handle.fd}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.handle.close();
  }
}

/** Opens a folder for access to its content. Throws when the last part of the path is a link. */
export async function openFolder(path: string): Promise<OpenFile> {
  return new OpenFile(await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
}

/**
 * Opens a file or folder by its path below a folder. The folder's owner may be untrusted, and may change it at any
 * time. So this follows no link and opens only files and folders. Resolves to undefined when there is no such file.
 * Throws when it is something else; the message continues a sentence that begins with the file's name.
 */
export async function openBelow(
  folder: HeldFile,
  path: string,
  flags: number = O_RDONLY,
): Promise<OpenFile | undefined> {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.length === 0 || parts.includes("..")) throw new Error("is no path inside the volume");
  let at: OpenFile | undefined;
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    await using above: OpenFile | undefined = at;
    // O_NONBLOCK: opening a FIFO would wait for its other end.
    at = await openPart(`${(above ?? folder).path}/${part}`, (isLast ? flags : O_RDONLY | O_DIRECTORY) | O_NONBLOCK);
    if (!at) return undefined;
  }
  return at;
}

async function openPart(path: string, flags: number): Promise<OpenFile | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, flags | O_NOFOLLOW);
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT") return undefined;
    if (code === "ELOOP" || code === "ENOTDIR")
      throw new Error("is or follows a link, which is refused", { cause: error });
    throw error;
  }
  const found = await handle.stat();
  if (found.isFile() || found.isDirectory()) return new OpenFile(handle);
  await handle.close();
  throw new Error("is no file");
}
