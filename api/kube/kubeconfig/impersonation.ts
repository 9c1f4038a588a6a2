import type { User } from "./entries.ts";

/** The headers with which the API server treats us as another user. */
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

/** A name in the form for a header; characters that a header's name must not have are escaped as in a URL. */
function escaped(name: string): string {
  return Array.from(Buffer.from(name), (byte) => {
    const letter = String.fromCharCode(byte);
    return /[!#$&'*+\-.^_`|~0-9A-Za-z]/.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}
