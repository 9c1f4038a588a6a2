import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  components,
  daemonTlsFolder,
  defaultGracePeriod,
  holdProgram,
  holdSignals,
  httpsPorts,
  machineContainer,
  podDevicesFolder,
  podFilesFolder,
  qemuUser,
  stateFolder,
  teardownSeconds,
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

/** The numbers of seconds in a guest's end. They are common numbers, so only lines about such an end count. */
const periods = new RegExp(
  `\\b(${[defaultGracePeriod, teardownSeconds, defaultGracePeriod + teardownSeconds].join("|")})\\b`,
);

/** The lines of a source that say a value of the contract anew. */
function repeats(source: string): string[] {
  const lines = source.split("\n").filter((line) => !/^\s*(\/?\*|\/\/)/.test(line));
  return lines.filter(
    (line) => values.some((value) => line.includes(value)) || (/grace|teardown/i.test(line) && periods.test(line)),
  );
}

/** The lines that may name such a value, as they mean something else or must not change. */
const exceptions = {
  // The time that the daemon itself has to end; guests go on.
  "deploy/objects/node-daemon.ts": ["          terminationGracePeriodSeconds: 15,"],
  // A unix socket's path has room for as many bytes as QEMU's user has for a number.
  "node-daemon/instance/paths.ts": ["const longestSocketPath = 107;"],
  // The caches of images have the content of these recipes in their names.
  "cluster/images/container-disk.ts": ["const qemu = 107;"],
  "cluster/images/hold.ts": [
    '      layers: [[{ path: "/hold", file: program, mode: 0o555 }]],',
    '      entrypoint: ["/hold"],',
  ],
};

test("what controller and daemons rely on of each other is said in one place", async () => {
  const files = globSync("{api,cli,cluster,controller,node-daemon,deploy}/**/*.ts", { cwd: root });
  expect(files.length).toBeGreaterThan(200);
  const found: Record<string, string[]> = {};
  for (const file of files.filter((name) => name !== "api/contract/constants.ts")) {
    const lines = repeats(await readFile(join(root, file), "utf8"));
    if (lines.length > 0) found[file] = lines;
  }
  expect(found).toEqual(exceptions);
});

test("a value that is said anew is found", () => {
  const source = `const a = 107;\nconst { port = 8187 } = options;\nconst c = "compute";\nconst d = \`${podFilesFolder}/a\`;`;
  expect(repeats(source)).toHaveLength(4);
  expect(repeats("const teardown = 15;\nconst gracePeriod = seconds ?? 30;\nconst minutes = 30;")).toHaveLength(2);
});
