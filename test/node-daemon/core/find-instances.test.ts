import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { nodeStorage } from "../../../node-daemon/adapters/storage/node-storage.ts";
import { findInstances } from "../../../node-daemon/core/find-instances.ts";
import { KnownInstances } from "../../../node-daemon/core/known-instances.ts";
import { storedInstance } from "../../../node-daemon/core/versions.ts";
import type { InstanceIdentity } from "../../../node-daemon/instance/identity.ts";
import { parseUserRange } from "../../../node-daemon/instance/machine-user-range.ts";
import type { Drivers } from "../../../node-daemon/steps/context.ts";
import { anInstance } from "../an-instance.ts";

let root: string;
let stateFolder: string;
let known: KnownInstances;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "look-around-"));
  stateFolder = join(root, "state");
  known = new KnownInstances();
  await mkdir(join(root, "proc/1"), { recursive: true });
  await writeFile(join(root, "proc/1/mountinfo"), "");
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Makes the folder of an instance, with what is in the file that says whose it is. */
async function folder(uid: string, instance: string): Promise<void> {
  await mkdir(join(stateFolder, uid, "disks"), { recursive: true });
  await writeFile(join(stateFolder, uid, "vmi.json"), instance);
}

const identity = (name: string): InstanceIdentity => ({ namespace: "default", name, uid: `uid-of-${name}` });

/** Looks at a node that has these domains. */
async function look(domains: readonly InstanceIdentity[] = []): Promise<void> {
  const hypervisor = { list: async () => domains } as unknown as Drivers["hypervisor"];
  const { storage, notes } = nodeStorage({
    stateFolder,
    users: parseUserRange("2100000000-2100000009"),
    proc: join(root, "proc"),
  });
  await findInstances({ drivers: { hypervisor, storage, notes }, stateFolder, known, log: () => {} });
}

test("what is on the node is found by its domain or its folder, whatever else lies there", async () => {
  await mkdir(join(stateFolder, "lost+found"), { recursive: true });
  // It is too long for the paths of sockets.
  await folder("a".repeat(120), "");
  await folder("uid-of-db", JSON.stringify({ metadata: identity("db") }));
  await look([identity("web")]);
  expect(known.keys()).toEqual(["default/web", "default/db"]);
});

test("a folder of nobody goes, as when the node lost its power while it was made", async () => {
  await folder("uid-of-db", "");
  await look();
  expect(known.keys()).toEqual([]);
  expect(await readdir(stateFolder)).toEqual([]);
});

test("a folder whose domain is there stays, also when nothing in it tells whose it is", async () => {
  await folder("uid-of-db", "");
  await look([identity("db")]);
  expect(await readdir(stateFolder)).toEqual(["uid-of-db"]);
});

test("a folder that a later release has made stays, whatever is in it, and its instance is left alone", async () => {
  const [later, next] = [{ versions: { state: 2, placeholder: 1 } }, { versions: { state: 1, placeholder: 2 } }];
  await folder("uid-of-nobody", JSON.stringify(later));
  await folder("uid-of-db", JSON.stringify({ metadata: identity("db"), ...later }));
  await folder("uid-of-app", JSON.stringify({ metadata: identity("app"), ...next }));
  await look([identity("db")]);
  expect((await readdir(stateFolder)).toSorted()).toEqual(["uid-of-app", "uid-of-db", "uid-of-nobody"]);
  expect(known.laterOf("default/db")?.message).toBe(
    "a later release of the node daemon has started the machine (state folder of version 2, this node daemon knows 1): it is left alone until the node daemon is upgraded",
  );
  expect(known.laterOf("default/app")?.message).toContain("placeholder of version 2");
});

test("a folder of this release, and one of before there were versions, are this daemon's", async () => {
  const kept = { metadata: identity("db") };
  await folder("uid-of-db", JSON.stringify(kept));
  await folder("uid-of-app", JSON.stringify({ ...storedInstance(anInstance()), metadata: identity("app") }));
  await look();
  expect(known.keys().toSorted()).toEqual(["default/app", "default/db"]);
  expect(known.keys().map((key) => known.laterOf(key))).toEqual([undefined, undefined]);
});
