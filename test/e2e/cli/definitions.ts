import { join } from "node:path";
import { cluster } from "../cluster.ts";

/** Has the API server know the kinds of virtual machines. */
export async function establishDefinitions(): Promise<void> {
  await cluster.kubectl(["apply", "--filename", join(import.meta.dirname, "../../../deploy/manifests/crds")]);
  await cluster.kubectl(["wait", "crd", "--all", "--for=condition=Established", "--timeout=120s"]);
}
