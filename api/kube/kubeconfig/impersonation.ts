import type { User } from "./entries.ts";

/** The headers by which the API server takes us for somebody else. */
export function impersonation({ as, asUid, asGroups = [], asUserExtra = {} }: User): Record<string, string | string[]> {
  if (!as) return {};
  const extra = Object.entries(asUserExtra).map(([name, values]) => [`impersonate-extra-${escaped(name)}`, values]);
  return {
    "impersonate-user": as,
    ...(asUid ? { "impersonate-uid": asUid } : {}),
    ...(asGroups.length > 0 ? { "impersonate-group": asGroups } : {}),
    ...Object.fromEntries(extra),
  };
}

/** A name as a header's may hold it: what it may not is escaped as in a URL. */
function escaped(name: string): string {
  return Array.from(Buffer.from(name), (byte) => {
    const letter = String.fromCharCode(byte);
    return /[!#$&'*+\-.^_`|~0-9A-Za-z]/.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}
