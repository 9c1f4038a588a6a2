import { StatusError } from "../../api/serving/status-error.ts";
import type { ServerBackend } from "../server/backend.ts";
import type { ServedInstances } from "./served-instances.ts";

/** What the server stands on from the start, before there is anything that its instances are served with. */
export function laterBackend(
  served: () => ServedInstances | undefined,
  health: Pick<ServerBackend, "healthy" | "ready">,
): ServerBackend {
  const now = (): ServedInstances => {
    const backend = served();
    if (!backend) throw new StatusError(503, "libvirt has not been reached yet on this node");
    return backend;
  };
  return {
    get instances() {
      return now().instances;
    },
    get operations() {
      return now().operations;
    },
    get screenshots() {
      return now().screenshots;
    },
    ...health,
  };
}
