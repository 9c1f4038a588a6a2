import { join } from "node:path";
import { execa } from "execa";
import type { LayerEntry } from "./layer.ts";

/** The static busybox of a root folder, with a link for each of its programs. */
export async function busyboxEntries(root: string): Promise<LayerEntry[]> {
  const busybox = join(root, "bin/busybox");
  const { stdout } = await execa(busybox, ["--list-full"]);
  const links = stdout.split("\n").filter((path) => path !== "bin/busybox" && path !== "linuxrc");
  return [
    { path: "/bin/busybox", file: busybox, mode: 0o755 },
    ...links.map((path): LayerEntry => ({ path: `/${path}`, link: "/bin/busybox" })),
  ];
}
