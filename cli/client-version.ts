import { readFileSync } from "node:fs";

declare const KUBECTL_VIRT_VERSION: string | undefined;

/** The version of this program: put in by the bundler, else that of the source tree. */
export const clientVersion: string =
  typeof KUBECTL_VIRT_VERSION === "string" ? KUBECTL_VIRT_VERSION : versionOfSource();

function versionOfSource(): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  );
  return `v${version}`;
}
