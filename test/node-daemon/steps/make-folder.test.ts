import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { versions } from "../../../api/contract/constants.ts";
import { nodeStorage } from "../../../node-daemon/adapters/storage/node-storage.ts";
import { parseUserRange } from "../../../node-daemon/instance/machine-user-range.ts";
import { instancePaths } from "../../../node-daemon/instance/paths.ts";
import type { StepContext } from "../../../node-daemon/steps/context.ts";
import { steps } from "../../../node-daemon/steps/steps.ts";
import { anInstance } from "../an-instance.ts";

let stateFolder: string;

beforeEach(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), "make-folder-"));
});
afterEach(() => rm(stateFolder, { recursive: true, force: true }));

test.runIf(process.getuid?.() === 0)("a folder says of which version it is, and whose", async () => {
  const instance = anInstance();
  const paths = instancePaths(stateFolder, instance.metadata.uid ?? "");
  const { storage } = nodeStorage({ stateFolder, users: parseUserRange("2100000000-2100000009") });
  const context = { instance, paths, drivers: { storage } } as unknown as StepContext;
  await steps["make-folder"](context, { do: "make-folder" });
  const written = JSON.parse(await readFile(join(paths.folder, "vmi.json"), "utf8"));
  expect(written).toEqual({ ...instance, versions });
});
