import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dropOldLogs, keepLog } from "../../../../node-daemon/adapters/storage/previous-logs.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "previous-logs-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("the end of a log is kept over its rotations, in place of the one before", async () => {
  const log = join(folder, "serial0.log");
  const kept = join(folder, "kept", "machine.log");
  await keepLog(log, kept);
  await expect(readdir(join(folder, "kept"))).rejects.toThrow("ENOENT");
  await writeFile(`${log}.1`, Buffer.alloc(1024 ** 2, "a"));
  await writeFile(log, "the end");
  await keepLog(log, kept);
  const text = await readFile(kept, "utf8");
  expect(text).toHaveLength(1024 ** 2);
  expect(text.endsWith("aaathe end")).toBe(true);
  await writeFile(log, "another");
  await rm(`${log}.1`);
  await keepLog(log, kept);
  expect(await readFile(kept, "utf8")).toBe("another");
});

test("logs that are too many or too old are dropped", async () => {
  for (let number = 0; number < 60; number += 1) {
    const path = join(folder, `${number}.log`);
    await writeFile(path, "");
    await utimes(path, 1_000_000 + number, 1_000_000 + number);
  }
  await dropOldLogs(folder, 1_000_060_000);
  const left = await readdir(folder);
  expect(left).toHaveLength(50);
  expect(left).not.toContain("9.log");
  await dropOldLogs(folder, 1_000_060_000 + 2 * 86_400_000);
  expect(await readdir(folder)).toEqual([]);
  await dropOldLogs(join(folder, "missing"));
});
