import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type NodeStorage, nodeStorage } from "../../../../node-daemon/adapters/storage/node-storage.ts";
import { parseUserRange } from "../../../../node-daemon/instance/machine-user-range.ts";
import { type InstancePaths, instancePaths } from "../../../../node-daemon/instance/paths.ts";

let stateFolder: string;
let storage: NodeStorage["storage"];
let disks: NodeStorage["disks"];
let notes: NodeStorage["notes"];
let paths: InstancePaths;

beforeEach(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), "node-storage-"));
  ({ storage, disks, notes } = nodeStorage({ stateFolder, users: parseUserRange("2100000000-2100000009") }));
  paths = instancePaths(stateFolder, "0a9f4c1e-8d3b-4c57-9b53-0d6f1e2a7c44");
  await mkdir(paths.folder);
});
afterEach(() => rm(stateFolder, { recursive: true, force: true }));

test("there is room when it is behind all of the files that are asked for", async () => {
  const roomy = import.meta.filename;
  // A file system that has no blocks at all.
  const full = "/proc/version";
  expect(await disks.hasRoom([roomy])).toBe(true);
  expect(await disks.hasRoom([roomy, full])).toBe(false);
  expect(await disks.hasRoom([roomy, join(stateFolder, "absent")])).toBe(false);
});

test("folders are instances' whose names can be uids", async () => {
  for (const name of ["lost+found", ".previous-logs", ".snapshot"]) await mkdir(join(stateFolder, name));
  await writeFile(join(stateFolder, "notes"), "");
  expect(await storage.list()).toEqual(["0a9f4c1e-8d3b-4c57-9b53-0d6f1e2a7c44"]);
});

test("the folders of machines that the build before has made are closed to the users of others", async () => {
  await chmod(paths.folder, 0o711);
  await storage.list();
  expect((await stat(paths.folder)).mode & 0o777).toBe(0o710);
});

test("a log that cannot be removed keeps no instance from being found", async () => {
  const previous = join(stateFolder, ".previous-logs");
  await mkdir(previous);
  for (let log = 0; log <= 50; log += 1) await mkdir(join(previous, `${log}.log`));
  expect(await storage.list()).toHaveLength(1);
});

// A name can be on the disk before its content is.
test.for(["", "\0\0\0\0", '{"phase":"Succ'])(
  "files that a loss of power has left as %j are written anew",
  async (left) => {
    for (const file of [paths.instance, paths.stopping, paths.ended, paths.links]) await writeFile(file, left);
    expect(await notes.readInstance(paths)).toBeUndefined();
    expect(await storage.observe(paths)).toMatchObject({ stopping: undefined, ended: undefined, links: undefined });
    const stopping = { boot: "22993a3f-ec9c-483d-8608-cb3e28f72dcf", since: 926_730 };
    await notes.noteStop(paths, stopping);
    const ending = { phase: "Failed", message: "The node lost its power." } as const;
    await notes.markEnded(paths, ending);
    await notes.markEnded(paths, { phase: "Succeeded", message: "" });
    const links = [{ device: "eth0", mac: "02:00:00:00:00:01", mtu: 1500, addresses: [], routes: [] }];
    await notes.keepLinks(paths, links);
    await notes.keepLinks(paths, []);
    expect(await storage.observe(paths)).toMatchObject({ stopping, ended: ending, links });
    expect(JSON.parse(await readFile(paths.links, "utf8"))).toEqual(links);
  },
);
