import { beforeAll } from "vitest";
import { install } from "../../cluster/install.ts";
import { stepAside } from "../../cluster/installed.ts";
import { progress } from "../../cluster/progress.ts";
import { cluster } from "./cluster.ts";

const quiet = progress({ live: false, quietBelow: Number.POSITIVE_INFINITY });

/** The tests of a file find the add-on installed as users have it, made from this tree. */
export function useAddOn(): void {
  beforeAll(() => install(cluster, quiet));
}

/** The tests of a file run programs from the source tree themselves; an add-on that is installed steps aside. */
export function useSourcesOnly(): void {
  beforeAll(() => stepAside(cluster));
}
