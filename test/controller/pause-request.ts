import type { DaemonRequest } from "../../api/contract/daemon-request.ts";

/** A request of the controller to a daemon. */
export const pause: DaemonRequest = {
  namespace: "default",
  name: "vm",
  user: "ann",
  action: { kind: "operation", operation: "pause" },
};
