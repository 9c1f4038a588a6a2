import { fileURLToPath } from "node:url";
import { bundle } from "../../cli/bundle.ts";

const folder = fileURLToPath(new URL("../../dist/bin", import.meta.url));

/** `kubectl-virt`, made from this tree, in a folder that kubectl finds it in when it is in the PATH. */
export const plugin = {
  folder,
  make: (): Promise<string> => bundle(folder),
};
