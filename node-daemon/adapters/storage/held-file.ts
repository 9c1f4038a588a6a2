import { constants, type FileHandle, open } from "node:fs/promises";
import type { HeldFile } from "../../drivers/pods.ts";
import { errorCode } from "../error-code.ts";

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;

/**
 * An open file or folder. Its path leads to the very file that was opened, whatever is done to its name meanwhile: here,
 * and in the node's mount namespace where the file was reached through that (a bind mount follows it).
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

/** Opens a folder for what is below it. Throws when its last part is a link. */
export async function openFolder(path: string): Promise<OpenFile> {
  return new OpenFile(await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
}

/**
 * Opens a file or folder below a folder, by a path in it. Who fills the folder may be a stranger, who may also change it
 * at any time: no link is followed, and nothing but files and folders is opened. Resolves to undefined when there is no
 * such file; throws, in words that go on after the file's name, when it is something else.
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
    // A FIFO would have us wait for its other end.
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
