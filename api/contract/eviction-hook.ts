import { group } from "../group.ts";
import { subresourceGroup } from "../sub-resources.ts";

/** The webhook by which the API server tells the controller of eviction requests. */
export const evictionHook = {
  /** The name of the configuration, and of its one webhook. */
  name: `evictions.${group.name}`,
  /** The resource that the API server calls, in the newest version of the group that we serve. */
  resource: "evictions",
  path: `/apis/${subresourceGroup.name}/v1/evictions`,
  /** The user that calls the webhook: the API server as its own client. No other client can be this user. */
  user: "system:apiserver",
} as const;
