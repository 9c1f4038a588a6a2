import { debianPackages } from "../debian.ts";
import { busyboxEntries } from "./busybox.ts";
import type { LayerEntry } from "./layer.ts";
import { beside, type ImageRecipe } from "./recipe.ts";

const accounts: LayerEntry[] = [
  { path: "/etc/passwd", bytes: "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n" },
  { path: "/etc/group", bytes: "root:x:0:\nnogroup:x:65534:\n" },
  { path: "/tmp", folder: true, mode: 0o1777 },
];

/**
 * A shell with busybox's programs, for test pods and for the storage provisioner's helper pod; for any user id.
 *
 * Debian's build of wget ends with a segmentation fault when it is given -T: use `timeout SECONDS wget` instead.
 */
export const toolbox: ImageRecipe = {
  inputs: [import.meta.filename, beside(import.meta, "busybox.ts")],
  async build(step, scratch) {
    await debianPackages(step, scratch, ["busybox-static"]);
    return {
      name: "localhost/toolbox:latest",
      layers: [[...(await busyboxEntries(scratch)), ...accounts]],
      cmd: ["sh"],
      env: { PATH: "/bin:/sbin:/usr/bin:/usr/sbin" },
    };
  },
};
