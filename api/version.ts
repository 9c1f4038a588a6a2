import { readFileSync } from "node:fs";

/** The version of our programs: the bundler's value, else that of the source tree. */
export const version: string = process.env.BUILD_VERSION || versionOfSource();

function versionOfSource(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  const { version: number }: { version: string } = JSON.parse(text);
  return `v${number}`;
}
