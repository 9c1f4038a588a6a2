import { readdirSync } from "node:fs";

/** Folders whose tests use the installed add-on. They come last, so that few reinstallations happen between them. */
export const withAddOn: ReadonlySet<string> = new Set(["main-path", "security"]);

/** Folders whose tests mostly emulate guests. */
export const withGuests: ReadonlySet<string> = new Set([
  "network",
  "node-daemon",
  "node-libvirt",
  "storage",
  "upgrade",
  ...withAddOn,
]);

/** All other folders: their tests mostly wait, and leave the processor to guests. */
export function waiting(): string[] {
  const entries = readdirSync(import.meta.dirname, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && !withGuests.has(entry.name)).map(({ name }) => name);
}
