import { StatusError } from "../api/status-error.ts";
import type { ServerPorts } from "./server/ports.ts";
import type { ServedInstances } from "./server-ports.ts";

/** What the server stands on from the start, before there is anything that its instances are served with. */
export function laterPorts(
  served: () => ServedInstances | undefined,
  health: Pick<ServerPorts, "healthy" | "ready">,
): ServerPorts {
  const now = (): ServedInstances => {
    const ports = served();
    if (!ports) throw new StatusError(503, "libvirt has not been reached yet on this node");
    return ports;
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
