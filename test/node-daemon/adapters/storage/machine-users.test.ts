import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { groupToOpen } from "../../../../node-daemon/adapters/storage/image-access.ts";
import { nodeStorage } from "../../../../node-daemon/adapters/storage/node-storage.ts";
import type { Storage } from "../../../../node-daemon/drivers/storage.ts";
import { parseUserRange } from "../../../../node-daemon/instance/machine-user-range.ts";
import { type InstancePaths, instancePaths } from "../../../../node-daemon/instance/paths.ts";

const isRoot = process.getuid?.() === 0;
const users = parseUserRange("2100000000-2100000004");
let stateFolder: string;
let storage: Storage;

beforeEach(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), "machine-users-"));
  ({ storage } = nodeStorage({ stateFolder, users }));
});
afterEach(() => rm(stateFolder, { recursive: true, force: true }));

const instance = (number: number): InstancePaths => instancePaths(stateFolder, `uid-${number}`);
const userOf = async (paths: InstancePaths): Promise<number | undefined> => (await storage.observe(paths))?.user;

describe.runIf(isRoot)("as root", () => {
  test("machines that are made at once have different users, and each keeps its own", async () => {
    const all = [1, 2, 3, 4, 5].map(instance);
    await Promise.all(all.map((paths) => storage.makeFolder(paths, {})));
    const given = await Promise.all(all.map(userOf));
    expect(new Set(given)).toEqual(new Set([0, 1, 2, 3, 4].map((one) => users.first + one)));
    const { storage: again } = nodeStorage({ stateFolder, users });
    for (const paths of all) await again.makeFolder(paths, {});
    expect(await Promise.all(all.map(userOf))).toEqual(given);
    await expect(storage.makeFolder(instance(6), {})).rejects.toThrow("all users of machines");
  });

  test("a user is given again when all of its machine is gone, and not while a process has it", async () => {
    const all = [1, 2, 3, 4, 5].map(instance);
    for (const paths of all) await storage.makeFolder(paths, {});
    const user = await userOf(instance(3));
    const identity = [`--reuid=${user}`, `--regid=${user}`, "--clear-groups"];
    const child = spawn("setpriv", [...identity, "sh", "-c", "echo up; exec sleep 60"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    await storage.removeFolder(instance(3));
    await expect(storage.makeFolder(instance(6), {})).rejects.toThrow("all users of machines");
    child.kill("SIGKILL");
    await once(child, "exit");
    await storage.makeFolder(instance(6), {});
    expect(await userOf(instance(6))).toBe(user);
  });

  test("machines have the users of the range that the installation names, and no others", async () => {
    const range = parseUserRange("70000-70002");
    const { storage: other } = nodeStorage({ stateFolder, users: range });
    const all = [1, 2, 3].map(instance);
    for (const paths of all) await other.makeFolder(paths, {});
    const given = await Promise.all(all.map(async ({ sockets }) => (await stat(sockets)).uid));
    expect(new Set(given)).toEqual(new Set([70_000, 70_001, 70_002]));
    await expect(other.makeFolder(instance(4), {})).rejects.toThrow("all users of machines, 70000 to 70002, are taken");
  });

  test("a machine that the build before has left half made gets a user of its own", async () => {
    const paths = instance(1);
    for (const folder of [paths.folder, paths.sockets, paths.disks]) await mkdir(folder);
    await chown(paths.sockets, 107, 107);
    expect(await storage.observe(paths)).toMatchObject({ user: undefined });
    expect(await storage.userWithAccess(paths)).toBeUndefined();
    await storage.makeFolder(paths, {});
    expect(users.first <= (await userOf(paths))!).toBe(true);
  });

  test("the folder of a machine is closed to all but its user and root", async () => {
    const paths = instance(1);
    await storage.makeFolder(paths, {});
    const user = await userOf(paths);
    expect(await storage.grantAccess(paths, [])).toEqual({ user, group: user });
    expect(await storage.userWithAccess(paths)).toEqual({ user, group: user });
    const folder = await stat(paths.folder);
    expect([folder.uid, folder.gid, folder.mode & 0o777]).toEqual([0, user, 0o710]);
    const sockets = await stat(paths.sockets);
    expect([sockets.uid, sockets.gid, sockets.mode & 0o777]).toEqual([user, user, 0o700]);
  });

  test.for([
    ["its own", 2_100_000_001, 0o600, true, 2_100_000_001],
    ["its own, read-only", 2_100_000_001, 0o440, false, 2_100_000_001],
    ["everybody's to read", 0, 0o644, false, 2_100_000_001],
    ["KubeVirt's group's", 107, 0o660, true, 107],
    ["KubeVirt's, as CDI makes it", 107, 0o640, true, 107],
    ["KubeVirt's alone", 107, 0o600, true, 107],
  ] as const)("a machine has the group that opens an image which is %s", async ([, owner, mode, writes, group]) => {
    const file = join(stateFolder, "disk.img");
    await writeFile(file, "");
    await chown(file, owner, owner);
    await chmod(file, mode);
    expect(await groupToOpen({ file, what: 'volume "data"', writes }, 2_100_000_001)).toBe(group);
  });

  test("an image that no machine may open is named, with what would open it", async () => {
    const file = join(stateFolder, "disk.img");
    await writeFile(file, "", { mode: 0o600 });
    await expect(groupToOpen({ file, what: 'volume "data"', writes: true }, 2_100_000_001)).rejects.toThrow(
      'volume "data": its image is of mode 0600, and its storage shows it as user 0\'s; group 107 is to be allowed to read and write it',
    );
  });
});
