import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../../../..");
let folder: string;
let showAs: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "shown-claims-"));
  await chmod(folder, 0o755);
  showAs = join(folder, "show-as");
  await execa(join(root, "deploy/images/show-as/build.sh"), [showAs]);
});
beforeEach(async () => {
  for (const name of ["state", "claim", "lower", "upper", "work"]) {
    await rm(join(folder, name), { recursive: true, force: true });
    await mkdir(join(folder, name));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Storage that, as NFS, can show its files to no other user. */
const stubborn = "mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay claim";

interface Seen {
  readonly user: number;
  readonly group: number;
  /** `owner:group mode`, as QEMU sees it, where it is stored, and there once the machine is gone. */
  readonly shown: string;
  readonly stored: string;
  readonly left: string;
  /** What the user that is next to the machine's is told when it opens what the machine has. */
  readonly others: string;
}

/** Gives a machine a claim in whose folder a script has been, where node is process 1 and its mounts are its own. */
async function withClaim(script: string, readOnly = false): Promise<Seen> {
  const module = `
    import { execFileSync } from "node:child_process";
    import { openFolder } from "${root}/node-daemon/adapters/storage/held-file.ts";
    import { nodeStorage } from "${root}/node-daemon/adapters/storage/node-storage.ts";
    import { instancePaths } from "${root}/node-daemon/instance/paths.ts";

    const users = { first: 2100000000, last: 2100000009 };
    const { storage, disks } = nodeStorage({ stateFolder: "${folder}/state", users, showAs: "${showAs}" });
    const paths = instancePaths("${folder}/state", "uid");
    await storage.makeFolder(paths, {});
    const claim = await openFolder("${folder}/claim");
    await disks.showClaim(paths, "data", claim, { claimName: "data", readOnly: ${readOnly}, bytes: 1n << 20n });
    const { file } = (await storage.observe(paths)).claims.get("data");
    const { user, group } = await storage.grantAccess(paths, [{ file, what: "the claim", writes: ${!readOnly} }]);
    const sh = (as, script) => execFileSync("setpriv",
      ["--reuid=" + as, "--regid=" + as, "--clear-groups", "sh", "-c", script + " 2>&1 || true"], { encoding: "utf8" }).trim();
    const look = (path) => sh(0, "stat -c '%u:%g %a' " + path);
    const stored = "${folder}/claim/disk.img";
    const seen = { user, group, shown: look(file), stored: look(stored), others: sh(user + 1, "cat " + file) };
    execFileSync("setpriv", ["--reuid=" + user, "--regid=" + group, "--clear-groups", "sh", "-c",
      "${readOnly ? "cat" : "echo written 1<>"} " + file], { stdio: "ignore" });
    await claim[Symbol.asyncDispose]();
    await storage.removeFolder(paths);
    console.log(JSON.stringify({ ...seen, left: look(stored) }));`;
  const node = [process.execPath, "--input-type=module-typescript", "--eval", module];
  const shell = ["sh", "-ec", `cd ${folder}\n${script}\nexec "$@"`, "sh"];
  const { stdout } = await execa("unshare", ["--mount", "--pid", "--fork", "--mount-proc", ...shell, ...node]);
  return JSON.parse(stdout) as Seen;
}

describe.runIf(process.getuid?.() === 0)("a disk on a claim", () => {
  test("is its machine's alone, and KubeVirt's where it is stored, whoever had it before", async () => {
    for (const before of [
      "",
      "truncate -s 1M claim/disk.img",
      "truncate -s 1M claim/disk.img; chown 107:107 claim/disk.img",
    ]) {
      const { user, group, shown, stored, left, others } = await withClaim(before);
      expect(group).toBe(user);
      expect(shown).toBe(`${user}:${user} 640`);
      expect([stored, left]).toEqual(["107:107 640", "107:107 640"]);
      expect(others).toContain("Permission denied");
    }
  });

  test("is its machine's to read where it is read-only, and is left as it is", async () => {
    const { user, group, shown, left } = await withClaim(
      "echo disk > claim/disk.img; chown 107:107 claim/disk.img; chmod 400 claim/disk.img",
      true,
    );
    expect(group).toBe(user);
    expect([shown, left]).toEqual([`${user}:${user} 400`, "107:107 400"]);
  });

  test("is KubeVirt's group's where its storage can show it to no other user, and to that the machine belongs", async () => {
    for (const before of [stubborn, `${stubborn}; truncate -s 1M claim/disk.img; chown 107:107 claim/disk.img`]) {
      const { group, shown, stored, left, others } = await withClaim(before);
      expect(group).toBe(107);
      expect([shown, stored, left]).toEqual(["107:107 660", "107:107 660", "107:107 660"]);
      expect(others).toContain("Permission denied");
    }
  });

  test("that anybody may read is read by a machine without KubeVirt's group", async () => {
    const { user, group } = await withClaim(`${stubborn}; echo disk > claim/disk.img; chmod 644 claim/disk.img`, true);
    expect(group).toBe(user);
  });
});
