import { StatusError } from "../../api/serving/status-error.ts";
import type { ServerBackend } from "../server/backend.ts";
import type { ServedInstances } from "./served-instances.ts";

/** The server's backend from the start. Until `served` returns instances, requests for them get status 503. */
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
