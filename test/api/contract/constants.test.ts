import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  components,
  daemonTlsFolder,
  holdProgram,
  holdSignals,
  httpsPorts,
  machineContainer,
  podDevicesFolder,
  podFilesFolder,
  qemuUser,
  stateFolder,
} from "../../../api/contract/constants.ts";

const root = join(import.meta.dirname, "../../..");

/** What the two programs could disagree about, as it would be written in a source. */
const values: readonly string[] = [
  `"${components.daemon}"`,
  `"${holdProgram}"`,
  `"${machineContainer}"`,
  ...[daemonTlsFolder, podDevicesFolder, podFilesFolder, stateFolder].map((folder) => `"${folder}`),
  ...[podDevicesFolder, podFilesFolder, stateFolder].map((folder) => `\`${folder}`),
  ...Object.values(holdSignals).map((signal) => `"${signal}"`),
  ...Object.values(httpsPorts).flatMap((port) => [` ${port}`, `(${port})`]),
  ...[" ", "(", "+"].map((before) => `${before}${qemuUser};`),
];

/** The lines of a source that say a value of the contract anew. */
function repeats(source: string): string[] {
  const lines = source.split("\n").filter((line) => !/^\s*(\/?\*|\/\/)/.test(line));
  return lines.filter((line) => values.some((value) => line.includes(value)));
}

test("what controller and daemons rely on of each other is said in one place", async () => {
  const files = globSync("{api,controller,node-daemon,deploy}/**/*.ts", { cwd: root });
  expect(files.length).toBeGreaterThan(200);
  const found: Record<string, string[]> = {};
  for (const file of files.filter((name) => name !== "api/contract/constants.ts")) {
    const lines = repeats(await readFile(join(root, file), "utf8"));
    if (lines.length > 0) found[file] = lines;
  }
  // A unix socket's path has room for as many bytes as QEMU's user has for a number.
  expect(found).toEqual({ "node-daemon/instance/paths.ts": ["const longestSocketPath = 107;"] });
});

test("a value that is said anew is found", () => {
  const source = `const a = 107;\nconst { port = 8187 } = options;\nconst c = "compute";\nconst d = \`${podFilesFolder}/a\`;`;
  expect(repeats(source)).toHaveLength(4);
});
