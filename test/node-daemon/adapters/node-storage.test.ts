import { expect, test } from "vitest";
import { NodeStorage } from "../../../node-daemon/adapters/node-storage.ts";

test("there is room when it is behind all of the files that are asked for", async () => {
  const storage = new NodeStorage({ stateFolder: "/nonexistent", gid: 0 });
  const roomy = import.meta.filename;
  // A file system that has no blocks at all.
  const full = "/proc/version";
  expect(await storage.hasRoom([roomy])).toBe(true);
  expect(await storage.hasRoom([roomy, full])).toBe(false);
});
