import { lstat, readdir, readlink, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { TarEntry } from "./tar.ts";

/** One thing in a layer; folders that lead to it need no entry of their own (they are root's, mode 0755). */
export type LayerEntry = {
  /** Absolute, as the container sees it. */
  path: string;
  /** By default 0755 for a folder and 0644 for a file. */
  mode?: number;
  uid?: number;
  gid?: number;
} & (
  | { /** A file of this machine. */ file: string }
  | { /** A file's content. */ bytes: string | Uint8Array }
  | { /** Where a symbolic link points. */ link: string }
  | { folder: true }
);

/**
 * A layer: its entries, or the folder whose whole tree it is, with the modes and owners found there. Of a tree, devices
 * and sockets are left out (a container gets its own /dev), and so are extended attributes.
 */
export type Layer = readonly LayerEntry[] | string;

async function entryToTar(entry: LayerEntry): Promise<TarEntry> {
  const { path, mode, uid = 0, gid = 0 } = entry;
  const name = path.replace(/^\/+/, "");
  const common = { uid, gid, size: 0 };
  if ("folder" in entry) return { header: { ...common, name: `${name}/`, type: "directory", mode: mode ?? 0o755 } };
  if ("link" in entry) return { header: { ...common, name, type: "symlink", linkname: entry.link, mode: 0o777 } };
  const content = "file" in entry ? entry.file : Buffer.from(entry.bytes);
  const size = typeof content === "string" ? (await stat(content)).size : content.length;
  return { header: { ...common, name, type: "file", mode: mode ?? 0o644, size }, content };
}

function withParents(entries: readonly LayerEntry[]): LayerEntry[] {
  const all = new Map<string, LayerEntry>(entries.map((entry) => [entry.path, entry]));
  for (const entry of entries) {
    for (let path = dirname(entry.path); path !== "/"; path = dirname(path)) {
      if (!all.has(path)) all.set(path, { path, folder: true });
    }
  }
  return [...all.values()];
}

async function treeToTar(root: string): Promise<TarEntry[]> {
  // With types: by names alone, Node would descend into linked folders.
  const found = await readdir(root, { recursive: true, withFileTypes: true });
  const names = found.map((entry) => relative(root, join(entry.parentPath, entry.name))).toSorted();
  const entries: TarEntry[] = [];
  const firstNames = new Map<string, string>();
  for (const name of names) {
    const path = join(root, name);
    const stats = await lstat(path);
    const common = { name, uid: stats.uid, gid: stats.gid, size: 0, mode: stats.mode & 0o7777 };
    if (stats.isDirectory()) {
      entries.push({ header: { ...common, name: `${name}/`, type: "directory" } });
    } else if (stats.isSymbolicLink()) {
      entries.push({ header: { ...common, type: "symlink", linkname: await readlink(path) } });
    } else if (stats.isFile()) {
      const inode = `${stats.dev}:${stats.ino}`;
      const linkname = firstNames.get(inode);
      if (linkname !== undefined) entries.push({ header: { ...common, type: "link", linkname } });
      else entries.push({ header: { ...common, type: "file", size: stats.size }, content: path });
      firstNames.set(inode, linkname ?? name);
    }
  }
  return entries;
}

/** The members of a layer's tar file: each after the folder that it is in, and in the same order on every machine. */
export async function layerToTar(layer: Layer): Promise<TarEntry[]> {
  if (typeof layer === "string") return treeToTar(layer);
  const entries = await Promise.all(withParents(layer).map(entryToTar));
  return entries.toSorted((a, b) => (a.header.name < b.header.name ? -1 : 1));
}
