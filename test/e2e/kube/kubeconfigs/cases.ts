import type { KubeconfigCase } from "./builders.ts";
import { clusters } from "./clusters.ts";
import { flags } from "./flags.ts";
import { merging } from "./merging.ts";
import { programs } from "./programs.ts";
import { users } from "./users.ts";

/** All cases, by their title. */
export const kubeconfigCases: Readonly<Record<string, KubeconfigCase>> = Object.fromEntries(
  Object.entries({
    files: merging,
    "a user with": users,
    "a program": programs,
    "a cluster with": clusters,
    "a flag for": flags,
  }).flatMap(([group, cases]) =>
    Object.entries(cases).map(([name, one]) => [group === "files" ? name : `${group} ${name}`, one]),
  ),
);
