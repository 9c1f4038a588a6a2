import { constants } from "node:fs";
import { open, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";

/** Most bytes that the daemon reads of one volume. The API server accepts no object of more than 1.5 MiB. */
const mostBytes = 4 * 1024 ** 2;

/** The kubelet's link to the folder with the volume's current content. The kubelet switches it atomically. */
const current = "..data";

/**
 * The files, by path, of a volume that the kubelet fills from an API object (Secret, ConfigMap, …). Users choose names
 * and contents; the kubelet makes the links. The daemon reads the link `..data`, and follows no link.
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
  // O_NONBLOCK: a pipe, for example, would block the open.
  await using handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const stat = await handle.stat();
  if (!stat.isFile()) throw new Error(`"${path}" is no file`);
  if (stat.size > most) throw new Error(`"${path}": the volume has more than ${mostBytes} bytes`);
  return await handle.readFile();
}
