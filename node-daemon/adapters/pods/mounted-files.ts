import { constants } from "node:fs";
import { open, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";

/** Bytes that are read of one volume; the API server takes no object of more than 1.5 MiB. */
const mostBytes = 4 * 1024 ** 2;

/** The kubelet's link to the folder in which the current content of a volume is; it is changed all at once. */
const current = "..data";

/**
 * The files, by their paths, of a volume that the kubelet fills from an object of the API (Secret, ConfigMap, …). Names
 * and contents are strangers', the links are the kubelet's: its one is read, and none is followed.
 */
export async function readMountedFiles(folder: string): Promise<Map<string, Buffer>> {
  const content = await readlink(join(folder, current));
  if (!/^\.\.[^/]+$/.test(content)) throw new Error(`${current} leads out of the volume, to "${content}"`);
  const files = new Map<string, Buffer>();
  let left = mostBytes;
  const walk = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(folder, content, below), { withFileTypes: true })) {
      const path = join(below, entry.name);
      if (entry.isDirectory()) await walk(path);
      else {
        const bytes = await readOne(join(folder, content, path), path, left);
        left -= bytes.length;
        files.set(path, bytes);
      }
    }
  };
  await walk("");
  return files;
}

async function readOne(file: string, path: string, most: number): Promise<Buffer> {
  // What is no file, such as a pipe, is not waited for.
  await using handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const stat = await handle.stat();
  if (!stat.isFile()) throw new Error(`"${path}" is no file`);
  if (stat.size > most) throw new Error(`"${path}": the volume has more than ${mostBytes} bytes`);
  return await handle.readFile();
}
