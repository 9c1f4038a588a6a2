import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { inNamespace } from "../../in-namespace.ts";

const uid = "0a9f4c1e-8d3b-4c57-9b53-0d6f1e2a7c44";
let folder: string;
let claim: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dead-storage-"));
  const disks = join(folder, "state", uid, "disks");
  claim = join(disks, "data.claim.raw");
  await mkdir(disks, { recursive: true });
  await writeFile(claim, "");
  await mkdir(join(folder, "proc"));
  await symlink("/proc/self", join(folder, "proc/1"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Mounts, as the file of a claim, a file system of which nobody answers: whoever asks for the file waits for ever. */
const dead = (): string => `exec 3<>/dev/fuse
  mount -i -t fuse -o fd=3,rootmode=100000,user_id=0,group_id=0 dead ${claim}`;

test("an instance is looked at without asking the storage of its claims, which may not answer", async () => {
  const output = await inNamespace(
    dead(),
    `import { nodeStorage } from "@/node-daemon/adapters/storage/node-storage.ts";
    import { instancePaths } from "@/node-daemon/instance/paths.ts";

    const { storage } = nodeStorage({ stateFolder: "${folder}/state", users: { first: 2100000000, last: 2100000009 }, proc: "${folder}/proc" });
    const { claims } = await storage.observe(instancePaths("${folder}/state", "${uid}"));
    console.log(JSON.stringify([...claims]));`,
  );
  expect(JSON.parse(output)).toEqual([["data", { file: claim, format: "raw", block: false }]]);
});

test("a device is looked for among the disks without asking the storage of claims", async () => {
  const output = await inNamespace(
    dead(),
    `import { findNode } from "@/node-daemon/adapters/storage/device-nodes.ts";

    const found = await findNode("${folder}/state", { major: 7, minor: 0 }, new Set(["${claim}"]));
    console.log(found ?? "none");`,
  );
  expect(output).toBe("none");
});
