import { group } from "../group.ts";
import { subresourceGroup } from "../sub-resources.ts";

/** By which the API server tells of evictions that are asked for. */
export const evictionHook = {
  /** The name of the configuration, and of the one webhook in it. */
  name: `evictions.${group.name}`,
  /** What it asks, in the newest version of the group that we serve. */
  resource: "evictions",
  path: `/apis/${subresourceGroup.name}/v1/evictions`,
  /** Who asks, and nobody else can: the API server when it is its own client. */
  user: "system:apiserver",
} as const;
