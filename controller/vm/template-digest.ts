import { createHash } from "node:crypto";
import type { VirtualMachine } from "../../api/resources.ts";

/** A digest of a machine's template: the same for equal templates, in any order of fields. */
export function templateDigest({ spec: { template } }: VirtualMachine): string {
  const { metadata: { labels, annotations } = {}, spec } = template;
  return createHash("sha256")
    .update(JSON.stringify(sorted({ labels, annotations, spec })))
    .digest("hex")
    .slice(0, 16);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}
