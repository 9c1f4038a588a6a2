import { join } from "node:path";
import { execa } from "execa";
import { debianPackages } from "../debian.ts";
import type { LayerEntry } from "./layer.ts";
import type { ImageRecipe } from "./recipe.ts";

const accounts: LayerEntry[] = [
  { path: "/etc/passwd", bytes: "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n" },
  { path: "/etc/group", bytes: "root:x:0:\nnogroup:x:65534:\n" },
  { path: "/tmp", folder: true, mode: 0o1777 },
];

/** A shell with busybox's programs, for test pods and for the storage provisioner's helper pod; for any user id. */
export const toolbox: ImageRecipe = {
  inputs: [import.meta.filename],
  async build(step, scratch) {
    await debianPackages(step, scratch, ["busybox-static"]);
    const busybox = join(scratch, "bin/busybox");
    const { stdout } = await execa(busybox, ["--list-full"]);
    const links = stdout.split("\n").filter((path) => path !== "bin/busybox" && path !== "linuxrc");
    return {
      name: "localhost/toolbox:latest",
      layers: [
        [
          { path: "/bin/busybox", file: busybox, mode: 0o755 },
          ...links.map((path): LayerEntry => ({ path: `/${path}`, link: "/bin/busybox" })),
          ...accounts,
        ],
      ],
      cmd: ["sh"],
      env: { PATH: "/bin:/sbin:/usr/bin:/usr/sbin" },
    };
  },
};
