import { beforeAll } from "vitest";
import { install } from "../../cluster/install.ts";
import { stopInstalled } from "../../cluster/installed.ts";
import { progress } from "../../cluster/progress.ts";
import { cluster } from "./cluster.ts";

const quiet = progress({ live: false, quietBelow: Number.POSITIVE_INFINITY });

/** Installs the add-on from this tree, as users do, for the tests of a file. */
export function useAddOn(): void {
  beforeAll(() => install(cluster, quiet));
}

/** Ends the programs of an installed add-on, for the tests of a file that run programs from the source tree. */
export function useSourcesOnly(): void {
  beforeAll(() => stopInstalled(cluster));
}
